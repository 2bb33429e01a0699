"""A detector's answers to single pictures become signals with edges: on, still on, off. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum

from wachtel.base.units import WallUs, microseconds
from wachtel.model.event import Motion, SignalKind, Why

STALL_S = 10.0
"""Without any picture for this long a signal is taken to be over."""


_NO_REASON = Why()


class Edge(StrEnum):
    """What a message about a signal says."""

    ON = "on"
    UPDATE = "update"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Signal:
    """Something is going on, from ``since`` to at least ``last``; known from the picture at ``at``.

    ``since`` stays the same for all edges of one signal; ``score`` and ``why`` are the best so far, ``zones``
    all so far. Always ``since <= last <= at``.
    """

    kind: SignalKind
    edge: Edge
    at: WallUs
    since: WallUs
    last: WallUs
    score: float
    zones: tuple[str, ...] = ()
    why: Why = _NO_REASON


class Watching:
    """One camera's signal. Off comes when nothing moved in the pictures of ``quiet_s``.

    Updates come with the first picture after each whole ``update_every_s`` of the clock: all cameras' together.
    """

    def __init__(self, quiet_s: float = 0.6, update_every_s: float = 1.0) -> None:
        self._quiet_us = microseconds(quiet_s)
        self._update_every_us = microseconds(update_every_s)
        self._running: Signal | None = None
        self._told: WallUs = WallUs(0)
        self._looked: WallUs = WallUs(0)

    def answer(self, at: WallUs, motion: Motion | None) -> Signal | None:
        """The edge that this picture makes, if any. When the clock went back, a running signal ends."""
        if self._running is not None and at < self._looked:
            return self._restart(at)
        self._looked = at
        if motion is not None:
            return self._moving(at, motion)
        if self._running is not None and at - self._running.last >= self._quiet_us:
            return self._off(at)
        return None

    def elapsed(self, now: WallUs) -> Signal | None:
        """Time passed without a picture: off when the stream has been silent for `STALL_S`."""
        if self._running is not None and now - self._looked >= microseconds(STALL_S):
            return self._off(self._looked)
        return None

    def stop(self) -> Signal | None:
        """Off now, if on: the stream ends."""
        return self._off(self._looked) if self._running is not None else None

    def _moving(self, at: WallUs, motion: Motion) -> Signal | None:
        if self._running is None:
            since = min(motion.since, at)
            zones = tuple(sorted(motion.zones))
            self._running = Signal(SignalKind.MOTION, Edge.ON, at, since, at, motion.score, zones, motion.why)
            self._told = at
            return self._running
        self._running = _joined(self._running, at, motion)
        if at // self._update_every_us == self._told // self._update_every_us:
            return None
        self._told = at
        return self._running

    def _restart(self, at: WallUs) -> Signal | None:
        """The clock went back: the signal ends where it was, and a later picture begins a new one."""
        signal = self._off(self._looked)
        self._looked = at
        return signal

    def _off(self, at: WallUs) -> Signal | None:
        running, self._running = self._running, None
        return None if running is None else replace(running, edge=Edge.OFF, at=at)


def _joined(signal: Signal, at: WallUs, motion: Motion) -> Signal:
    better = motion.score > signal.score
    return replace(
        signal,
        edge=Edge.UPDATE,
        at=at,
        last=at,
        score=max(signal.score, motion.score),
        zones=tuple(sorted({*signal.zones, *motion.zones})),
        why=motion.why if better else signal.why,
    )
