import av
import numpy as np
import pytest
from numpy.typing import NDArray

from wachtel.testing.scene.film import SCENE_FPS, SCENE_LENGTH_S, WALK_ENDS_S, WALK_STARTS_S, Film
from wachtel.testing.scene.frame_number import draw_frame_number, read_frame_number
from wachtel.testing.scene.garden import HEIGHT, WIDTH
from wachtel.testing.scene.lettering import lettering

Gray = NDArray[np.uint8]


@pytest.fixture(scope="module")
def film() -> Film:
    return Film()


def luma(film: Film, at_s: float) -> Gray:
    return film.frame(at_s)[:HEIGHT]


def resized(gray: Gray, width: int) -> Gray:
    frame = av.VideoFrame.from_ndarray(gray, format="gray8").reformat(width, width * 9 // 16, format="gray8")
    return np.asarray(frame.to_ndarray(), np.uint8)


@pytest.mark.parametrize("width", [1280, 640, 480, 333, 160])
def test_the_number_is_read_at_any_size(film: Film, width: int) -> None:
    for number in (0, 1, 187, SCENE_LENGTH_S * SCENE_FPS - 1):
        assert read_frame_number(resized(luma(film, number / SCENE_FPS), width)) == number


def test_numbers_are_refused_rather_than_guessed() -> None:
    gray = np.full((360, 640), 90, np.uint8)
    assert read_frame_number(gray) is None
    draw_frame_number(gray, 0xABCDEF)
    assert read_frame_number(gray) == 0xABCDEF
    for column in range(176, 464, 8):
        broken = gray.copy()
        broken[352:, column : column + 8] = 255 - broken[352:, column : column + 8]
        assert read_frame_number(broken) is None


def moved(film: Film, before_s: float, after_s: float) -> float:
    """The share of pixels, plate and strip aside, that changed by more than noise does."""
    before, after = (luma(film, at_s)[64:-20].astype(int) for at_s in (before_s, after_s))
    return float((np.abs(before - after) > 16).mean())


def test_the_garden_is_quiet_but_for_the_walk(film: Film) -> None:
    middle = (WALK_STARTS_S + WALK_ENDS_S) / 2
    assert moved(film, 5.0, 6.3) < 0.004
    assert moved(film, 5.0, middle) > 0.01
    assert moved(film, 5.0, WALK_ENDS_S + 0.1) < 0.004


def test_the_loop_has_no_seam(film: Film) -> None:
    assert moved(film, SCENE_LENGTH_S - 1 / SCENE_FPS, 0.0) < 0.001


def test_noise_differs_from_frame_to_frame(film: Film) -> None:
    first, second = luma(film, 1.0).astype(int), luma(film, 1.0).astype(int)
    assert 0.5 < float((first != second).mean()) < 0.99
    assert first.shape == (HEIGHT, WIDTH)


def test_letters_are_told_apart() -> None:
    pictures = {lettering(letter, 1).tobytes() for letter in "0123456789ACEHILMNRTUVW:.# "}
    assert len(pictures) == 27
    assert lettering("10", 3).shape == (21, 36)
    with pytest.raises(KeyError):
        lettering("q", 1)
