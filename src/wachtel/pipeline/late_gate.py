"""A stream is watched before it can be recorded: its disk is not there yet. Live views need no disk."""

import threading
from contextlib import AbstractContextManager, nullcontext

from wachtel.base.errors import WachtelError
from wachtel.base.units import WallUs
from wachtel.media.draft import Draft
from wachtel.media.timestamps import Placed
from wachtel.model.stream import StreamFormat
from wachtel.pipeline.recorder import Gate


class LateGate:
    """Stands where a gate will stand. `put` and `keep` may be called by any thread, the rest by the stream's own."""

    def __init__(self) -> None:
        self.seen: StreamFormat | None = None
        self._run: str | None = None
        self._gate: Gate | None = None
        self._coming: Gate | None = None
        self._stopped = False
        self._lock = threading.Lock()

    def put(self, gate: Gate) -> None:
        """The disk is there: ``gate`` gets what comes from now on. Call it once."""
        with self._lock:
            self._coming = gate
            stopped = self._stopped
        if stopped:
            gate.stop()

    def keep(self, start: WallUs, until: WallUs | None) -> None:
        """What is gone cannot be kept."""
        gate = self._gate or self._coming
        if gate is not None:
            gate.keep(start, until)

    def draft(self) -> AbstractContextManager[Draft | None]:
        """As the gate that has come."""
        gate = self._now()
        return nullcontext() if gate is None else gate.draft()

    def begin_session(self, run: str) -> None:
        """A new connection."""
        gate, self._run = self._now(), run
        if gate is not None:
            gate.begin_session(run)

    def format(self, format: StreamFormat) -> None:
        """What follows has this format."""
        gate, self.seen = self._now(), format
        if gate is not None:
            gate.format(format)

    def add(self, placed: Placed) -> None:
        """Hands a packet on, or forgets it."""
        gate = self._now()
        if gate is not None:
            gate.add(placed)

    def clock_was_set(self, before: WallUs, after: WallUs) -> None:
        """Nobody accounts for time yet; the one who comes will for all of it."""
        gate = self._now()
        if gate is not None:
            gate.clock_was_set(before, after)

    def end_session(self, error: WachtelError) -> None:
        """The connection broke."""
        gate = self._now()
        self._run = self.seen = None
        if gate is not None:
            gate.end_session(error)

    def stop(self) -> None:
        """The camera is stopped on purpose."""
        with self._lock:
            self._stopped = True
        gate = self._now()
        if gate is not None:
            gate.stop()

    def _now(self) -> Gate | None:
        """The gate; one that has just come learns what it has missed of this connection."""
        if self._coming is not None:
            self._gate, self._coming = self._coming, None
            if self._run is not None:
                self._gate.begin_session(self._run)
            if self.seen is not None:
                self._gate.format(self.seen)
        return self._gate
