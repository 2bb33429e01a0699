"""The business side: money, plans, refunds and the end of a service. Rules are pure code; `billing` and
`sunset_desk` alone store what was decided. Nothing in here is known to whatever records or shows footage."""
