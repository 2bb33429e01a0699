"""What goes, what goes first, and what never goes."""

import asyncio
import random
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from recording_rig import RecordingRig

from wachtel.base.units import DAY_US, US_PER_S, WallUs
from wachtel.media.journal import Entry, EventLine, HoldLine, Journalled, SegmentLine, encode
from wachtel.model.camera import Camera
from wachtel.model.footage import Hold
from wachtel.model.live import StorageAlarm, StorageTrouble
from wachtel.model.stream import StreamName
from wachtel.pipeline.clock_guard import ClockGuard
from wachtel.pipeline.holds import HoldDesk
from wachtel.pipeline.messages import RemovalDone, RemoveFootage, WriteLine
from wachtel.pipeline.retention import GB, RetentionDesk
from wachtel.pipeline.retention_plan import Ranges, enough, expired, oldest_unheld
from wachtel.pipeline.storage_alarms import StorageAlarms
from wachtel.pipeline.storage_report import CameraStorage, Forecast, StorageDesk, forecast
from wachtel.storage.index import Index, open_or_rebuild
from wachtel.storage.space import Space, usual_keep_free
from wachtel.testing.clock import FakeClock

NOW = WallUs(1_795_000_000 * US_PER_S)
MINUTE_US = 60 * US_PER_S
SIZE = 1000
DOOR = Camera("door", "home", "Door", "rtsp://192.168.1.20/", keep_days=2, keep_event_days=5)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    RecordingRig(tmp_path).close()
    opened = open_or_rebuild(tmp_path / "index.sqlite", tmp_path / "archive")
    yield opened
    opened.close()


