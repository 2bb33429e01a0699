"""False alarms over a day: scripts/soak eyes [--hours N] [--seed N]. One JSON line for each event, one at the end.

One detector watches one place for hours of drawn time, as fast as it can: night with insects and headlights, dawn,
clouds, wind, rain, snow, dusk, infrared on and off. Nobody comes. Goal: at most three events a day.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/rigs"))

from eye_scenes import cloud_over, every, infrared, reports
from motion_scenes import (
    BEGIN,
    Canvas,
    Happening,
    Scene,
    headlights,
    insect,
    light_change,
    rain,
    shake,
    snow,
    swaying_trees,
)

from wachtel.base.units import WallUs, microseconds
from wachtel.detectors.api import Picture
from wachtel.detectors.motion import driver
from wachtel.model.camera import MotionSettings

MOST_A_DAY = 3.0
FPS = 10
POOL = 24
PART_S = 600.0
WINDY = 3
"""The trees always stand there; in this part they sway."""
TREES = (150, 310)


def weather() -> list[tuple[float, float, tuple[Happening, ...]]]:
    """Noise (gray), light and what happens in each ten minutes of an hour and twenty; then it begins anew."""
    insects, lights = every(150, insect), every(200, headlights)
    wind = swaying_trees(*TREES, 1.5)
    return [
        (6.0, 0.35, (insects, lights)),
        (4.0, 0.35, (light_change(0, PART_S, 2.8),)),
        (2.5, 1.0, (every(90, cloud_over),)),
        (2.5, 1.0, (wind,)),
        (2.5, 1.0, (rain(60, 40), shake(0.2))),
        (2.5, 1.0, (snow(60, 40),)),
        (2.5, 1.0, (light_change(0, PART_S, 0.35),)),
        (4.0, 0.35, (every(180, infrared, first_s=60), insects)),
    ]


def pictures(seconds: float, seed: int) -> Iterator[Picture]:
    """The day, drawn. Noise comes from a pool of fields, shifted at random: drawing must not be what takes long."""
    dice = np.random.default_rng(seed)
    ground = Scene(seed=seed).ground(np.random.default_rng(seed))
    still = ground.copy()
    swaying_trees(*TREES, 0.0)(still, 0.0)
    fields = dice.normal(0, 1, (POOL, *ground.shape)).astype(np.float32)
    parts = weather()
    for number in range(int(seconds * FPS)):
        now = number / FPS
        part = int(now / PART_S) % len(parts)
        sigma, light, happenings = parts[part]
        canvas: Canvas = (ground if part == WINDY else still).copy()
        for happening in happenings:
            happening(canvas, now % PART_S)
        canvas *= light
        canvas += sigma * np.roll(fields[dice.integers(POOL)], int(dice.integers(ground.size)))
        gray = np.clip(np.rint(canvas), 0, 255).astype(np.uint8)
        yield Picture(WallUs(BEGIN + microseconds(now)), gray)


def main() -> int:
    """Runs the day; 1 when there were too many false alarms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    detector = driver.create(MotionSettings(), 640, 360)
    begun_s = time.process_time()
    moments = []
    for moment in reports(detector, pictures(options.hours * 3600, options.seed)):
        moments.append(round(moment, 1))
        part = int(moment / PART_S) % len(weather())
        print(json.dumps({"soak": "eyes", "event_at_s": round(moment, 1), "part": part}), flush=True)
    a_day = len(moments) * 24 / options.hours
    line = {"hours": options.hours, "events": len(moments), "a_day": round(a_day, 1), "goal": MOST_A_DAY}
    print(json.dumps({"soak": "eyes", **line, "cpu_s": round(time.process_time() - begun_s, 1)}))
    return 1 if a_day > MOST_A_DAY else 0


if __name__ == "__main__":
    sys.exit(main())
