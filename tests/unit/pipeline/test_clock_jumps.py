"""The machine's clock is set again and again, by seconds or years; leap days and midnights; what must hold then.

No segment or gap is negative, none overlaps another unless the clock itself was set back in between, the journal keeps
its order, every picture is kept, and nothing is old enough to be deleted for it.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recording_rig import FPS, GOP, RecordingRig, Step

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.journal import Entry, SegmentLine
from wachtel.pipeline.clock_guard import ClockGuard
from wachtel.storage.check import check
from wachtel.storage.index import open_or_rebuild

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
    steps: list[Step] = [*(step for both in course for step in both), 2 * GOP]
    with new_rig() as rig:
        guard = ClockGuard(rig.clock, rig.root / "clock.json", None)
        rig.play(steps)
        assert_sound(rig)
        assert rig.pictures() == sum(pictures for pictures, _ in course) + 2 * GOP
        net_s = sum(by_s for _, by_s in course)
        # Nothing is deleted by its age while the clock cannot be believed, and an error of a minute makes nothing old.
        assert guard.trusted() == (abs(net_s) <= 60) or abs(abs(net_s) - 60) < 1
        assert_the_index_agrees(rig)


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
        assert index.counts()[:2] == (len(rig.segments()), len(rig.gaps()))
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
