"""What a subscriber is told before hosted extras end or a plan renews: 30, 7 and 1 days before, in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from wachtel.service.money import Money
from wachtel.service.plans import PlanOffer
from wachtel.service.subscriptions import Ending, Standing, State
from wachtel.service.words import Words, day_words, days_words, money_words

DAYS_BEFORE = (30, 7, 1)

LOCAL = Words(
    "Ihre Kameras zeichnen weiter auf, und alle Aufnahmen bei Ihnen bleiben; nur die Dienste des Betreibers enden.",
    "Your cameras go on recording, and all footage at your place stays; only the operator's services end.",
)

_WHY = {
    Ending.CANCELLED: Words("weil es gekündigt ist", "because it was cancelled"),
    Ending.UNPAID: Words("weil eine Rechnung offen ist", "because a charge is not paid"),
    Ending.SUNSET: Words("weil der Betreiber den Dienst beendet", "because the operator ends the service"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """To be told on ``on``; ``key`` is the same whenever it is computed again."""

    kind: Literal["ends", "renews"]
    on: date
    key: str
    words: Words


def notices_of(subscription: str, offer: PlanOffer, state: State, price: Money) -> Iterator[Notice]:
    """All notices that belong to this state, in order of time. Nobody is left untold: when an end becomes known later
    than 30 days before, the first notice comes at once."""
    if state.standing is Standing.ENDED:
        return
    if state.ends_on is not None and state.ending is not None and state.known_on is not None:
        for on in _days(state.ends_on, state.known_on):
            words = _end_words(offer, state.ends_on, state.ending, on)
            yield Notice("ends", on, f"{subscription}:ends:{state.ends_on}:{on}", words)
    elif offer.interval != "free":
        for on in _days(state.period.end, state.period.start)[-len(DAYS_BEFORE) :]:
            if on > state.period.start:
                words = _renewal_words(offer, state.period.end, price)
                yield Notice("renews", on, f"{subscription}:renews:{state.period.end}:{on}", words)


def _days(end: date, known_on: date) -> list[date]:
    planned = [end - timedelta(days=days) for days in DAYS_BEFORE]
    later = [day for day in planned if day >= known_on]
    return (
        later
        if len(later) == len(planned) or known_on >= end
        else [known_on, *(d for d in later if d > known_on)]
    )


def _end_words(offer: PlanOffer, ends_on: date, ending: Ending, on: date) -> Words:
    day, left, why = day_words(ends_on), days_words((ends_on - on).days), _WHY[ending]
    return (
        Words(
            f"Noch {left.de}: Am {day.de} endet {offer.name}, {why.de}.",
            f"{left.en} left: {offer.name} ends on {day.en}, {why.en}.",
        )
        + LOCAL
    )


def _renewal_words(offer: PlanOffer, renews_on: date, price: Money) -> Words:
    day, cost = day_words(renews_on), money_words(price)
    return Words(
        f"Am {day.de} verlängert sich {offer.name} für {cost.de}. Bis dahin kann gekündigt werden.",
        f"On {day.en} {offer.name} is renewed for {cost.en}. It can be cancelled until then.",
    )
