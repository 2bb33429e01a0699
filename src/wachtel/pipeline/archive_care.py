"""Checking, proving and rebuilding the archive of a running server: in a thread, with progress, one after the other."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.storage.check import check
from wachtel.storage.index import Index
from wachtel.storage.rebuild import rebuild_open
from wachtel.storage.verify import Scope, verify

MOST_FINDINGS = 200


class WorkKind(StrEnum):
    """What can be done with the whole archive."""

    CHECK = "check"
    VERIFY = "verify"
    REBUILD = "rebuild"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be; ``mend`` says what would help, "" where nothing is known."""

    kind: str
    place: str
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """``done`` of ``total`` cameras, files or journals; ``total`` 0 while that is not known. ``finished`` is None
    while it runs. ``findings`` are the first of ``found``. ``numbers`` tell what came out, by name."""

    kind: WorkKind
    started: WallUs
    finished: WallUs | None = None
    done: int = 0
    total: int = 0
    found: int = 0
    findings: tuple[Finding, ...] = ()
    numbers: dict[str, int] = field(default_factory=dict)
    error: WachtelError | None = None
    stopped: bool = False


class _Stopped(Exception):
    """Somebody does not want it any more."""


class ArchiveCare:
    """Lives in main's loop; works in a thread of its own, which does not keep the server from ending."""

    def __init__(self, index: Index, archive: Path, keys: Path, clock: Clock) -> None:
        self._index = index
        self._archive = archive
        self._keys = keys
        self._clock = clock
        self._work: Work | None = None
        self._stop = threading.Event()

    def start(self, kind: WorkKind) -> Work:
        """Begins. Raises `WachtelError` (busy) while something runs."""
        if self._work is not None and self._work.finished is None:
            raise WachtelError(
                ErrorKind.BUSY,
                "The archive is being looked at already.",
                hint="Wait until that is finished, or stop it.",
            )
        work = self._work = Work(kind, self._clock.wall_us())
        self._stop.clear()
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, args=(kind, loop), name=f"archive {kind}", daemon=True).start()
        return work

    def stop(self) -> None:
        """Ends what runs as soon as that can be; harmless when nothing does."""
        self._stop.set()

    def last(self) -> Work | None:
        """What runs or ran last; None when nothing did."""
        return self._work

    def _run(self, kind: WorkKind, loop: asyncio.AbstractEventLoop) -> None:
        does: dict[WorkKind, Callable[[], Work]] = {
            WorkKind.CHECK: self._check,
            WorkKind.VERIFY: self._verify,
            WorkKind.REBUILD: self._rebuild,
        }
        try:
            result = does[kind]()
        except _Stopped:
            result = replace(self._so_far(), stopped=True)
        except WachtelError as error:
            result = replace(self._so_far(), error=error)
        if not loop.is_closed():
            self._work = replace(result, finished=self._clock.wall_us())

    def _so_far(self) -> Work:
        assert self._work is not None
        return self._work

    def _progress(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise _Stopped
        self._work = replace(self._so_far(), done=done, total=total)

    def _check(self) -> Work:
        found: list[Finding] = []
        going = check(self._archive, self._keys, self._index.path, progress=self._progress)
        for count, one in enumerate(going, 1):
            if len(found) < MOST_FINDINGS:
                found.append(Finding(one.kind, one.place, one.what, one.mend))
            self._work = replace(self._so_far(), found=count)
        return replace(self._so_far(), findings=tuple(found))

    def _verify(self) -> Work:
        proof = verify(self._archive, Scope(), progress=self._progress)
        findings = [Finding(one.kind, one.place, one.what) for one in proof.damages[:MOST_FINDINGS]]
        numbers = {
            "files": proof.files,
            "size_bytes": proof.size_bytes,
            "days": proof.days,
            "signed_days": proof.signed_days,
        }
        return replace(self._so_far(), found=len(proof.damages), findings=tuple(findings), numbers=numbers)

    def _rebuild(self) -> Work:
        report = rebuild_open(self._index, self._progress)
        numbers = {"segments": report.segments, "gaps": report.gaps, "events": report.events}
        return replace(self._so_far(), numbers=numbers)
