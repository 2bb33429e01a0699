"""The machine's clock is set again and again, by seconds or years; leap days and midnights; what must hold then.

No segment or gap is negative, none overlaps another unless the clock itself was set back in between, the journal keeps
its order, every picture is kept, and nothing is old enough to be deleted for it.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recording_rig import FPS, GOP, RecordingRig

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.journal import Entry, SegmentLine
from wachtel.model.camera import Camera
from wachtel.pipeline.clock_guard import ClockGuard
from wachtel.pipeline.holds import HoldDesk
from wachtel.pipeline.messages import RemovalDone, RemoveFootage
from wachtel.pipeline.retention import GB, RetentionDesk
from wachtel.pipeline.storage_alarms import StorageAlarms
from wachtel.pipeline.wrong_times import WrongTimes
from wachtel.storage.check import check
from wachtel.storage.index import open_or_rebuild
from wachtel.storage.space import Space

KEEP_DAYS = 2.0
KEEP_US = round(KEEP_DAYS * 86_400 * US_PER_S)
YEARS_S = 10 * 365.25 * 86_400
JUMPS = st.one_of(st.floats(1.0, 120.0), st.floats(120.0, 90_000.0), st.floats(90_000.0, YEARS_S)).flatmap(
    lambda by_s: st.sampled_from((by_s, -by_s))
)


@contextmanager
def new_rig() -> Iterator[RecordingRig]:
    with tempfile.TemporaryDirectory() as folder:
        rig = RecordingRig(Path(folder))
        yield rig


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(GOP, 3 * GOP), JUMPS), min_size=1, max_size=4))
def test_a_clock_that_is_set_again_and_again(course: list[tuple[int, float]]) -> None:
    with new_rig() as rig, Retention(rig) as retention:
        guard = retention.desk.guard
        look = retention.round
        rig.play([*(step for one in course for step in (one[0], look, one[1], look)), 2 * GOP, look])
        assert_sound(rig)
        assert rig.pictures() == sum(pictures for pictures, _ in course) + 2 * GOP
        net_s = sum(by_s for _, by_s in course)
        # Nothing is deleted by its age while the clock cannot be believed, and an error of a minute makes nothing old.
        assert guard.trusted() == (abs(net_s) <= 60) or abs(abs(net_s) - 60) < 1
        # However wrong the clock was meanwhile: when it is right again, nothing is older than it really is.
        rig.clock.jump_wall(-net_s)
        retention.round()
        assert guard.trusted() and retention.ordered == []
        # A clock that is believed may be a minute ahead when it is noted that it is right.
        rig.clock.advance(KEEP_DAYS * 86_400 + 120)
        retention.round()
        kept = {path for order in retention.ordered for path in order.paths}
        past = {one.file for one in rig.segments() if one.end < rig.clock.wall_us() - KEEP_US}
        assert kept == past, "after its days it goes, as if nothing had been"
        assert_the_index_agrees(rig)


class Retention:
    """Looks at a rig's footage whenever it is asked, and only notes what it would delete."""

    def __init__(self, rig: RecordingRig) -> None:
        self.ordered: list[RemoveFootage] = []
        self._rig = rig
        self._applied = 0
        self._index = open_or_rebuild(rig.root / "looked.sqlite", rig.root / "archive")
        holds = HoldDesk(self._index, rig.clock, lambda _: None, lambda event: (event.start, event.end))
        alarms = StorageAlarms(rig.clock, lambda _: None)
        guard = ClockGuard(rig.clock, rig.root / "clock.json", None)
        room = Space(100 * GB, 50 * GB)
        self.desk = RetentionDesk(self._index, rig.clock, guard, lambda: room, holds, self._obey, alarms)

    def __enter__(self) -> "Retention":
        return self

    def __exit__(self, *_: object) -> None:
        self._index.close()

    def _obey(self, order: RemoveFootage) -> None:
        self.ordered.append(order)
        self.desk.done(RemovalDone(order.ticket, len(order.paths), (), "", ""))

    def round(self) -> None:
        """One look of retention, by age too."""
        self._rig.flusher.run_once()
        lines = self._rig.lines[self._applied :]
        self._applied += len(lines)
        self._index.apply(lines)
        self.desk.forget("door")
        self.desk.watch(
            Camera(
                "door", "home", "Door", "rtsp://127.0.0.1:9/", keep_days=KEEP_DAYS, keep_event_days=KEEP_DAYS
            )
        )
        asyncio.run(self.desk.round())


