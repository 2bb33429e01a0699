"""Light that changes unevenly: a smooth surface over the picture, which no thing looks like."""

import numpy as np
import pytest
from numpy.typing import NDArray

from wachtel.detectors.motion.clouds import AT_FIRST, LATER, UnevenLight, fitted

HEIGHT, WIDTH = 180, 320
ROWS, COLUMNS = np.mgrid[0:HEIGHT, 0:WIDTH]
CLOUD = 200 * np.sin(2.5 * COLUMNS / WIDTH + 1.5 * ROWS / HEIGHT - 2)
"""Permille, by pixel."""


def sample(change: NDArray[np.float64]) -> NDArray[np.int16]:
    """Every fourth pixel of it, with noise."""
    noise = np.random.default_rng(3).normal(0, 20, change.shape)
    return (change + noise)[2::4, 2::4].astype(np.int16).reshape(-1)


def watched(light: UnevenLight, change: NDArray[np.float64], looks: int) -> list[bool]:
    """In which of so many looks, ten a second, a surface was believed."""
    told = []
    for _ in range(looks):
        told.append(light.surface(sample(change)) is not None)
        light.pass_time(0.1)
    return told


def test_a_cloud_is_believed_after_a_while_and_the_surface_is_its_shade() -> None:
    light = UnevenLight(HEIGHT, WIDTH)
    assert watched(light, CLOUD, 12) == [False] * 7 + [True] * 5
    surface = light.surface(sample(CLOUD))
    assert surface is not None and light.swings
    assert np.abs(surface - CLOUD).max() < 25


def test_somebody_in_front_leaves_the_surface_as_it_is() -> None:
    light = UnevenLight(HEIGHT, WIDTH)
    watched(light, CLOUD, 12)
    shown = CLOUD.copy()
    shown[60:130, 100:140] -= 500
    surface = light.surface(sample(shown))
    assert surface is not None
    assert np.abs(surface - CLOUD).mean() < 12


def test_something_near_the_camera_is_no_light() -> None:
    shown = np.zeros((HEIGHT, WIDTH))
    shown[20:170, 60:190] = -600
    light = UnevenLight(HEIGHT, WIDTH)
    assert not any(watched(light, shown, 20))
    assert not light.swings


def test_even_light_needs_no_surface_and_swings_end() -> None:
    light = UnevenLight(HEIGHT, WIDTH)
    assert not any(watched(light, np.zeros((HEIGHT, WIDTH)), 20))
    watched(light, CLOUD, 12)
    watched(light, np.zeros((HEIGHT, WIDTH)), 60)
    assert not light.swings


@pytest.mark.parametrize(("parts", "believed"), [(0, True), (8, False)])
def test_parts_that_do_not_fit_speak_against_a_surface(parts: int, believed: bool) -> None:
    medians = np.linspace(-100, 100, 40)
    medians[:parts] += 400 * (-1.0) ** np.arange(parts)
    assert (fitted(medians, AT_FIRST) is not None) == believed
    assert fitted(medians, LATER) is not None


def test_a_picture_too_small_for_parts_has_even_light() -> None:
    light = UnevenLight(32, 32)
    assert light.surface(np.full(64, 300, np.int16)) is None
