"""People want the picture in which the thing is large, sharp and whole."""

import numpy as np

from wachtel.base.units import WallUs
from wachtel.detectors.api import Gray
from wachtel.model.event import Motion, Why
from wachtel.model.zone import Box
from wachtel.pipeline.best_picture import picture_quality

DICE = np.random.default_rng(1)
SHARP: Gray = DICE.integers(0, 255, (90, 160), np.uint8)
BLURRED: Gray = (128 + (SHARP.astype(np.int16) - 128) // 40).astype(np.uint8)


def quality(box: Box, gray: Gray = SHARP) -> float:
    return picture_quality(Motion(WallUs(0), WallUs(0), 0.5, boxes=(box,)), gray)


def test_larger_sharper_and_whole_is_better() -> None:
    small, large = Box(0.4, 0.4, 0.5, 0.6), Box(0.3, 0.3, 0.6, 0.8)
    cut = Box(0.7, 0.3, 1.0, 0.8)
    assert quality(large) > quality(small) > 0
    assert quality(large) > quality(cut) > 0
    assert quality(large) > quality(large, BLURRED) > 0


def test_the_best_of_several_things_decides() -> None:
    small, large = Box(0.4, 0.4, 0.5, 0.6), Box(0.3, 0.3, 0.6, 0.8)
    both = Motion(WallUs(0), WallUs(0), 0.5, boxes=(small, large))
    assert picture_quality(both, SHARP) == quality(large)


def test_strange_boxes_and_detectors_without_boxes_raise_nothing() -> None:
    for box in (Box(1, 1, 1, 1), Box(0, 0, 0, 0), Box(0.5, 0.5, 0.5, 0.5)):
        assert quality(box) == 0
    assert picture_quality(Motion(WallUs(0), WallUs(0), 0.5, why=Why(area=0.3)), SHARP) == 0.3
