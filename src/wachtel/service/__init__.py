"""The business side: money and refunds as pure code; files and databases are other layers' work."""
