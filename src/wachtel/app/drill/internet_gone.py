"""Rehearses that the internet is gone: starts a server on a copy where nothing can leave, and looks who tried to."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import wachtel
from wachtel.app.drill import watch
from wachtel.app.drill.network import isolating_command
from wachtel.app.drill.report import Finding, Verdict
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.service.words import Words

PATIENCE_S = 300.0
SHOWN_ATTEMPTS = 3
NOT_TRIED = "not tried"

_LOCAL = ("record", "live", "play", "log_in")
_NAMES = {
    "drivers": Words("Treiber laden", "load drivers"),
    "record": Words("aufzeichnen", "record"),
    "live": Words("Bild von jetzt zeigen", "show a picture of now"),
    "play": Words("abspielen", "play back"),
    "log_in": Words("anmelden", "log in"),
    "account": Words("über jeden Moment Rechenschaft geben", "account for every moment"),
    "doors": Words("HLS und RTSP anbieten", "offer HLS and RTSP"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """``checks``: what went wrong by check, "" for nothing; ``attempts``: who wanted to leave; ``without_route``: how
    many packets the kernel saw that wanted to; ``isolated``: in a network of its own."""

    checks: Mapping[str, str]
    attempts: tuple[str, ...]
    without_route: int
    isolated: bool

    @property
    def complete(self) -> bool:
        """The rehearsal came to its end, however that was."""
        return self.checks.keys() >= _NAMES.keys()


def rehearse(folder: Path) -> list[Finding]:
    """Promises 1, 2, 3, 5 and 8, on the state that lies in ``folder``/data with all plans ended."""
    return findings_of(run_cut_off(folder))


def run_cut_off(folder: Path) -> Outcome:
    """Runs the rehearsal. Raises `WachtelError` (internal) when it cannot even start."""
    hooks = folder / "hooks"
    hooks.mkdir()
    shutil.copyfile(watch.__file__, hooks / "sitecustomize.py")
    isolating = isolating_command()
    command = [*(isolating or []), sys.executable, "-m", "wachtel.app.drill.rehearsal", str(folder)]
    done = _run(command, hooks)
    attempts = _attempts(hooks / watch.LOG)
    try:
        told = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return Outcome({"record": last[:300]}, attempts, 0, isolating is not None)
    return Outcome(told["checks"], attempts, told["without_route"], isolating is not None)


def _run(command: list[str], hooks: Path) -> "subprocess.CompletedProcess[str]":
    source = str(Path(wachtel.__file__).parents[1])
    paths = [str(hooks), source, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, env=environment)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WachtelError(
            ErrorKind.INTERNAL,
            "The rehearsal did not come to its end.",
            hint="Try again when the machine is idle.",
        ) from error


def _attempts(log: Path) -> tuple[str, ...]:
    if not log.exists():
        return ()
    return tuple(dict.fromkeys(log.read_text(errors="replace").splitlines()))


def findings_of(outcome: Outcome) -> list[Finding]:
    """What the outcome says of each promise."""
    left = bool(outcome.attempts or outcome.without_route)
    found = [_told(1, _well(outcome, _LOCAL), _where(outcome) + _list(outcome, _LOCAL))]
    if left or outcome.complete:
        found.append(_told(2, not left, _leaving(outcome) + _drivers(outcome)))
    if not outcome.complete:
        return [*found, *(Finding(each, Verdict.NOT_APPLICABLE, _NOT_SO_FAR) for each in (2, 3, 5, 8))]
    return [
        *found,
        _told(3, _well(outcome, ("record", "live")), _plans_ended(outcome)),
        _told(5, _well(outcome, ("account",)), _list(outcome, ("account",))),
        _told(8, _well(outcome, ("doors",)), _list(outcome, ("doors",))),
    ]


_NOT_SO_FAR = Words(
    "Die Probe ohne Internet kam nicht so weit.", "The rehearsal without the internet did not come so far."
)


def _well(outcome: Outcome, names: tuple[str, ...]) -> bool:
    return not any(outcome.checks.get(name, NOT_TRIED) for name in names)


def _told(promise: int, well: bool, words: Words) -> Finding:
    return Finding(promise, Verdict.PASS if well else Verdict.FAIL, words)


def _where(outcome: Outcome) -> Words:
    if outcome.isolated:
        return Words(
            "Eine Kopie lief in einem Netz ohne Ausgang, mit einer Kamera auf dieser Maschine.",
            "A copy ran in a network without a way out, with a camera on this machine.",
        )
    return Words(
        "Eine Kopie lief mit einer Kamera auf dieser Maschine; was hinaus wollte, wurde in Python verweigert, denn "
        "ein eigenes Netz erlaubt diese Maschine nicht.",
        "A copy ran with a camera on this machine; what wanted to leave was refused within Python, because this "
        "machine allows no network of its own.",
    )


def _list(outcome: Outcome, names: tuple[str, ...]) -> Words:
    told = Words("", "")
    for name in names:
        wrong, words = outcome.checks.get(name, NOT_TRIED), _NAMES[name]
        if wrong:
            told += Words(f"{words.de}: MISSLANG ({wrong}).", f"{words.en}: FAILED ({wrong}).")
        else:
            told += Words(f"{words.de}: gut.", f"{words.en}: well.")
    return Words(told.de.strip(), told.en.strip())


def _leaving(outcome: Outcome) -> Words:
    if not outcome.attempts and not outcome.without_route:
        seen = "Kern und Python" if outcome.isolated else "Python"
        by = "kernel and Python" if outcome.isolated else "Python"
        return Words(
            f"Niemand wollte diese Maschine verlassen ({seen} sahen zu; "
            "Kameras und Kanäle des Besitzers waren entfernt).",
            f"Nobody wanted to leave this machine ({by} watched; the owner's cameras and channels were taken away).",
        )
    named = "; ".join(outcome.attempts[:SHOWN_ATTEMPTS])
    tried, packets = len(outcome.attempts), outcome.without_route
    return Words(
        f"Etwas wollte hinaus: {tried} Versuche in Python, {packets} Pakete im Kern. {named}",
        f"Something wanted to leave: {tried} attempts in Python, {packets} packets in the kernel. {named}",
    )


def _drivers(outcome: Outcome) -> Words:
    left = outcome.checks.get("drivers", NOT_TRIED)
    if not left:
        return Words("Alle Treiber wurden geladen.", "All drivers were loaded.")
    return Words(f"Nicht zu laden war: {left}", f"These could not be loaded: {left}")


def _plans_ended(outcome: Outcome) -> Words:
    if not _well(outcome, ("record", "live")):
        return Words("Ohne gültigen Tarif wurde nicht aufgezeichnet.", "Without a plan nothing was recorded.")
    return Words(
        "Alle Tarife waren beendet und Ankündigungen gefälscht; aufgezeichnet und gezeigt wurde trotzdem.",
        "All plans had ended and notices were forged; it recorded and showed all the same.",
    )
