"""Plays the programmes of a camera on one clock, to whoever listens."""

import asyncio
import heapq
import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from wachtel.base.clock import Clock
from wachtel.base.units import US_PER_S, MonoS, WallUs, microseconds
from wachtel.model.stream import VIDEO_TICKS_PER_S, StreamName
from wachtel.protocols.rtp_send import RtpTrack
from wachtel.testing.fake_camera.programme import Programme, Unit

STEP_BACK_S = 0.03
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
        self.other: Programme | None = None
        self.listeners: list[Listener] = []
        self.shift_s = Fraction(0)
        self.loss = 0.0
        self._numbers = numbers
        self.changed: Programme | None = None
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
        packets = sender.packets_of(unit.payloads, timestamp)
        if self.loss:
            packets = [packet for packet in packets if self._numbers.random() >= self.loss]
        sent = _Sent(unit.track, packets, unit.key, sequence, timestamp)
        if unit.key:
            self._since_key.clear()
        self._since_key.append(sent)
        for listener in tuple(self.listeners):
            listener.take(sent.track, sent.packets, sent.key)

    def units(self) -> Iterator[Unit]:
        """One round of the programme; after `change_format` its other form, from a key frame on."""
        for unit in self.programme.units:
            if unit.key and self.changed is not None:
                yield from _from_key_frame(self.changed, unit)
                return
            yield unit

    def change_format(self) -> None:
        """From the next key frame on the other form of the programme is played."""
        self.changed = self.other

    def step_back(self) -> None:
        """The next picture is said to be 30 ms older than the last one."""
        rate = self.programme.tracks[0].frame_rate or 25.0
        self.shift_s -= Fraction(1 / rate + STEP_BACK_S).limit_denominator(90_000)

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
        return (self._bases[track] + round((at_s + self.shift_s) * self._rates[track])) & 0xFFFFFFFF


def _from_key_frame(programme: Programme, instead: Unit) -> Iterator[Unit]:
    """What the programme plays from its first key frame at or after ``instead``, with the same delay of pictures."""
    later = itertools.dropwhile(lambda unit: not unit.key or unit.at_s < instead.at_s - 1e-3, programme.units)
    delay_s = instead.shown_s - Fraction(instead.at_s).limit_denominator(VIDEO_TICKS_PER_S)
    for unit in later:
        yield replace(unit, shown_s=unit.shown_s + delay_s) if unit.track == instead.track else unit


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

    @property
    def round_time_s(self) -> float:
        """How far the present round has run."""
        return self.media_time_s % self._round_s

    def step_back(self) -> None:
        """See `FaultName.DTS_STEP_BACK`."""
        for feed in self.feeds.values():
            feed.step_back()

    def change_format(self) -> None:
        """See `FaultName.SPS_CHANGE`."""
        for feed in self.feeds.values():
            feed.change_format()

    def lose(self, share: float) -> None:
        """This share of the packets is never sent from now on."""
        for feed in self.feeds.values():
            feed.loss = share

    def jump(self, by_us: int) -> None:
        """The camera's clock is set ahead, and what is counted by it."""
        self._started_wall = WallUs(self._started_wall + by_us)
        for feed in self.feeds.values():
            feed.shift_s += Fraction(by_us, US_PER_S)

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
                zip(itertools.repeat(feed), feed.units(), strict=False) for feed in self.feeds.values()
            )
            for feed, unit in heapq.merge(*one_round, key=lambda entry: entry[1].at_s):
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
