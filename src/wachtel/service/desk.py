"""Where claims are answered one by one; a wrong one is told what is wrong and does not hold up the next."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Protocol

from wachtel.service.belkin import is_late
from wachtel.service.claim import Claim
from wachtel.service.claim_reading import read_claim
from wachtel.service.claim_stream import LONGEST_CLAIM_BYTES, Element
from wachtel.service.decision import Decision, Problem, Rejection
from wachtel.service.policies import Policy
from wachtel.service.words import Words

_ID = re.compile(r'"id"\s*:\s*("(?:[^"\\]|\\.){1,200}")')


class Seen(Protocol):
    """Remembers what was claimed."""

    def add(self, key: str) -> bool:
        """True the first time."""
        ...


class ClaimsDesk:
    """Answers claims by a policy; ids and serial numbers must not come twice (question A18)."""

    def __init__(self, policy: Policy, seen: Seen, as_of: date | None = None) -> None:
        self._policy = policy
        self._seen = seen
        self._as_of = as_of

    def answer_all(self, elements: Iterable[Element]) -> Iterator[Decision | Rejection]:
        """An answer for every element of the list, in its order."""
        for element in elements:
            yield self.answer(element)

    def answer(self, element: Element) -> Decision | Rejection:
        """The answer for one claim."""
        claim = _too_long(element) if element.too_long else _read(element.text)
        if isinstance(claim, Rejection):
            return claim
        if self._closed(claim):
            return self._policy.decide(claim, self._as_of)
        if not self._seen.add(f"id {claim.id}"):
            words = Words("Diese Nummer hatte schon ein Antrag.", "Another claim had this id.")
            return Rejection(claim.id, (Problem("id", words),))
        return self._policy.decide(claim, self._as_of, self._claimed_before(claim))

    def _closed(self, claim: Claim) -> bool:
        """A claim that is late takes nobody's place."""
        return self._policy.has_deadline and all(is_late(claim, rules) for rules in self._policy.differing)

    def _claimed_before(self, claim: Claim) -> frozenset[int]:
        keys = (f"serial {camera.serial.strip().casefold()}" for camera in claim.cameras)
        return frozenset([number for number, key in enumerate(keys) if not self._seen.add(key)])


def _read(text: bytes) -> Claim | Rejection:
    try:
        value = _JSON.decode(text.decode())
    except RecursionError:
        problem = Words("Zu tief geschachtelt.", "It is nested too deeply.")
    except ValueError as error:
        problem = Words(f"Das ist kein gültiges JSON: {error}", f"This is not valid JSON: {error}")
    else:
        return read_claim(value)
    return Rejection(_id_in(text), (Problem("claim", problem),))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {twice[:60]!r} stands there twice")
    return values


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is not a number")


_JSON = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)


def _too_long(element: Element) -> Rejection:
    limit = LONGEST_CLAIM_BYTES // 1024
    words = Words(f"Der Antrag ist größer als {limit} KB.", f"The claim is larger than {limit} KB.")
    return Rejection(_id_in(element.text), (Problem("claim", words),))


def _id_in(text: bytes) -> str | None:
    """The id in a claim that is not read as a whole."""
    found = _ID.search(text.decode(errors="replace"))
    try:
        return json.loads(found.group(1)).encode(errors="backslashreplace").decode() if found else None
    except ValueError:
        return None
