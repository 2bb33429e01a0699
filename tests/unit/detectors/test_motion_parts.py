import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.detectors.motion.background import tone_curve
from wachtel.detectors.motion.blobs import count_in_blocks, find_blobs
from wachtel.detectors.motion.engine import picture_size
from wachtel.detectors.motion.pooling import BORDER, CLIP, Pools


@given(st.integers(0, 2**32 - 1))
def test_pools_are_sums_of_boxes(seed: int) -> None:
    values = np.random.default_rng(seed).integers(-CLIP, CLIP + 1, (16, 24)).astype(np.int16)
    pools = Pools(16, 24)
    pools.pool(values)
    for y in range(BORDER, 16 - BORDER):
        for x in range(BORDER, 24 - BORDER):
            assert pools.small[y, x] == values[y - 1 : y + 2, x - 1 : x + 2].sum()
            assert pools.large[y, x] == values[y - 3 : y + 4, x - 3 : x + 4].sum()


@given(st.integers(0, 2**32 - 1))
def test_counts_are_those_of_each_block(seed: int) -> None:
    marks = np.random.default_rng(seed).random((16, 24)) < 0.4
    expected = marks.reshape(4, 4, 6, 4).sum(axis=(1, 3))
    assert np.array_equal(count_in_blocks(marks), expected)


def test_blobs_are_the_connected_groups() -> None:
    mass = np.zeros((20, 40), np.float32)
    mass[2:4, 2:6] = 4
    mass[10:12, 30:34] = 8
    first, second = sorted(find_blobs(mass), key=lambda blob: blob.x)
    assert (first.mass, first.x, first.y) == (32, 16, 12)
    assert (first.left, first.top, first.right, first.bottom) == (8, 8, 24, 16)
    assert (second.mass, second.width, second.height) == (64, 16, 8)
    assert find_blobs(np.zeros((20, 40), np.float32)) == []


@given(st.sets(st.tuples(st.integers(0, 15), st.integers(0, 23)), max_size=60))
def test_every_block_with_mass_lies_in_exactly_one_blob(cells: set[tuple[int, int]]) -> None:
    mass = np.zeros((16, 24), np.float32)
    for y, x in cells:
        mass[y, x] = 1
    blocks = [int(block) for blob in find_blobs(mass) for block in blob.blocks]
    assert sorted(blocks) == sorted(y * 24 + x for y, x in cells)


@pytest.mark.parametrize(
    ("stream", "picture"),
    [
        ((640, 360), (320, 180)),
        ((1920, 1080), (320, 180)),
        ((640, 480), (320, 240)),
        ((160, 120), (160, 120)),
        ((704, 576), (304, 252)),
        ((1080, 1920), (208, 368)),
    ],
)
def test_the_picture_keeps_the_aspect_and_is_never_enlarged(
    stream: tuple[int, int], picture: tuple[int, int]
) -> None:
    assert picture_size(*stream) == picture


@given(st.integers(32, 8000), st.integers(32, 8000))
def test_pictures_consist_of_whole_blocks(width: int, height: int) -> None:
    columns, rows = picture_size(width, height)
    assert columns % 8 == 0
    assert rows % 4 == 0
    assert columns <= 320 or rows <= 240


def test_a_tone_curve_follows_what_each_level_did() -> None:
    scene = np.repeat(np.arange(3000, 5400, 10), 10).astype(np.int16)
    rest = np.where(scene < 4000, -20, 30).astype(np.int16)
    curve = tone_curve(scene, rest, most=25)
    assert curve[3200] == -20
    assert curve[5000] == 25
    assert tone_curve(scene, np.zeros_like(rest), most=25).any() is np.False_
