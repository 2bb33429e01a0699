"""A clock that was set deletes nothing: from one minute to ten years, forward and back, running or not."""

from pathlib import Path

import pytest

from wachtel.base.units import US_PER_S, WallUs
from wachtel.pipeline.clock_guard import BOOTING_S, ClockGuard
from wachtel.testing.clock import FakeClock

NOW = 1_795_000_000 * US_PER_S
DAY_S = 86_400.0
JUMPS = [61.0, 3600.0, DAY_S, 30 * DAY_S, 3652 * DAY_S]


def guard(clock: FakeClock, folder: Path, past: int | None = None) -> ClockGuard:
    return ClockGuard(clock, folder / "clock.json", None if past is None else WallUs(past))


def run(clock: FakeClock, one: ClockGuard, seconds: int) -> set[bool]:
    """What it says while time goes by."""
    said = set()
    for _ in range(seconds // 30):
        clock.advance(30)
        said.add(one.trusted())
    return said


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


def test_a_new_installation_believes_its_clock(clock: FakeClock, tmp_path: Path) -> None:
    assert run(clock, guard(clock, tmp_path), 7200) == {True}


@pytest.mark.parametrize("by_s", [*JUMPS, *(-jump for jump in JUMPS)])
def test_a_jump_while_it_runs_is_not_believed_until_it_is_taken_back(
    clock: FakeClock, tmp_path: Path, by_s: float
) -> None:
    one = guard(clock, tmp_path)
    assert run(clock, one, 3600) == {True}
    clock.jump_wall(by_s)
    assert not one.trusted()
    assert one.off_by_s() == pytest.approx(by_s, abs=31)
    assert run(clock, one, 7200) == {False}
    clock.jump_wall(-by_s)
    assert run(clock, one, 600) == {True}


@pytest.mark.parametrize("by_s", [1.0, -1.0, 30.0, -59.0])
def test_small_corrections_are_believed(clock: FakeClock, tmp_path: Path, by_s: float) -> None:
    one = guard(clock, tmp_path)
    run(clock, one, 3600)
    clock.jump_wall(by_s)
    assert run(clock, one, 600) == {True}


def test_a_drift_of_a_second_an_hour_is_believed_for_ever(clock: FakeClock, tmp_path: Path) -> None:
    one = guard(clock, tmp_path)
    for _ in range(100):
        clock.jump_wall(1.0)
        assert run(clock, one, 3600) == {True}


@pytest.mark.parametrize("by_s", [*JUMPS[3:], -300.0, *(-jump for jump in JUMPS[1:])])
def test_a_jump_over_a_restart_is_not_believed(clock: FakeClock, tmp_path: Path, by_s: float) -> None:
    assert run(clock, guard(clock, tmp_path), 3600) == {True}
    clock.jump_wall(by_s)
    again = guard(clock, tmp_path, past=clock.wall_us())
    assert run(clock, again, 60) == {False}
    assert not guard(clock, tmp_path, past=clock.wall_us()).trusted()


def test_a_box_that_was_off_for_days_goes_on(clock: FakeClock, tmp_path: Path) -> None:
    run(clock, guard(clock, tmp_path), 3600)
    clock.jump_wall(5 * DAY_S)
    assert run(clock, guard(clock, tmp_path), 7200) == {True}


def test_a_box_without_a_battery_learns_the_time_after_its_start(clock: FakeClock, tmp_path: Path) -> None:
    run(clock, guard(clock, tmp_path), 3600)
    again = guard(clock, tmp_path)
    assert run(clock, again, 60) == {True}
    clock.jump_wall(2 * DAY_S)
    assert run(clock, again, 7200) == {True}
    clock.jump_wall(2 * DAY_S)
    assert not again.trusted()


def test_without_a_note_the_archive_counts(clock: FakeClock, tmp_path: Path) -> None:
    assert guard(clock, tmp_path, past=NOW - round(DAY_S * US_PER_S)).trusted()
    (tmp_path / "clock.json").unlink()
    assert not guard(clock, tmp_path, past=NOW - round(60 * DAY_S * US_PER_S)).trusted()
    assert not guard(clock, tmp_path, past=NOW + round(DAY_S * US_PER_S)).trusted()


def test_a_person_may_say_that_it_is_right(clock: FakeClock, tmp_path: Path) -> None:
    one = guard(clock, tmp_path, past=NOW - round(60 * DAY_S * US_PER_S))
    assert run(clock, one, round(2 * BOOTING_S)) == {False}
    one.believe()
    assert run(clock, one, 3600) == {True}
    assert guard(clock, tmp_path).trusted()
    clock.jump_wall(3600)
    assert not one.trusted()


@pytest.mark.parametrize("note", [b"", b"{", b'{"wall": "yesterday"}', b"\xff" * 20])
def test_a_torn_note_is_as_none(clock: FakeClock, tmp_path: Path, note: bytes) -> None:
    (tmp_path / "clock.json").write_bytes(note)
    assert guard(clock, tmp_path, past=NOW).trusted()


def test_a_folder_that_takes_no_note_stops_nothing(clock: FakeClock, tmp_path: Path) -> None:
    one = ClockGuard(clock, tmp_path / "nowhere" / "clock.json", None)
    assert one.trusted()
    one.believe()
