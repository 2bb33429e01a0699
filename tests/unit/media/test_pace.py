"""Pictures without times get even ones."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.media.pace import Pace


def placed(arrivals: list[float]) -> list[float]:
    pace = Pace()
    return [pace.place(arrival) for arrival in arrivals]


def gaps(times: list[float]) -> list[float]:
    return [two - one for one, two in pairwise(times)]


def test_even_arrivals_stay_even() -> None:
    assert gaps(placed([n * 0.1 for n in range(100)])[20:]) == pytest.approx([0.1] * 79, abs=0.006)


def test_uneven_arrivals_become_even() -> None:
    randomness = random.Random(1)
    arrivals = sorted(n * 0.1 + randomness.uniform(0, 0.06) for n in range(300))
    times = placed(arrivals)
    assert min(gaps(times)[20:]) > 0.07
    assert max(gaps(times)[20:]) < 0.13


def test_a_late_picture_does_not_squeeze_the_next_one() -> None:
    arrivals = [n * 0.1 for n in range(50)] + [5.1, 5.13] + [5.2 + n * 0.1 for n in range(50)]
    assert min(gaps(placed(arrivals))[5:]) > 0.045


def test_a_pause_is_a_pause() -> None:
    times = placed([n * 0.1 for n in range(50)] + [20 + n * 0.1 for n in range(50)])
    assert gaps(times)[49] == pytest.approx(15.1, abs=0.3)


@pytest.mark.parametrize(("before", "after"), [(0.1, 0.04), (0.04, 0.5), (1.0, 0.1)])
def test_another_pace_is_learnt(before: float, after: float) -> None:
    arrivals = [n * before for n in range(50)]
    arrivals += [arrivals[-1] + (n + 1) * after for n in range(100)]
    assert gaps(placed(arrivals)[-30:]) == pytest.approx([after] * 29, rel=0.06)


@given(st.lists(st.floats(-10, 100, allow_nan=False), min_size=1, max_size=60))
def test_times_never_fall_and_are_never_in_the_future(moves: list[float]) -> None:
    arrivals, at = [], 0.0
    for move in moves:
        at += move
        arrivals.append(at)
    times = placed(arrivals)
    assert all(gap >= 0 for gap in gaps(times))
    assert all(time <= max(arrivals[: n + 1]) for n, time in enumerate(times))
