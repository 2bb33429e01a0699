"""Somebody with texture who comes, stands with small movements, and leaves; crosses slowly; comes nearer. Seeded.

Drawn on the scenes of the detector's tests. What is asked: seen at once, one event, gone with the person.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "unit/detectors"))

from motion_scenes import Canvas, Happening, Scene

COMES_AT_S = 20.04
QUIET_AFTER_S = 30.0
WIDE = 0.34
"""Width of a person as a share of the height."""
_CLOTH = 64

Place = tuple[float, float, float]
"""Left, foot and height of somebody, in pixels."""


@dataclass(frozen=True)
class Visit:
    """A scene, when the person comes in and is out again, and how long the scene is to be watched."""

    scene: Scene
    begin_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        return self.end_s + QUIET_AFTER_S


def person(contrast: float, seed: int, where: Callable[[float], Place | None], start: float) -> Happening:
    """Drawn with clothes of their own light; head and arms move a little all the time, legs when they walk."""
    dice = np.random.default_rng(seed)
    cloth = _cloth(dice, contrast)
    phases, periods = dice.uniform(0, 2 * math.pi, 3), dice.uniform((2.5, 3.5, 5.0), (4.0, 6.0, 9.0))

    def draw(canvas: Canvas, now: float) -> None:
        place = where(now - start)
        before = where(now - start - 0.1)
        if place is None:
            return
        left, foot, tall = place
        walks = before is not None and math.dist(place, before) > 0.02 * tall / 10
        wide = WIDE * tall
        nod, arm, lean = (
            math.sin(2 * math.pi * now / period + phase)
            for period, phase in zip(periods, phases, strict=True)
        )
        stride = math.sin(2 * math.pi * 1.8 * now) if walks else 0.3
        sway = 0.02 * tall * lean
        top, waist = foot - tall, foot - 0.45 * tall
        head = left + wide * 0.35 + sway + 0.03 * tall * nod
        _dress(canvas, cloth, (top, top + 0.16 * tall, head, head + 0.3 * wide), 1 + 0.25 * contrast, 0)
        _dress(
            canvas, cloth, (top + 0.16 * tall, waist, left + sway, left + wide + sway), 1 - 0.5 * contrast, 1
        )
        hand = top + (0.4 + 0.08 * arm) * tall
        _dress(
            canvas,
            cloth,
            (hand, hand + 0.07 * tall, left + 0.8 * wide, left + 1.25 * wide),
            1 + 0.2 * contrast,
            2,
        )
        for side in (-1, 1):
            leg = left + wide * (0.5 + side * 0.22 * stride)
            _dress(canvas, cloth, (waist, foot, leg - 0.17 * wide, leg + 0.17 * wide), 1 - 0.4 * contrast, 3)

    return draw


def _cloth(dice: np.random.Generator, contrast: float) -> NDArray[np.float32]:
    """Four pieces of cloth: folds and prints as factors of light around 1."""
    coarse = dice.normal(0, 0.18 * contrast, (4, 8, 8))
    folds: NDArray[np.float32] = np.kron(coarse, np.ones((1, _CLOTH // 8, _CLOTH // 8))).astype(np.float32)
    return np.exp(folds)


def _dress(
    canvas: Canvas,
    cloth: NDArray[np.float32],
    box: tuple[float, float, float, float],
    light: float,
    piece: int,
) -> None:
    """Makes a rectangle (top, bottom, left, right) of this light, with the cloth moving with it."""
    top, bottom, left, right = box
    rows, columns = np.arange(canvas.shape[0]), np.arange(canvas.shape[1])
    down = np.clip(np.minimum(rows + 1, bottom) - np.maximum(rows, top), 0, 1)
    across = np.clip(np.minimum(columns + 1, right) - np.maximum(columns, left), 0, 1)
    ys, xs = np.flatnonzero(down), np.flatnonzero(across)
    if not (ys.size and xs.size):
        return
    fold = np.clip((ys + 0.5 - top) / (bottom - top) * _CLOTH, 0, _CLOTH - 1).astype(int)
    print_ = np.clip((xs + 0.5 - left) / (right - left) * _CLOTH, 0, _CLOTH - 1).astype(int)
    factor = light * cloth[piece][fold][:, print_]
    part = canvas[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
    part *= 1 + (factor - 1) * np.outer(down[ys], across[xs]).astype(np.float32)


def stands(tall: float, stands_s: float, width: int = 320) -> tuple[Callable[[float], Place | None], float]:
    """Walks in from the left to 40 % of the width, stands, and walks on to the right; and how long that takes."""
    speed, goal = max(12.0, 0.8 * tall), 0.4 * width
    comes_s = (goal + WIDE * tall) / speed
    goes_s = (width - goal) / speed

    def where(now: float) -> Place | None:
        if not 0 <= now <= comes_s + stands_s + goes_s:
            return None
        walked = min(now, comes_s) + max(0.0, now - comes_s - stands_s)
        return -WIDE * tall + speed * walked, 150.0, tall

    return where, comes_s + stands_s + goes_s


def crosses(tall: float, speed: float, width: int = 320) -> tuple[Callable[[float], Place | None], float]:
    """Goes through the picture at so many pixels a second."""
    takes_s = (width + WIDE * tall) / speed
    return lambda now: (-WIDE * tall + speed * now, 150.0, tall) if 0 <= now <= takes_s else None, takes_s


def comes_nearer(tall: float, takes_s: float) -> tuple[Callable[[float], Place | None], float]:
    """Comes straight towards the camera, from this height to four times it, and then out at the lower edge."""

    def where(now: float) -> Place | None:
        if not 0 <= now <= takes_s:
            return None
        nearer = 1 / (1 - 0.75 * now / takes_s)
        return 150.0 - WIDE * tall * nearer / 2, 70.0 + 1.9 * tall * (nearer - 1) + tall, tall * nearer

    return where, takes_s


def visit(
    way: tuple[Callable[[float], Place | None], float], contrast: float, seed: int, *, night: bool = False
) -> Visit:
    """Somebody on this way, by day or by night."""
    where, takes_s = way
    somebody = person(contrast, seed, where, COMES_AT_S)
    sigma, light = (8.0, 0.35) if night else (2.5, 1.0)
    scene = Scene(seed=seed, sigma=sigma, light=light, happenings=(somebody,))
    return Visit(scene, COMES_AT_S, COMES_AT_S + takes_s)


def visits(seed: int) -> dict[str, Visit]:
    """All of them."""
    found = {}
    for tall in (60.0, 30.0, 15.0):
        for stands_s in (5.0, 20.0, 60.0):
            found[f"stands {stands_s:.0f} s, {6 * tall:.0f} lines"] = visit(stands(tall, stands_s), 1.0, seed)
    for contrast, night in ((0.35, False), (1.0, True)):
        name = "by night" if night else "faint"
        found[f"stands 10 s, {name}"] = visit(stands(45.0, 10.0), contrast, seed, night=night)
        found[f"stands 60 s, {name}"] = visit(stands(45.0, 60.0), contrast, seed, night=night)
    found["crosses slowly"] = visit(crosses(40.0, 6.0), 0.8, seed)
    found["crosses very slowly"] = visit(crosses(60.0, 4.0), 0.8, seed)
    found["comes nearer"] = visit(comes_nearer(20.0, 10.0), 0.8, seed)
    return found
