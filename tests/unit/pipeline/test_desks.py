"""Main's small desks: states, news, pictures of now, and events on their way to the journal."""

import asyncio
from dataclasses import replace

import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.journal import EventLine, SignalLine
from wachtel.model.camera import Camera, CameraCondition, StreamState
from wachtel.model.event import Event, SignalKind, Why
from wachtel.model.stream import StreamName
from wachtel.pipeline.announcements import LONGEST_QUEUE, Broadcast
from wachtel.pipeline.event_desk import EventDesk
from wachtel.pipeline.messages import (
    KeepFootage,
    KeepSnapshot,
    MediaFigures,
    SignalSeen,
    SnapshotTaken,
    StateChanged,
    TakeSnapshot,
    WriteLine,
)
from wachtel.pipeline.snapshots import SnapshotDesk
from wachtel.pipeline.state_board import StateBoard
from wachtel.pipeline.watching import Edge, Signal
from wachtel.testing.clock import FakeClock

CAMERA = Camera("tor", "home", "Tor", "rtsp://10.0.0.1/", sub_url="rtsp://10.0.0.1/sub")


def signal(edge: Edge, at_s: float, since_s: float, last_s: float) -> Signal:
    def us(s: float) -> WallUs:
        return WallUs(round(s * US_PER_S))

    return Signal(SignalKind.MOTION, edge, us(at_s), us(since_s), us(last_s), 0.9, (), Why())


class Desk:
    """An event desk with ears."""

    def __init__(self) -> None:
        self.clock = FakeClock(start_wall_us=100 * US_PER_S)
        self.written: list[WriteLine | KeepSnapshot | KeepFootage] = []
        self.updates: list[Event] = []
        self.desk = EventDesk(self.clock, self.written.append, self.updates.append)
        self.desk.watch(CAMERA)

    def see(self, edge: Edge, at_s: float, since_s: float, last_s: float, picture: bytes = b"") -> None:
        self.desk.seen(SignalSeen("tor", signal(edge, at_s, since_s, last_s), picture))

    def kinds(self) -> list[str]:
        return [type(one.line if isinstance(one, WriteLine) else one).__name__ for one in self.written]


def test_a_picture_that_comes_later_is_kept_unless_there_is_one_already() -> None:
    house = Desk()
    house.see(Edge.ON, 100.2, 100.0, 100.2)
    event = house.desk.without_picture("tor")
    assert event is not None and house.kinds() == ["KeepFootage", "SignalLine"]
    house.desk.take_picture("tor", "another", b"wrong")
    house.desk.take_picture("tor", event, b"of the camera")
    house.desk.take_picture("tor", event, b"too late")
    kept = [one for one in house.written if isinstance(one, KeepSnapshot)]
    assert [one.jpeg for one in kept] == [b"of the camera"]
    assert house.updates[-1].snapshot and house.desk.without_picture("tor") is None
    house.see(Edge.UPDATE, 101.0, 100.0, 101.0, b"of the detector")
    assert house.desk.picture(house.updates[-1]) == b"of the detector"


def test_a_worse_picture_of_the_same_event_does_not_take_the_better_ones_place() -> None:
    house = Desk()
    for at_s, quality in ((100.2, 0.5), (101.2, 0.2), (102.2, 0.7)):
        house.desk.seen(
            SignalSeen("tor", signal(Edge.UPDATE, at_s, 100.0, at_s), b"%d" % (quality * 10), (), quality)
        )
        best = house.desk.picture(house.updates[-1]) if house.updates else None
        assert best in (None, b"5" if at_s < 102 else b"7")
    assert best == b"7"


def test_an_event_that_only_goes_on_is_not_told_again() -> None:
    house = Desk()
    house.see(Edge.ON, 100.2, 100.0, 100.2, b"small")
    house.see(Edge.UPDATE, 101.2, 100.0, 101.2)
    house.see(Edge.UPDATE, 102.2, 100.0, 102.2)
    assert house.updates == []
    house.see(Edge.UPDATE, 103.2, 100.0, 103.2, b"large")
    higher = replace(signal(Edge.UPDATE, 104.2, 100.0, 104.2), score=0.95)
    house.desk.seen(SignalSeen("tor", higher, b""))
    assert [one.score for one in house.updates] == [0.9, 0.95]


def test_the_picture_of_a_new_event_is_not_one_of_the_event_before() -> None:
    house = Desk()
    house.see(Edge.ON, 100.2, 100.0, 100.2, b"first")
    house.see(Edge.OFF, 101.4, 100.0, 101.0)
    house.see(Edge.ON, 103.0, 102.8, 103.0, b"second")
    kept = [(one.event, one.jpeg) for one in house.written if isinstance(one, KeepSnapshot)]
    assert [jpeg for _, jpeg in kept] == [b"first", b"first", b"second"]
    assert kept[0][0] == kept[1][0] != kept[2][0]


def test_a_picture_without_an_event_is_forgotten() -> None:
    house = Desk()
    house.see(Edge.OFF, 100.2, 100.0, 100.2, b"nobody")
    house.see(Edge.ON, 500.2, 500.0, 500.2)
    assert house.desk.without_picture("tor") is not None


def test_an_event_that_begins_without_a_picture_says_so_once() -> None:
    house = Desk()
    began = signal(Edge.ON, 100.2, 100.0, 100.2)
    event = house.desk.seen(SignalSeen("tor", began, b""))
    assert event is not None and event == house.desk.without_picture("tor")
    assert house.desk.seen(SignalSeen("tor", signal(Edge.UPDATE, 101.2, 100.0, 101.2), b"")) is None


