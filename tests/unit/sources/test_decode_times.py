"""Decode times from presentation times alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.sources.rtsp.decode_order import DecodeTimes

STEP = 3000


def place(times: DecodeTimes, order: list[int]) -> list[int]:
    return [times.place(number * STEP) for number in order]


def test_without_reordering_decode_time_is_presentation_time() -> None:
    assert place(DecodeTimes(), [0, 1, 2, 3]) == [0, STEP, 2 * STEP, 3 * STEP]


def test_b_pictures_that_are_declared() -> None:
    times = DecodeTimes()
    times.expect(2)
    decoded = place(times, [0, 4, 2, 1, 3, 8, 6, 5, 7])
    assert decoded == [number * STEP for number in (-2, -1, 0, 1, 2, 3, 4, 5, 6)]


def test_the_first_pictures_are_as_far_apart_as_the_stream_says() -> None:
    times = DecodeTimes()
    times.expect(2, 9000)
    decoded = [times.place(number * 9000) for number in (0, 3, 1, 2, 6, 4, 5)]
    assert decoded == [number * 9000 for number in (-2, -1, 0, 1, 2, 3, 4)]


def test_b_pictures_that_are_not_declared_are_learned() -> None:
    decoded = place(DecodeTimes(), [0, 2, 1, 4, 3, 6, 5, 8, 7])
    assert decoded[3:] == sorted(set(decoded[3:]))


def test_a_camera_that_sets_its_clock_begins_anew() -> None:
    times = DecodeTimes()
    place(times, [0, 1, 2])
    assert times.place(10**9) == 10**9
    assert times.place(STEP) == STEP


def test_a_step_back_in_a_stream_without_b_pictures_changes_nothing_later() -> None:
    times = DecodeTimes()
    times.expect(0)
    assert place(times, [0, 1, 2, 1, 2, 3, 4]) == [number * STEP for number in (0, 1, 2, 1, 2, 3, 4)]


def test_many_steps_back_do_not_pile_up() -> None:
    times = DecodeTimes()
    decoded = place(times, [number % 10 for number in range(200)])
    assert all(number % 10 * STEP - dts <= 4 * STEP for number, dts in enumerate(decoded))


@given(st.integers(0, 4), st.data())
def test_decode_times_rise_and_never_pass_presentation(depth: int, data: st.DataObject) -> None:
    """Any order whose depth was declared truly."""
    order: list[int] = [0]
    waiting: list[int] = []
    following = 1
    for _ in range(30):
        while len(waiting) <= depth:
            waiting.append(following)
            following += 1
        shown_next = min(waiting)
        overtaken = sum(1 for number in order if number > shown_next)
        number = shown_next if overtaken >= depth else data.draw(st.sampled_from(waiting))
        order.append(number)
        waiting.remove(number)
    times = DecodeTimes()
    times.expect(depth)
    decoded = place(times, order)
    assert all(dts <= number * STEP for dts, number in zip(decoded, order, strict=True))
    assert decoded == sorted(set(decoded))


@pytest.mark.parametrize("depth", [0, 1, 3])
@given(st.lists(st.integers(-(2**40), 2**40), max_size=60))
def test_any_times_at_all(depth: int, line: list[int]) -> None:
    times = DecodeTimes()
    times.expect(depth)
    assert all(times.place(pts) <= pts for pts in line)
