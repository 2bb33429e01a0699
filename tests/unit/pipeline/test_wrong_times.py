"""What is remembered of times at which the clock was wrong."""

from pathlib import Path

from wachtel.base.units import DAY_US, US_PER_S, WallUs
from wachtel.pipeline.wrong_times import MARGIN_US, MOST, WrongTimes

NOW = WallUs(1_795_000_000 * US_PER_S)


def at(days: float) -> WallUs:
    return WallUs(NOW + round(days * DAY_US))


def test_one_wrong_time_is_one_stretch_and_is_forgotten_when_its_footage_is_old(tmp_path: Path) -> None:
    times = WrongTimes(tmp_path / "wrong.json")
    assert times.kept("door", 2, NOW) == []
    for second in range(90):
        times.saw(WallUs(at(-4000) + second * US_PER_S))
    times.is_right(NOW)
    (kept,) = times.kept("door", 2, at(1.9))
    assert (kept.start, kept.end) == (at(-4000) - MARGIN_US, at(-4000) + 89 * US_PER_S + MARGIN_US)
    assert kept.camera == "door"
    assert times.kept("door", 2, at(2.1)) == [] != times.kept("door", 3, at(2.1))


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    file = tmp_path / "wrong.json"
    times = WrongTimes(file)
    times.saw(at(-10))
    times.saw(WallUs(at(-10) + 70 * US_PER_S))
    times.saw(at(-20))
    again = WrongTimes(file)
    again.is_right(NOW)
    first, second = WrongTimes(file).kept("door", 1, NOW)
    assert first.end - first.start == 2 * MARGIN_US + 70 * US_PER_S and second.start == at(-20) - MARGIN_US


def test_a_broken_note_and_a_folder_that_is_away_harm_nothing(tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text("[{")
    times = WrongTimes(tmp_path / "wrong.json")
    assert times.kept("door", 1, NOW) == []
    lost = WrongTimes(tmp_path / "nowhere" / "wrong.json")
    lost.saw(NOW)
    assert len(lost.kept("door", 1, NOW)) == 1


def test_a_clock_that_is_never_right_fills_no_memory(tmp_path: Path) -> None:
    times = WrongTimes(tmp_path / "wrong.json")
    for number in range(MOST + 50):
        times.saw(at(-number))
    assert len(times.kept("door", 1, NOW)) == MOST