class Book:
    """Writes lines of journals that are not on the disk into the index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._ends: dict[str, int] = {}

    def put(self, camera: str, *entries: Entry) -> None:
        path = f"home/{camera}/journal/j.jsonl"
        lines = []
        for number, entry in enumerate(entries):
            raw = encode(entry, NOW, number + 1, "")
            start = self._ends.get(path, 0)
            self._ends[path] = start + len(raw) + 1
            lines.append(Journalled("home", camera, path, start, self._ends[path], raw))
        self._index.apply(lines)

    def segment(self, camera: str, minutes_ago: float, stream: StreamName = StreamName.MAIN) -> str:
        line = segment_line(camera, minutes_ago, stream)
        self.put(camera, line)
        return line.file

    def event(self, camera: str, minutes_ago: float, *, snapshot: bool = False) -> str:
        start = NOW - round(minutes_ago * MINUTE_US)
        name = f"20261118T{round(minutes_ago):06d}000Z-{camera}"
        line = EventLine(
            id=name,
            kind="motion",
            start=start,
            end=start + 5 * US_PER_S,
            reported=start,
            score=1.0,
            snapshot=snapshot,
        )
        self.put(camera, line)
        return name

    def hold(self, camera: str, minutes_ago: float, minutes: float = 0.1) -> Hold:
        start = NOW - round(minutes_ago * MINUTE_US)
        end = start + round(minutes * MINUTE_US)
        self.put(camera, HoldLine(start=start, end=end, on=True, event="e"))
        return Hold(camera, WallUs(start), WallUs(end), "e")


def segment_line(camera: str, minutes_ago: float, stream: StreamName = StreamName.MAIN) -> SegmentLine:
    start = NOW - round(minutes_ago * MINUTE_US)
    return SegmentLine(
        file=f"home/{camera}/{stream}/d/{start}.mp4",
        stream=stream,
        start=start,
        end=start + MINUTE_US,
        bytes=SIZE,
        sha256="",
        frames=1,
        key_frames=1,
        run="",
        closed="rotate",
    )


@pytest.fixture
def book(index: Index) -> Book:
    return Book(index)


def days(number: float) -> float:
    """In minutes."""
    return number * 1440


def test_ranges_touch_what_overlaps_them() -> None:
    die = random.Random(1)
    for _ in range(300):
        ranges = [(start, start + die.randint(0, 9)) for start in (die.randint(0, 60) for _ in range(5))]
        found = Ranges(ranges)
        for start in range(0, 70, 3):
            end = start + die.randint(0, 6)
            slow = any(a < max(end, start + 1) and b > start for a, b in ranges)
            assert found.touch(start, end) == slow, (ranges, start, end)


def test_age_takes_the_oldest_first_and_leaves_events_longer(index: Index, book: Book) -> None:
    old = [book.segment("door", days(3) - number) for number in range(3)]
    of_event = book.segment("door", days(2.5))
    book.event("door", days(2.5) - 0.5)
    very_old = book.segment("door", days(6))
    book.event("door", days(6) - 0.5)
    fresh = book.segment("door", days(1))
    sub = book.segment("door", days(4), StreamName.SUB)
    due = [one.path for one in expired(index, DOOR, [], NOW)]
    assert due == [very_old, *old, sub]
    assert of_event not in due and fresh not in due
    longer = replace(DOOR, keep_days=10, keep_event_days=1)
    assert {one.path for one in expired(index, longer, [], NOW)} == {very_old, of_event}


def test_the_rolls_belong_to_the_event(index: Index, book: Book) -> None:
    before = book.segment("door", days(3) + 1.02)
    after = book.segment("door", days(3) - 0.1)
    book.event("door", days(3))
    assert list(expired(index, DOOR, [], NOW)) == []
    far = book.segment("door", days(3) + 3)
    assert [one.path for one in expired(index, DOOR, [], NOW)] == [far]
    assert before != after


def test_many_pages_of_old_footage(index: Index, book: Book) -> None:
    book.put("door", *(segment_line("door", days(4) - number * 0.9) for number in range(1200)))
    book.segment("door", 5)
    assert len(list(expired(index, DOOR, [], NOW))) == 1200


def test_nothing_held_goes_by_age_or_for_room(index: Index, book: Book) -> None:
    paths = [book.segment("door", days(9) - number) for number in range(5)]
    hold = book.hold("door", days(9) - 2)
    assert [one.path for one in expired(index, DOOR, [hold], NOW)] == paths[:2] + paths[3:]
    due = oldest_unheld(index, ["door"], [hold], (), NOW)
    assert [one.path for one in due] == paths[:2] + paths[3:]


def test_pictures_go_when_events_are_too_old(index: Index, book: Book) -> None:
    old = book.event("door", days(8), snapshot=True)
    book.event("door", days(3), snapshot=True)
    held = book.event("door", days(7), snapshot=True)
    hold = book.hold("door", days(7), 0.01)
    assert [one.path.rpartition("/")[2] for one in expired(index, DOOR, [hold], NOW)] == [f"{old}.jpg"]
    assert held


def test_for_room_the_oldest_of_all_cameras_goes_first(index: Index, book: Book) -> None:
    paths = [book.segment(("door", "yard", "attic")[number % 3], 500 - number) for number in range(9)]
    due = list(oldest_unheld(index, ["door", "yard", "attic"], [], (), NOW))
    assert [one.path for one in due] == paths
    assert [one.path for one in enough(due, 2500, 100)] == paths[:3]
    assert [one.path for one in enough(due, 10**9, 4)] == paths[:4]
    gone = frozenset(paths[:2])
    assert next(iter(oldest_unheld(index, ["door", "yard", "attic"], [], gone, NOW))).path == paths[2]


def test_what_was_just_recorded_never_goes_for_room(index: Index, book: Book) -> None:
    book.segment("door", 5)
    assert list(oldest_unheld(index, ["door"], [], (), NOW)) == []


class Desk:
    """A retention desk whose worker deletes at once, from the index alone."""

    def __init__(self, index: Index, book: Book, folder: Path) -> None:
        self.clock = FakeClock(NOW)
        self.told: list[StorageAlarm] = []
        self.orders: list[RemoveFootage] = []
        self.free = 10 * GB
        self.refuses = ""
        self.index = index
        self.alarms = StorageAlarms(self.clock, self.told.append)
        self.holds = HoldDesk(index, self.clock, self._write, lambda event: (event.start, event.end))
        self._book = book
        guard = ClockGuard(self.clock, folder / "clock.json", None)
        self.desk = RetentionDesk(index, self.clock, guard, self.space, self.holds, self._obey, self.alarms)
        self.desk.watch(DOOR)
        self.storage = StorageDesk(index, self.clock, self.space, self.desk, self.holds, self.alarms)

    def space(self) -> Space:
        return Space(100 * GB, self.free)

    def _write(self, order: WriteLine) -> None:
        assert isinstance(order.line, HoldLine)
        self._book.put(order.camera, order.line)
        self.holds.written(order.camera, order.line)

    def _obey(self, order: RemoveFootage) -> None:
        self.orders.append(order)
        if self.refuses == "silently":
            return
        if not self.refuses:
            self.index.drop_segments(order.camera, order.paths)
            for path in order.paths:
                self.desk.deleted(path)
            self.free += len(order.paths) * SIZE
        removed = 0 if self.refuses else len(order.paths)
        self.desk.done(RemovalDone(order.ticket, removed, (), self.refuses, "The disk failed."))

    def round(self) -> bool:
        short = run(self.desk.round())
        assert isinstance(short, bool)
        return short

    def orders_of(self, why: str) -> list[str]:
        return [path for order in self.orders if order.why == why for path in order.paths]


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


@pytest.fixture
def desk(index: Index, book: Book, tmp_path: Path) -> Desk:
    return Desk(index, book, tmp_path)


def test_a_round_deletes_by_age(desk: Desk, book: Book) -> None:
    old = [book.segment("door", days(3) - number) for number in range(450)]
    book.segment("door", days(1))
    assert not desk.round()
    assert desk.orders_of("age") == old and len(desk.orders) == 3
    assert desk.desk.removed["age"] == 450 and desk.told == []


def test_a_changed_setting_counts_at_the_next_round(desk: Desk, book: Book) -> None:
    path = book.segment("door", days(1))
    desk.round()
    desk.desk.watch(replace(DOOR, keep_days=0.5))
    desk.round()
    assert desk.orders_of("age") == [path]


def test_a_camera_over_its_own_limit_loses_its_oldest(desk: Desk, book: Book) -> None:
    paths = [book.segment("door", 300 - number) for number in range(10)]
    book.segment("yard", 400)
    desk.desk.watch(replace(DOOR, most_gb=7 * SIZE / GB))
    desk.round()
    assert desk.orders_of("limit") == paths[:3]


def test_room_is_made_until_enough_is_free(desk: Desk, book: Book) -> None:
    paths = [book.segment("door", 300 - number) for number in range(10)]
    desk.desk.keep_free_bytes = 5 * GB
    desk.free = 5 * GB - 3500
    assert desk.round()
    assert desk.orders_of("space") == paths[:4]
    assert not desk.round() and desk.told == []


def test_when_nothing_may_go_there_is_an_alarm_until_there_is_room(desk: Desk, book: Book) -> None:
    book.segment("door", 5)
    held = book.segment("door", 100)
    book.hold("door", 100)
    run(desk.holds.load())
    desk.free = 0
    assert desk.round() and desk.round()
    assert [alarm.kind for alarm in desk.alarms.standing()] == [StorageTrouble.NO_ROOM]
    assert desk.orders == [] and held
    desk.free = 50 * GB
    desk.round()
    assert [alarm.until is None for alarm in desk.told] == [True, False]


@pytest.mark.parametrize("by_s", [61.0, -61.0, 86_400.0 * 3652, -86_400.0 * 3652])
def test_a_jump_of_the_clock_deletes_nothing(desk: Desk, book: Book, by_s: float) -> None:
    book.segment("door", days(1.9999))
    desk.free = 0
    desk.clock.advance(60)
    desk.clock.jump_wall(by_s)
    for _ in range(20):
        assert not desk.round()
        desk.clock.advance(30)
    assert desk.orders == []
    assert [alarm.kind for alarm in desk.told] == [StorageTrouble.CLOCK]
    desk.clock.jump_wall(-by_s)
    desk.round()
    assert any(alarm.kind is StorageTrouble.CLOCK and alarm.until is not None for alarm in desk.told)
    assert desk.orders


def test_files_that_could_not_be_deleted_are_tried_again(desk: Desk, book: Book) -> None:
    path = book.segment("door", 300)
    desk.free, desk.refuses = 0, "disk_error"
    desk.round()
    desk.refuses = ""
    desk.round()
    assert desk.orders_of("space") == [path, path]


def test_a_worker_that_does_not_answer_holds_up_nothing_for_ever(desk: Desk, book: Book) -> None:
    book.segment("door", 300)
    desk.free, desk.refuses = 0, "silently"

    async def wait() -> None:
        task = asyncio.ensure_future(desk.desk.round())
        while not task.done():
            await asyncio.sleep(0.01)
            desk.clock.advance(20)
        await task

    run(wait())
    desk.refuses = ""
    desk.round()
    assert len(desk.orders_of("space")) == 2


def test_holding_an_event_keeps_its_footage(desk: Desk, book: Book, index: Index) -> None:
    path = book.segment("door", days(9))
    event = index.event(book.event("door", days(9) - 0.5))
    assert event is not None

    async def hold() -> Hold:
        first = await desk.holds.hold_event(event, "police")
        assert await desk.holds.hold_event(event, "again") == first
        return first

    assert run(hold()).why == "police"
    desk.free = 0
    desk.round()
    assert desk.orders == []
    run(desk.holds.release_event(event))
    run(desk.holds.release_event(event))
    assert index.holds() == [] and desk.holds.of_event(event.id) is None
    desk.round()
    assert path in desk.orders_of("space")


def test_a_hold_that_is_not_on_the_disk_yet_keeps_already_and_says_so(desk: Desk, index: Index) -> None:
    desk.holds._write = lambda order: None

    async def ask() -> None:
        task = asyncio.ensure_future(desk.holds.hold("home", Hold("door", NOW, WallUs(NOW + 1), "e")))
        await asyncio.sleep(0.01)
        assert desk.holds.of_event("e") is not None
        await desk.holds.load()
        assert desk.holds.of_event("e") is not None
        while not task.done():
            desk.clock.advance(5)
            await asyncio.sleep(0.01)
        with pytest.raises(Exception, match="not noted"):
            await task

    run(ask())


def test_the_usual_part_that_stays_free() -> None:
    assert usual_keep_free(Space(32 * GB, 0)) == 3_200_000_000
    assert usual_keep_free(Space(4000 * GB, 0)) == 5 * GB


def part(size_gb: float, per_day_gb: float, days_old: float, camera: str = "door") -> CameraStorage:
    oldest = WallUs(NOW - round(days_old * DAY_US))
    return CameraStorage(camera, round(size_gb * GB), round(per_day_gb * GB), oldest, 0)


def look(*cameras: CameraStorage, free_gb: float, keep_days: float = 14, most_gb: float = 0) -> Forecast:
    settings = {one.camera: replace(DOOR, keep_days=keep_days, most_gb=most_gb) for one in cameras}
    space = Space(1000 * GB, round(free_gb * GB))
    return forecast(cameras, settings, space, 5 * GB, NOW)


def test_the_forecast() -> None:
    assert look(free_gb=100) == Forecast(None, None)
    assert look(part(0, 10, 0), free_gb=105) == Forecast(10.0, 10.0)
    assert look(part(0, 10, 0), free_gb=205) == Forecast(20.0, None)
    assert look(part(140, 10, 14), free_gb=15) == Forecast(15.0, None)
    assert look(part(50, 10, 5), free_gb=1) == Forecast(4.6, 0.0)
    assert look(part(0, 10, 0), free_gb=105, most_gb=50) == Forecast(10.0, None)
    both = look(part(130, 10, 13), part(0, 10, 0, "yard"), free_gb=105)
    assert both == Forecast(11.5, 9.0)


def test_the_report(desk: Desk, book: Book) -> None:
    for number in range(60):
        book.segment("door", 180 - number)
    report = run(desk.storage.report())
    (door,) = report.cameras
    assert door.size_bytes == report.size_bytes == 60 * SIZE
    assert door.bytes_per_day == pytest.approx(60 * SIZE * 24 / 3.5, rel=0.2)
    assert report.keep_free_bytes == 5 * GB and report.clock_trusted and report.alarms == ()
    run(desk.storage.keep_free(7))
    assert run(desk.storage.report()).keep_free_bytes == 7
    run(desk.storage.believe_clock())


def test_what_only_seems_old_goes_last_for_room(desk: Desk, book: Book) -> None:
    """It was recorded an hour ago, when the clock showed another year."""
    seems_old = book.segment("door", days(4000))
    desk.desk.guard.wrong.saw(WallUs(NOW - round(days(4000)) * MINUTE_US))
    desk.desk.guard.wrong.is_right(NOW)
    older = book.segment("door", days(1))
    desk.free = 10 * GB - SIZE
    desk.desk.keep_free_bytes = 10 * GB
    desk.round()
    assert desk.orders_of("space") == [older] and desk.orders_of("age") == []
    desk.free = 10 * GB - SIZE
    desk.round()
    assert desk.orders_of("space") == [older, seems_old]
