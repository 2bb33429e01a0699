"""Promises, and what a drill found out about each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from wachtel.service.words import Words


class Verdict(StrEnum):
    """``not_applicable``: nothing here to rehearse it with; the words say why."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


class Rehearsal(StrEnum):
    """What is rehearsed."""

    INTERNET = "internet"
    INDEX = "index"
    VENDOR = "vendor"
    SUNSET = "sunset"


TITLES = {
    1: Words("Ohne Internet läuft alles weiter.", "Everything goes on without the internet."),
    2: Words("Kein Anruf nach Hause.", "No call home."),
    3: Words("Niemand kann die Aufzeichnung abschalten.", "No kill switch."),
    4: Words("Das Archiv ist die Datenbank.", "The archive is the database."),
    5: Words("Nichts fehlt unbemerkt.", "Nothing is missing unnoticed."),
    6: Words("Der Clip hat seinen Anfang.", "The clip has its beginning."),
    7: Words("Ein Absturz kostet höchstens das letzte Bild.", "A crash costs at most the last picture."),
    8: Words("Offene Türen für andere Programme.", "Open doors for other programs."),
    9: Words("Der Hub ist blind und ersetzbar.", "The hub is blind and replaceable."),
    10: Words("Ein Ende mit Anstand.", "Sunset with honour."),
    11: Words("Alte Geräte leben weiter.", "Old devices live."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rehearsal found out about one promise, and what was done to know it."""

    promise: int
    verdict: Verdict
    words: Words


NOT_REHEARSED = {
    5: Words(
        "Wird mit dem Ausfall des Internets geprobt; das war diesmal nicht dabei.",
        "Is rehearsed together with the loss of the internet, which was left out this time.",
    ),
    6: Words(
        "Wird hier nicht geprobt: Es braucht Bewegung vor der Kamera. `wachtel demo --seconds 30` misst es.",
        "Not rehearsed here: it needs something that moves. `wachtel demo --seconds 30` measures it.",
    ),
    7: Words(
        "Wird hier nicht geprobt: Dazu müsste die laufende Aufzeichnung abgebrochen werden.",
        "Not rehearsed here: the running recording would have to be killed.",
    ),
    9: Words(
        "In dieser Version gibt es keinen Hub.",
        "There is no hub in this version.",
    ),
    11: Words(
        "Wird hier nicht geprobt: Dazu braucht es das alte Gerät.",
        "Not rehearsed here: it takes the old device.",
    ),
}

LEFT_OUT = Words("Wurde diesmal nicht geprobt.", "Was left out this time.")


def by_promise(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each promise: a failure goes before a pass, and the words of equals are joined."""
    told = list(findings)
    return [_joined(number, [each for each in told if each.promise == number]) for number in TITLES]


def _joined(number: int, found: list[Finding]) -> Finding:
    for verdict in (Verdict.FAIL, Verdict.PASS, Verdict.NOT_APPLICABLE):
        same = [each for each in found if each.verdict is verdict]
        if same:
            words = same[0].words
            for each in same[1:]:
                words += each.words
            return replace(same[0], words=words)
    return Finding(number, Verdict.NOT_APPLICABLE, NOT_REHEARSED.get(number, LEFT_OUT))
