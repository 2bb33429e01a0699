"""Quiet that is harder than that of `eye_scenes`: water, quick clouds, shadows of branches in gusts. Seeded."""

import math
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "unit/detectors"))

from motion_scenes import Canvas, Happening, Scene, walker

WALKS_AT_S = 60.3
WAVES = 14
BRANCHES = 40


def harder_scenes(seed: int) -> dict[str, Scene]:
    """One of each kind; nothing happens in them that a person wants to be told of."""
    kinds = {
        "calm water": water(110, 10, 0.6, seed),
        "water": water(110, 22, 1.0, seed),
        "rough water": water(90, 35, 1.3, seed),
        "quick clouds": clouds(0.4, seed),
        "quick dark clouds": clouds(0.6, seed),
        "patches of shadow": patches_of_shadow(0.35, seed),
        "shadows of branches": shadows_of_branches(3.0, seed),
        "shadows of branches in gusts": shadows_of_branches(6.0, seed),
    }
    return {name: Scene(seed=seed, happenings=(happening,)) for name, happening in kinds.items()}


def with_walker(scene: Scene) -> Scene:
    """The same, and somebody of 240 of 1080 lines comes in after a minute."""
    somebody = walker(40, 1.0, WALKS_AT_S, 22, foot=108)
    return Scene(seed=scene.seed, happenings=(*scene.happenings, somebody))


def water(top: int, height: float, haste: float, seed: int) -> Happening:
    """From row ``top`` down waves of this many gray run towards whoever looks, with glints on the highest."""
    dice = np.random.default_rng(seed)
    course, length = dice.normal(math.pi / 2, 0.5, WAVES), dice.uniform(5, 40, WAVES)
    phase, share = dice.uniform(0, 2 * math.pi, WAVES), np.sqrt(length)
    share /= math.sqrt(float(np.square(share).sum()) / 2)
    pace = 1.6 * haste * np.sqrt(9.8 * 2 * math.pi / length)

    def draw(canvas: Canvas, now: float) -> None:
        rows, columns = np.mgrid[top : canvas.shape[0], 0 : canvas.shape[1]].astype(np.float32)
        surface = np.zeros_like(rows)
        for number in range(WAVES):
            along = math.cos(course[number]) * columns + 2.2 * math.sin(course[number]) * rows
            along *= 2 * math.pi / length[number]
            surface += share[number] * np.sin(along - pace[number] * now + phase[number])
        glints = 60 * np.clip(surface - 2, 0, 1.5)
        canvas[top:] = np.clip(95 + height * surface + glints, 10, 245)

    return draw


def clouds(depth: float, seed: int) -> Happening:
    """The light swings by up to this share within some seconds, not everywhere at once."""
    dice = np.random.default_rng(seed)
    periods, phases = dice.uniform(4, 25, 5), dice.uniform(0, 2 * math.pi, 5)

    def draw(canvas: Canvas, now: float) -> None:
        down, across = np.ogrid[0 : canvas.shape[0], 0 : canvas.shape[1]]
        swing = np.zeros(canvas.shape, np.float32)
        for number, (period, phase) in enumerate(zip(periods, phases, strict=True)):
            lag = (
                3 * math.cos(number) * across / canvas.shape[1]
                + 2 * math.sin(number) * down / canvas.shape[0]
            )
            swing += np.sin(2 * math.pi * now / period + phase - lag).astype(np.float32) / len(periods)
        canvas *= 1 - depth * np.clip(0.5 + 1.2 * swing, 0, 1)

    return draw


def patches_of_shadow(depth: float, seed: int, every_s: float = 20.0) -> Happening:
    """Again and again the shadow of a small cloud comes through, its edge as soft as a third of it."""

    def draw(canvas: Canvas, now: float) -> None:
        number = int(now // every_s)
        dice = np.random.default_rng((seed, number))
        middle = (
            (now - number * every_s) * 40 * dice.uniform(0.7, 1.4) - 160,
            dice.uniform(0, canvas.shape[0]),
        )
        size = dice.uniform(60, 140), dice.uniform(50, 120)
        down, across = np.ogrid[0 : canvas.shape[0], 0 : canvas.shape[1]]
        apart = np.sqrt(((across - middle[0]) / size[0]) ** 2 + ((down - middle[1]) / size[1]) ** 2)
        canvas *= (1 - depth * np.clip((1.3 - apart) / 0.5, 0, 1)).astype(np.float32)

    return draw


def shadows_of_branches(reach: float, seed: int, depth: float = 0.55) -> Happening:
    """Hard shadows of leaves on the ground that sway by up to this many pixels, each in its own time, in gusts."""
    dice = np.random.default_rng(seed)
    middles = dice.uniform((40, 70), (260, 160), (BRANCHES, 2))
    sizes = dice.uniform((4, 3), (16, 9), (BRANCHES, 2))
    phases, periods = dice.uniform(0, 2 * math.pi, BRANCHES), dice.uniform(1.2, 2.5, BRANCHES)

    def draw(canvas: Canvas, now: float) -> None:
        down, across = np.ogrid[0 : canvas.shape[0], 0 : canvas.shape[1]]
        dark = np.zeros(canvas.shape, np.bool_)
        gust = reach * (0.5 + 0.5 * math.sin(2 * math.pi * now / 9 + seed))
        for (x, y), (wide, high), phase, period in zip(middles, sizes, phases, periods, strict=True):
            sway = gust * math.sin(2 * math.pi * now / period + phase)
            dip = 0.4 * gust * math.cos(1.8 * math.pi * now / period + phase)
            dark |= ((across - x - sway) / wide) ** 2 + ((down - y - dip) / high) ** 2 < 1
        canvas[dark] *= 1 - depth

    return draw
