"""What a rule would have done with the events of past days. Nothing is switched and nothing is stored."""

from collections.abc import Iterable
from dataclasses import replace

from wachtel.automation.rule_causes import began, ended
from wachtel.automation.rules import Cause, Outcome, RuleEngine, SiteFacts
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.event import Event
from wachtel.model.rule import NEVER, Rule

STEP_US = 60 * US_PER_S


def rehearse(rule: Rule, facts: SiteFacts, events: Iterable[Event], start: WallUs, end: WallUs) -> Outcome:
    """Orders and notes between two moments, oldest first.

    The site counts as armed as ``facts`` say all the time, and sensors as unknown: of those nothing is kept.
    """
    rule = replace(rule, hears_from=NEVER, enabled=True)
    engine = RuleEngine({rule.site: facts}, [rule], [], start, start)
    outcome = Outcome()
    steps = sorted(_steps(rule, events, start, end), key=lambda step: step[0])
    looked = start
    for at, cause in steps:
        _pass(engine, looked, at, outcome)
        looked = at
        _take(engine, cause, at, outcome)
    _pass(engine, looked, end, outcome)
    return outcome


def _steps(rule: Rule, events: Iterable[Event], start: WallUs, end: WallUs) -> list[tuple[WallUs, Cause]]:
    steps = []
    for event in events:
        if event.site == rule.site and start <= event.reported <= end:
            steps.append((event.reported, began(replace(event, end=None))))
            if event.end is not None and event.end <= end:
                steps.append((max(event.end, event.reported), ended(event)))
    return steps


def _take(engine: RuleEngine, cause: Cause, at: WallUs, outcome: Outcome) -> None:
    _add(outcome, engine.happened(cause, at))
    if cause.id.endswith(".ended"):
        engine.over(cause.event, cause.at)


def _pass(engine: RuleEngine, start: WallUs, end: WallUs, outcome: Outcome) -> None:
    """Lets time go by in steps of a minute."""
    at = start
    while at < end:
        at = WallUs(min(at + STEP_US, end))
        _add(outcome, engine.tick(at))


def _add(outcome: Outcome, more: Outcome) -> None:
    outcome.orders += more.orders
    outcome.notes += more.notes
