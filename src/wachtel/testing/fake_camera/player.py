"""Plays the programmes of a camera on one clock, to whoever listens."""

import asyncio
import heapq
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from wachtel.base.clock import Clock
from wachtel.base.units import MonoS, WallUs, microseconds
from wachtel.model.stream import StreamName
from wachtel.protocols.rtp_send import RtpTrack
from wachtel.testing.fake_camera.programme import Programme, Unit

REPORT_EVERY_S = 5.0
"""RFC 3550 section 6.2."""


class Listener(Protocol):
    """One who plays a stream."""

    def take(self, track: int, packets: list[bytes], key: bool) -> None:
        """The packets of one unit."""
        ...

    def take_report(self, track: int, report: bytes) -> None:
        """An RTCP packet."""
        ...

    def end(self) -> None:
        """The programme is over."""
        ...


@dataclass(frozen=True, slots=True)
class _Sent:
    track: int
    packets: list[bytes]
    key: bool
    sequence: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Start:
    """Where a track begins for a listener who just joined."""

    sequence: int
    timestamp: int


class Feed:
    """One stream of the camera: numbers its packets and keeps those since the newest key frame."""

    def __init__(self, programme: Programme, seed: int) -> None:
        numbers = random.Random(seed)
        self.programme = programme
        self.listeners: list[Listener] = []
        self._rates = [media.clock_rate for media in programme.tracks]
        self._bases = [numbers.getrandbits(32) for _ in programme.tracks]
        self._senders = [
            RtpTrack(media.payload_type, numbers.getrandbits(32), numbers.getrandbits(16))
            for media in programme.tracks
        ]
        self._since_key: list[_Sent] = []

    @property
    def ssrcs(self) -> list[int]:
        """The SSRC of each track."""
        return [sender.ssrc for sender in self._senders]

    def send(self, unit: Unit, offset_s: Fraction) -> None:
        """Sends one unit to all; ``offset_s`` is where this round of the programme began."""
        sender = self._senders[unit.track]
        timestamp, sequence = self._timestamp(unit.track, unit.shown_s + offset_s), sender.sequence
        sent = _Sent(unit.track, sender.packets_of(unit.payloads, timestamp), unit.key, sequence, timestamp)
        if unit.key:
            self._since_key.clear()
        self._since_key.append(sent)
        for listener in tuple(self.listeners):
            listener.take(sent.track, sent.packets, sent.key)

    def join(self, listener: Listener) -> None:
        """A new listener gets what was sent since the newest key frame, then whatever comes."""
        for sent in self._since_key:
            listener.take(sent.track, sent.packets, sent.key)
        self.listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """No more packets for this one."""
        if listener in self.listeners:
            self.listeners.remove(listener)

    def starts(self) -> list[Start]:
        """Where each track begins for one who joins now."""
        found = {}
        for sent in reversed(self._since_key):
            found[sent.track] = Start(sent.sequence, sent.timestamp)
        nothing_yet = [
            Start(sender.sequence, base) for sender, base in zip(self._senders, self._bases, strict=True)
        ]
        return [found.get(track, start) for track, start in enumerate(nothing_yet)]

    def report(self, track: int, wall: WallUs, at_s: float) -> bytes:
        """The sender report that ties ``at_s`` of the programme to the wall clock."""
        return self._senders[track].report(wall, self._timestamp(track, Fraction(at_s)))

    def farewells(self) -> list[bytes]:
        """The BYE of each track."""
        return [sender.bye() for sender in self._senders]

    def _timestamp(self, track: int, at_s: Fraction) -> int:
        return (self._bases[track] + round(at_s * self._rates[track])) & 0xFFFFFFFF


class Player:
    """Sends every unit of every stream when it is due. Nothing runs before `start`."""

    def __init__(self, feeds: Mapping[StreamName, Feed], clock: Clock, *, loop: bool, rtcp: bool) -> None:
        self.feeds = feeds
        self.started_at: MonoS | None = None
        self.ended = asyncio.Event()
        self._started = asyncio.Event()
        self._started_wall = WallUs(0)
        self._clock = clock
        self._loop = loop
        self._rtcp = rtcp
        self._next_report_s = 0.0

    def start(self) -> None:
        """Begins, if it has not begun."""
        if self.started_at is None:
            self.started_at = self._clock.monotonic_s()
            self._started_wall = self._clock.wall_us()
            self._started.set()

    @property
    def media_time_s(self) -> float:
        """How far the programme has run, all rounds together."""
        return 0.0 if self.started_at is None else self._clock.monotonic_s() - self.started_at

    async def wait_until(self, media_time_s: float) -> None:
        """Waits for the start and then until the programme has run that long."""
        await self._started.wait()
        await self._wait_until(media_time_s)

    async def run(self) -> None:
        """Plays until the end, or for ever in a loop."""
        await self._started.wait()
        for offset, feed, unit in self._schedule():
            await self._wait_until(float(offset) + unit.at_s)
            feed.send(unit, offset)
            self._report()
        await self._wait_until(self._round_s)
        self.ended.set()
        for feed in self.feeds.values():
            for listener in tuple(feed.listeners):
                listener.end()

    def join(self, stream: StreamName, listener: Listener) -> None:
        """A listener begins with a sender report (unless there are none) and the newest key frame."""
        feed = self.feeds[stream]
        if self._rtcp:
            self._report_to(feed, [listener], self.media_time_s)
        feed.join(listener)

    @property
    def _round_s(self) -> float:
        return max(feed.programme.duration_s for feed in self.feeds.values())

    def _schedule(self) -> Iterator[tuple[Fraction, Feed, Unit]]:
        """All streams merged by time, round after round."""
        length = Fraction(self._round_s).limit_denominator(90_000)
        offset = Fraction(0)
        while True:
            one_round = (
                [(unit.at_s, feed, unit) for unit in feed.programme.units] for feed in self.feeds.values()
            )
            for _, feed, unit in heapq.merge(*one_round, key=lambda entry: entry[0]):
                yield offset, feed, unit
            if not self._loop:
                return
            offset += length

    async def _wait_until(self, due_s: float) -> None:
        delay_s = due_s - self.media_time_s
        if delay_s > 0:
            await self._clock.sleep(delay_s)
        else:
            await asyncio.sleep(0)

    def _report(self) -> None:
        now_s = self.media_time_s
        if self._rtcp and now_s >= self._next_report_s:
            self._next_report_s = now_s + REPORT_EVERY_S
            for feed in self.feeds.values():
                self._report_to(feed, feed.listeners, now_s)

    def _report_to(self, feed: Feed, listeners: list[Listener], at_s: float) -> None:
        wall = WallUs(self._started_wall + microseconds(at_s))
        for track in range(len(feed.programme.tracks)):
            report = feed.report(track, wall, at_s)
            for listener in tuple(listeners):
                listener.take_report(track, report)