def test_an_event_is_journalled_when_it_begins_and_when_it_ends() -> None:
    house = Desk()
    house.see(Edge.ON, 100.2, 100.0, 100.2, b"small")
    assert house.kinds() == ["KeepFootage", "KeepSnapshot", "SignalLine"]
    house.see(Edge.UPDATE, 101.2, 100.0, 101.2, b"large")
    house.see(Edge.OFF, 103.0, 100.0, 102.4)
    house.clock.advance(20)
    house.desk.tick()
    assert house.kinds()[3:] == ["KeepSnapshot", "EventLine", "KeepFootage"] or house.kinds()[3:] == [
        "KeepSnapshot",
        "KeepFootage",
        "EventLine",
    ]
    pictures = [one.jpeg for one in house.written if isinstance(one, KeepSnapshot)]
    assert pictures == [b"small", b"large"]
    lines = [one.line for one in house.written if isinstance(one, WriteLine)]
    assert isinstance(lines[0], SignalLine)
    assert isinstance(lines[1], EventLine)
    assert (lines[1].start, lines[1].end) == (100 * US_PER_S, 102_400_000)


def test_footage_is_kept_with_its_pre_roll_and_post_roll() -> None:
    house = Desk()
    house.see(Edge.ON, 100.2, 100.0, 100.2)
    house.see(Edge.OFF, 103.0, 100.0, 102.0)
    house.clock.advance(20)
    house.desk.tick()
    kept = [one for one in house.written if isinstance(one, KeepFootage)]
    assert (kept[0].start, kept[0].until) == (92 * US_PER_S, None)
    assert (kept[-1].start, kept[-1].until) == (92 * US_PER_S, 106 * US_PER_S)


def test_what_a_dead_worker_had_running_is_left_to_its_successor() -> None:
    house = Desk()
    house.see(Edge.ON, 100.2, 100.0, 100.2)
    house.desk.abandon("tor")
    house.clock.advance(60)
    house.desk.tick()
    assert "EventLine" not in house.kinds()


def test_a_signal_of_a_camera_that_was_removed_is_let_go() -> None:
    house = Desk()
    house.desk.seen(SignalSeen("gone", signal(Edge.ON, 1, 1, 1), b""))
    assert house.written == []


def test_states_are_told_once_per_change() -> None:
    changes: list[str] = []
    board = StateBoard(FakeClock(), changes.append)
    board.expect(CAMERA)
    live = StreamState(CameraCondition.LIVE, WallUs(1))
    board.changed(StateChanged("tor", StreamName.MAIN, live))
    board.changed(StateChanged("tor", StreamName.MAIN, live))
    board.changed(StateChanged("unknown", StreamName.MAIN, live))
    assert changes == ["tor", "tor"]
    for since, reason in ((5, "timeout"), (6, "refused"), (7, "refused")):
        away = StreamState(CameraCondition.OFFLINE, WallUs(since), reason)
        board.changed(StateChanged("tor", StreamName.MAIN, away))
        assert board.of("tor")[StreamName.MAIN].since == 5
    assert changes == ["tor"] * 4
    board.counted(MediaFigures("tor", StreamName.MAIN, WallUs(9), 1, 2, 0, 1, 0, 0))
    assert board.of("tor")[StreamName.MAIN].last_frame == 9
    board.worker_died(["tor"])
    assert board.of("tor")[StreamName.MAIN].condition is CameraCondition.CONNECTING
    assert board.of("tor")[StreamName.MAIN].last_frame == 9
    board.forget("tor")
    assert board.of("tor") == {}


def test_many_who_ask_for_a_picture_share_one_answer() -> None:
    asked: list[TakeSnapshot] = []

    def send(_: str, order: TakeSnapshot) -> bool:
        asked.append(order)
        return True

    async def main() -> list[bytes]:
        desk = SnapshotDesk(send)
        answers = [asyncio.create_task(desk.latest("tor")) for _ in range(50)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        desk.taken(SnapshotTaken(asked[0].ticket, b"jpeg"))
        return list(await asyncio.gather(*answers))

    assert asyncio.run(main()) == [b"jpeg"] * 50
    assert len(asked) == 1


def test_a_camera_without_a_picture_says_so() -> None:
    async def main(known: bool) -> None:
        asked: list[TakeSnapshot] = []

        def send(_: str, order: TakeSnapshot) -> bool:
            asked.append(order)
            return known

        desk = SnapshotDesk(send)
        answer = asyncio.create_task(desk.latest("tor"))
        await asyncio.sleep(0)
        desk.taken(SnapshotTaken(asked[0].ticket, b""))
        await answer

    for known in (True, False):
        with pytest.raises(WachtelError) as caught:
            asyncio.run(main(known))
        assert caught.value.kind is ErrorKind.NOT_FOUND


def test_a_slow_listener_loses_the_oldest_news() -> None:
    async def main() -> list[int]:
        news: Broadcast[int] = Broadcast()
        heard = news.subscribe()
        waiting = asyncio.ensure_future(anext(heard))
        await asyncio.sleep(0)
        for number in range(LONGEST_QUEUE + 10):
            news.tell(number)
        first = await waiting
        second = await anext(heard)
        await heard.aclose()  # type: ignore[attr-defined]
        assert len(news) == 0
        return [first, second]

    assert asyncio.run(main()) == [10, 11]
