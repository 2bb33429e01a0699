"""The ring before an event: what is written, what is accounted for, what is not."""

from fractions import Fraction
from typing import Any, cast

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.journal import Closed
from wachtel.media.timestamps import Placed
from wachtel.model.footage import GapReason
from wachtel.model.stream import Packet, Track
from wachtel.pipeline.event_gate import ACCOUNT_EVERY_US, EventGate
from wachtel.pipeline.recorder import Recorder, gap_reason

FPS = 10
GOP = 20


class Notebook:
    """Stands for the recorder and notes what it is told."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.closed: list[Closed] = []
        self.accounts: list[tuple[WallUs, GapReason]] = []
        self.stopped = False

    def add(self, placed: Placed) -> None:
        self.frames.append(placed.packet.pts)

    def close_file(self, closed: Closed) -> None:
        self.closed.append(closed)

    def account(self, until: WallUs, then: GapReason) -> None:
        self.accounts.append((until, then))

    def begin_session(self, run: str) -> None:
        self.closed.clear()

    def end_session(self, error: WachtelError) -> None:
        self.close_file(Closed.LOST)
        self.account(WallUs(77), gap_reason(error))

    def stop(self) -> None:
        self.stopped = True


class FixedClock:
    def wall_us(self) -> WallUs:
        return WallUs(77)


def wall(frame: int) -> WallUs:
    return WallUs(frame * US_PER_S // FPS)


def frame(number: int) -> Placed:
    packet = Packet(b"x", number, number, Fraction(1, FPS), number % GOP == 0, Track.VIDEO, wall(number))
    return Placed(packet, number, 0, wall(number))


def gate_and_notes(pre_roll_s: float | None = 8.0) -> tuple[EventGate, Notebook]:
    notes = Notebook()
    gate = EventGate(cast(Recorder, notes), cast(Any, FixedClock()), pre_roll_s)
    gate.begin_session("run")
    return gate, notes


def test_nothing_is_written_without_an_event() -> None:
    gate, notes = gate_and_notes()
    for number in range(600):
        gate.add(frame(number))
    assert notes.frames == []
    assert notes.accounts[0] == (wall(0), GapReason.SCHEDULE)


@pytest.mark.parametrize("onset", [200, 207, 219])
def test_the_event_has_its_whole_pre_roll(onset: int) -> None:
    gate, notes = gate_and_notes()
    for number in range(onset):
        gate.add(frame(number))
    start = WallUs(wall(onset - 5) - 8 * US_PER_S)
    gate.keep(start, None)
    for number in range(onset, onset + 50):
        gate.add(frame(number))
    assert wall(notes.frames[0]) <= start
    assert notes.frames[0] % GOP == 0
    assert wall(notes.frames[0] + GOP) > start
    assert notes.frames == list(range(notes.frames[0], onset + 50))


def test_it_stops_at_the_key_frame_after_the_end() -> None:
    gate, notes = gate_and_notes()
    for number in range(100):
        gate.add(frame(number))
    gate.keep(wall(50), wall(125))
    for number in range(100, 300):
        gate.add(frame(number))
    assert notes.frames[-1] == 139
    assert notes.closed == [Closed.STOP]


def test_the_next_event_begins_where_the_last_one_ended_and_writes_nothing_twice() -> None:
    gate, notes = gate_and_notes()
    for number in range(100):
        gate.add(frame(number))
    gate.keep(wall(50), wall(125))
    for number in range(100, 150):
        gate.add(frame(number))
    gate.keep(wall(70), wall(200))
    for number in range(150, 300):
        gate.add(frame(number))
    assert notes.frames == list(range(notes.frames[0], 200))


def test_a_broken_connection_is_accounted_for() -> None:
    gate, notes = gate_and_notes()
    gate.add(frame(0))
    gate.end_session(WachtelError(ErrorKind.STALLED, "x"))
    assert notes.accounts[-1] == (77, GapReason.NO_PACKETS)
    assert notes.closed == [Closed.LOST]


def test_a_long_pause_is_accounted_for_hour_by_hour() -> None:
    gate, notes = gate_and_notes(None)
    for number in range(0, 3 * ACCOUNT_EVERY_US * FPS // US_PER_S + 1, GOP):
        gate.add(frame(number))
    assert len(notes.accounts) == 4


def test_who_is_switched_off_keeps_nothing() -> None:
    gate, notes = gate_and_notes(None)
    gate.keep(wall(0), None)
    for number in range(100):
        gate.add(frame(number))
    gate.stop()
    assert notes.frames == []
    assert notes.stopped
