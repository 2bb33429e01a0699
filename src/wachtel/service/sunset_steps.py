"""The order in which a service ends with honour; no step can be left out, and each has its day and its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.words import Words


class Step(StrEnum):
    """In this order."""

    ANNOUNCED = "announced"
    EXPORT_READY = "export_ready"
    HANDED_OVER = "handed_over"
    REFUNDS_PREPARED = "refunds_prepared"
    PAID = "paid"
    ENDED = "ended"


ORDER = tuple(Step)

WORDS = {
    Step.ANNOUNCED: Words("Das Ende ist angekündigt.", "The end is announced."),
    Step.EXPORT_READY: Words("Alle können ihre Daten mitnehmen.", "Everybody can take their data along."),
    Step.HANDED_OVER: Words("Daten und Schlüssel sind übergeben.", "Data and keys are handed over."),
    Step.REFUNDS_PREPARED: Words(
        "Die Erstattungen sind für alle berechnet.", "The refunds are computed for everybody."
    ),
    Step.PAID: Words("Alle Erstattungen sind gezahlt.", "All refunds are paid."),
    Step.ENDED: Words("Der Dienst ist beendet.", "The service has ended."),
}


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was taken."""

    step: Step
    on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What must be true before the later steps: subscriptions without a computed refund, refunds not yet paid out."""

    today: date
    ends_on: date
    without_refund: int = 0
    unpaid: int = 0


def next_step(done: Sequence[Done]) -> Step | None:
    """What comes next, None when the service has ended."""
    return ORDER[len(done)] if len(done) < len(ORDER) else None


def advance(done: Sequence[Done], step: Step, evidence: str, facts: Facts) -> Done:
    """The step as it will be written down. Raises `WachtelError` (conflict) when it is not its turn or something is
    missing, (invalid) without evidence."""
    wanted = next_step(done)
    if step is not wanted:
        turn = "The service has ended." if wanted is None else f"The next step is {wanted.value}."
        raise WachtelError(ErrorKind.CONFLICT, f"It is not the turn of {step.value}.", hint=turn)
    if not evidence.strip():
        raise WachtelError(
            ErrorKind.INVALID,
            "A step needs evidence.",
            hint="Say what proves it: where the exports are, how the keys were handed over, the bank's reference.",
            details={"field": "evidence"},
        )
    if done and facts.today < done[-1].on:
        raise WachtelError(ErrorKind.CONFLICT, "That day lies before the last step.")
    _check(step, facts)
    return Done(step, facts.today, evidence.strip())


def _check(step: Step, facts: Facts) -> None:
    if step in (Step.REFUNDS_PREPARED, Step.PAID, Step.ENDED) and facts.without_refund:
        raise _missing(f"The refund of {_counted(facts.without_refund, 'subscription')} is not computed yet.")
    if step in (Step.PAID, Step.ENDED) and facts.unpaid:
        raise _missing(f"{_counted(facts.unpaid, 'refund')} not paid yet.")
    if step is Step.ENDED and facts.today < facts.ends_on:
        raise _missing(f"The service was promised until {facts.ends_on}.")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _missing(what: str) -> WachtelError:
    return WachtelError(ErrorKind.CONFLICT, what, hint="See `wachtel sunset show`.")