def assert_sound(rig: RecordingRig) -> None:
    """Whatever was done to the clock."""
    assert all(one.end > one.start for one in rig.segments())
    assert all(one.end > one.start for one in rig.gaps())
    entries = [line.line for line in rig.lines]
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    for one, two in pairwise(rig.segments()):
        assert two.start >= one.end or set_back_between(entries, one, two), (one, two)
    for segment in rig.segments():
        walls = [fragment.wall for fragment in rig.fragments(segment)]
        assert segment.start == walls[0]
        assert all(later >= earlier for earlier, later in pairwise(walls))


def set_back_between(entries: list[Entry], one: SegmentLine, two: SegmentLine) -> bool:
    """True when the journal's own clock was behind the end of the first file when the second one began."""
    return one.closed == "clock" and two.start < one.end


def assert_the_index_agrees(rig: RecordingRig) -> None:
    """Journal, files and rows, with a fresh index and with one that is made again."""
    rig.close()
    root = rig.root
    index = open_or_rebuild(root / "index.sqlite", root / "archive")
    try:
        # A clock that goes the same way twice leaves the same gap in the journal twice, and in the index once.
        gaps = {(one.start, one.end) for one in rig.gaps()}
        assert index.counts()[:2] == (len(rig.segments()), len(gaps))
        assert not [one for one in check(root / "archive", root / "keys", root / "index.sqlite") if one.what]
    finally:
        index.close()


@pytest.mark.parametrize(
    "moment", ["2028-02-28T23:59:50", "2028-02-29T23:59:50", "2027-12-31T23:59:50", "2026-10-25T00:59:50"]
)
def test_a_file_ends_with_the_day_whatever_day_it_is(moment: str) -> None:
    begin = round(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())
    with new_rig() as rig:
        rig.clock.jump_wall(begin - rig.clock.wall_us() / US_PER_S)
        rig.play([20 * FPS])
        assert_sound(rig)
        ends_a_day = moment.endswith("23:59:50")
        assert [one.closed for one in rig.segments()][:-1] == ["midnight"] * ends_a_day
        for segment in rig.segments():
            day = datetime.fromtimestamp(segment.start / US_PER_S, UTC)
            assert segment.file.split("/")[3] == f"{day:%Y-%m-%d}"
        for one, two in pairwise(rig.segments()):
            assert one.end == two.start
        assert_the_index_agrees(rig)


@pytest.mark.parametrize("by_s", [3600.0, -3600.0, 86_400.0, -86_400.0, YEARS_S, -YEARS_S])
def test_the_clock_is_set_across_midnight_and_back(by_s: float) -> None:
    with new_rig() as rig:
        rig.play([3 * GOP, by_s, 3 * GOP, -by_s, 3 * GOP])
        assert_sound(rig)
        assert rig.pictures() == 9 * GOP
        first, last = rig.segments()[0], rig.segments()[-1]
        assert last.start - first.start < WallUs(60 * US_PER_S)
        assert_the_index_agrees(rig)


@pytest.mark.parametrize("remembers", [True, False])
def test_footage_of_a_wrong_year_is_not_old_when_the_clock_is_right_again(
    remembers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that does not remember when its clock was wrong deletes it: so the test can fail."""
    if not remembers:
        monkeypatch.setattr(WrongTimes, "kept", lambda *_: [])
    with new_rig() as rig, Retention(rig) as retention:
        look = retention.round
        rig.play([GOP, look, -YEARS_S, look, 2 * GOP, look, YEARS_S, look, GOP])
        look()
        ordered = [path for order in retention.ordered for path in order.paths]
        wrong = [one.file for one in rig.segments() if "/2016-" in one.file]
        assert wrong and ordered == ([] if remembers else wrong)
        rig.close()
