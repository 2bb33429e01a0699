"""A clock that steps among B pictures: they are still shown in the order that they state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.media.h264_order import Order, PictureOrder, picture_order
from wachtel.media.video import normalise
from wachtel.model.stream import Codec
from wachtel.sources.rtsp.shown_order import ShownOrder
from wachtel.testing.chaos import make_material

STEP = 9000
DECODED = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11]
"""Numbers in the order of showing, as they are decoded."""


def shown(back: float, at: int) -> list[tuple[int, int]]:
    """Number and time of each picture; before the one that comes as ``at`` the clock steps back by so many pictures."""
    order, found = ShownOrder(STEP), []
    for number, picture in enumerate(DECODED):
        pts = round((picture - (back if number >= at else 0)) * STEP)
        found.append((picture, order.place(pts, (1, 2 * picture))))
    return sorted(found)


@pytest.mark.parametrize("at", range(1, len(DECODED)))
@pytest.mark.parametrize("back", [0.0, 0.3, 1.3, 4.0, 30.0])
def test_times_rise_in_the_order_of_showing(back: float, at: int) -> None:
    times = [time for _, time in shown(back, at)]
    assert times == sorted(set(times))


def test_without_a_step_nothing_is_touched() -> None:
    assert shown(0, 1) == [(number, number * STEP) for number in range(13)]


def test_a_large_step_is_moved_away_and_remembered() -> None:
    order = ShownOrder(STEP)
    for picture in DECODED[:4]:
        order.place(picture * STEP, (1, 2 * picture))
    assert order.place((6 - 5) * STEP, (1, 12)) == 6 * STEP
    assert order.shift == 5 * STEP
    assert order.place((4 - 5) * STEP, (1, 8)) == 4 * STEP


def test_a_clock_that_was_set_begins_anew() -> None:
    order = ShownOrder(STEP)
    order.place(0, (1, 0))
    assert order.place(-(10**9), (1, 2)) == -(10**9)
    assert order.shift == 0


def test_real_pictures_say_in_which_order_they_are_shown() -> None:
    """Without B pictures the encoder says that they are shown as they come, and there is nothing to read."""
    for name, film in make_material().films.items():
        places: list[tuple[Order, int]] = []
        reader: PictureOrder | None = None
        for picture in film:
            _, sets = normalise(
                Codec.H264, b"".join(len(one).to_bytes(4, "big") + one for one in picture.units), 4
            )
            reader = reader or picture_order(sets)
            assert reader is not None
            found = [order for unit in picture.units if (order := reader.of(unit)) is not None]
            places += [(order, picture.shown) for order in found[:1]]
        assert [number for _, number in sorted(places)] == (
            list(range(len(film))) if name.endswith("b") else []
        )


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_at_all(sps: bytes, unit: bytes) -> None:
    reader = picture_order([b"\x67" + sps])
    if reader is not None:
        reader.of(unit)
        reader.of(b"\x65" + unit)
        reader.of(b"\x01" + unit)


@given(
    st.lists(st.tuples(st.integers(-(2**33), 2**33), st.integers(1, 3), st.integers(-50, 50)), max_size=60)
)
def test_any_times_and_orders_at_all(pictures: list[tuple[int, int, int]]) -> None:
    order = ShownOrder(STEP)
    for pts, sequence, count in pictures:
        order.place(pts, (sequence, count))
