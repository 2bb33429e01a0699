"""The probe in a process of its own, for the server: native code meets hostile bytes only there.

Imports nothing heavy. The process gets a hard deadline, whatever the camera or a decoder does.
"""

import asyncio
import multiprocessing
from multiprocessing.connection import Connection
from typing import Protocol

import msgspec

from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.probe import ProbeReport
from wachtel.sources.probe.findings import Findings, shown

DEADLINE_S = 15.0
LARGEST_REPORT_BYTES = 16 << 20
_PATIENCE_S = 1.0


class Trial(Protocol):
    """What is done in the process: a function at the top of a module that is light to import."""

    def __call__(self, url: str, *, allow_local: bool, clock: Clock) -> ProbeReport: ...


def stream_trial(url: str, *, allow_local: bool, clock: Clock) -> ProbeReport:
    """Looks at a stream; see `wachtel.sources.probe.trial.probe`."""
    from wachtel.sources.probe.trial import probe  # the child may import PyAV, main may not

    return probe(url, allow_local=allow_local, clock=clock)


class WorkerProber:
    """Tries camera URLs without saving anything, each in a short-lived process."""

    def __init__(
        self,
        deadline_s: float = DEADLINE_S,
        at_once: int = 4,
        trial: Trial = stream_trial,
        device_trial: Trial = stream_trial,
    ) -> None:
        self._deadline_s = deadline_s
        self._trial = trial
        self._device_trial = device_trial
        self._turns = asyncio.Semaphore(at_once)

    async def probe(self, url: str, *, allow_local: bool) -> ProbeReport:
        """Never raises for a bad URL or a bad camera: the report says what is wrong."""
        return await self._run(url, allow_local, self._trial)

    async def describe(self, url: str, *, allow_local: bool) -> ProbeReport:
        """Asks a device what it offers, without a look at its streams; else as `probe`."""
        return await self._run(url, allow_local, self._device_trial)

    async def _run(self, url: str, allow_local: bool, trial: Trial) -> ProbeReport:
        async with self._turns:
            return await asyncio.to_thread(
                probe_in_worker, url, allow_local=allow_local, deadline_s=self._deadline_s, trial=trial
            )


def probe_in_worker(
    url: str, *, allow_local: bool, deadline_s: float = DEADLINE_S, trial: Trial = stream_trial
) -> ProbeReport:
    """``trial`` in a process from the forkserver; blocks until it has ended."""
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_child, args=(theirs, url, allow_local, trial), name="probe", daemon=True
    )
    process.start()
    theirs.close()
    try:
        report = _receive(ours, deadline_s)
    finally:
        ours.close()
        process.join(_PATIENCE_S)
        if process.is_alive():
            process.kill()
        process.join()
        process.close()
    return report or _gave_up(url)


def _child(answer: Connection, url: str, allow_local: bool, trial: Trial) -> None:
    report = trial(url, allow_local=allow_local, clock=SystemClock())
    answer.send_bytes(msgspec.msgpack.encode(report))


def _receive(connection: Connection, deadline_s: float) -> ProbeReport | None:
    """Data, not pickles: the child has met hostile bytes and is not trusted."""
    try:
        if not connection.poll(deadline_s):
            return None
        return msgspec.msgpack.decode(connection.recv_bytes(LARGEST_REPORT_BYTES), type=ProbeReport)
    except (EOFError, OSError, msgspec.MsgspecError):
        return None


def _gave_up(url: str) -> ProbeReport:
    findings = Findings(shown(url))
    findings.fail(
        WachtelError(
            ErrorKind.TIMEOUT,
            "Trying the camera took too long, or broke off.",
            code="probe_gave_up",
            hint="Try again; if it stays so, the camera sends something that cannot be read.",
        )
    )
    return findings.report()
