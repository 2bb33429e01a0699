"""Drawn scenes for measuring the eyes: walkers of every size, and all kinds of quiet. All seeded.

The scenes themselves are those of the detector's tests (``motion_scenes``); here they are lined up, run through
detector and event assembler, and, if asked for, through a real H.264 encoder on the way.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "unit/detectors"))

from motion_scenes import (
    BEGIN,
    Canvas,
    Happening,
    Scene,
    flicker,
    headlights,
    infrared_switch,
    insect,
    lamp_on,
    light_change,
    rain,
    shake,
    snow,
    swaying_trees,
    visitor_who_stands,
    walker,
)

from wachtel.base.units import US_PER_S, WallUs
from wachtel.detectors.api import Detector, Gray, Picture
from wachtel.detectors.motion import driver
from wachtel.model.camera import MotionSettings
from wachtel.pipeline.assembler import EventAssembler, EventBegan, EventChange, EventEnded
from wachtel.pipeline.decoding import GrayScaler
from wachtel.pipeline.watching import Watching

LINES_OF_1080 = 6
"""The drawn picture has 180 lines."""
WALKER_HEIGHTS = (360, 240, 120, 60, 45, 30)
WALKER_CONTRASTS = (1.0, 0.35)
NEAR = 120
"""A walker of so many of 1080 lines has to be seen at once."""


@dataclass(frozen=True)
class WalkerSeen:
    """A walker of this height (of 1080 lines); ``delay_s`` None: not seen. ``false_alarms``: events before."""

    height: int
    contrast: float
    enters: bool
    delay_s: float | None
    false_alarms: int


def walkers(seed: int, *, encoded: bool, enters: bool) -> Iterator[WalkerSeen]:
    """Twelve walkers, who come in from the edge or stand there from one picture to the next and walk on."""
    for height in WALKER_HEIGHTS:
        for contrast in WALKER_CONTRASTS:
            yield _walker(height, contrast, seed, encoded=encoded, enters=enters)


def _walker(height: int, contrast: float, seed: int, *, encoded: bool, enters: bool) -> WalkerSeen:
    start = 14.0 + 0.013 * (seed % 7)
    tall = height / LINES_OF_1080
    left = None if enters else 40.0 + 17 * (seed % 9)
    somebody = walker(tall, contrast, start, max(12.0, 0.8 * tall), left=left)
    onset = start if enters else np.ceil(start * 10 - 1e-9) / 10
    began = events(Scene(seed=seed, happenings=(somebody,)), 22.0, encoded=encoded)
    after = [moment for moment in began if moment >= onset]
    delay = after[0] - onset if after else None
    return WalkerSeen(height, contrast, enters, delay, len(began) - len(after))


def walkers_in_weather(seeds: Sequence[int]) -> Iterator[tuple[str, list[WalkerSeen]]]:
    """Walkers of 240 and 120 lines who come after 30 s of rain, dense rain, snow, or before trees that always sway."""
    weathers: dict[str, Callable[[int], Happening]] = {
        "walkers in rain": lambda seed: rain(0, 60, seed=seed),
        "walkers in dense rain": lambda seed: rain(0, 150, seed=seed),
        "walkers in snow": lambda seed: snow(0, 60, seed=seed),
        "walkers in a snowstorm": lambda seed: snow(0, 150, wind=20, seed=seed),
        "walkers before trees": lambda seed: swaying_trees(100, 280, 2.0, bottom=0.9, seed=seed),
    }
    for name, weather in weathers.items():
        yield (
            name,
            [_in_weather(height, weather(seed), seed) for seed in seeds for height in (240, NEAR)],
        )


def _in_weather(height: int, weather: Happening, seed: int) -> WalkerSeen:
    start, tall = 30.0 + 0.013 * (seed % 7), height / LINES_OF_1080
    somebody = walker(tall, 1.0, start, max(12.0, 0.8 * tall))
    began = events(Scene(seed=seed, happenings=(weather, somebody)), 45.0)
    after = [moment for moment in began if moment >= start]
    delay = after[0] - start if after else None
    return WalkerSeen(height, 1.0, True, delay, len(began) - len(after))


def events(scene: Scene, seconds: float, *, encoded: bool = False) -> list[float]:
    """When events became known, in seconds since the scene began."""
    detector = driver.create(MotionSettings(), 2 * scene.width, 2 * scene.height)
    pictures = scene.pictures(seconds)
    return list(reports(detector, _through_encoder(pictures, scene) if encoded else pictures))


def spans(scene: Scene, seconds: float, *, encoded: bool = False) -> list[tuple[float, float, float]]:
    """When events began, ended and became known, in seconds since the scene began."""
    detector = driver.create(MotionSettings(), 2 * scene.width, 2 * scene.height)
    pictures = scene.pictures(seconds)
    changes = _changes(detector, _through_encoder(pictures, scene) if encoded else pictures)
    over = [change.event for change in changes if isinstance(change, EventEnded)]
    return [(second(one.start), second(one.end or one.start), second(one.reported)) for one in over]


def reports(detector: Detector, pictures: Iterator[Picture]) -> Iterator[float]:
    """The same of any pictures, as they come."""
    for change in _changes(detector, pictures):
        if isinstance(change, EventBegan):
            yield (change.event.reported - BEGIN) / US_PER_S


def _changes(detector: Detector, pictures: Iterator[Picture]) -> Iterator[EventChange]:
    """What becomes of the detector's answers; at the end what runs is ended."""
    watching, assembler, at = Watching(), EventAssembler(), WallUs(BEGIN)
    assembler.watch("scene", "scene")
    for picture in pictures:
        at = picture.at
        signal = watching.answer(at, detector.look(picture))
        yield from assembler.take("scene", signal) if signal else []
        yield from assembler.tick(at)
    signal = watching.stop()
    yield from assembler.take("scene", signal) if signal else []
    yield from assembler.stop(at)


def _through_encoder(pictures: Iterator[Picture], scene: Scene) -> Iterator[Picture]:
    """The pictures as a camera would send them: 640x360 H.264 with a key frame every two seconds."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 2 * scene.width, 2 * scene.height, "yuv420p"
    encoder.time_base = Fraction(1, round(scene.fps))
    encoder.options = {"preset": "veryfast", "tune": "zerolatency", "crf": "26", "g": "20", "threads": "1"}
    decoder = av.CodecContext.create("h264", "r")
    scaler = GrayScaler((scene.width, scene.height))
    for number, picture in enumerate(pictures):
        frame = _enlarged(picture.gray)
        frame.pts = number
        for packet in encoder.encode(frame):
            for decoded in decoder.decode(packet):
                yield Picture(picture.at, scaler.scale(decoded))


def _enlarged(gray: Gray) -> VideoFrame:
    luma = gray.repeat(2, axis=0).repeat(2, axis=1)
    height, width = luma.shape
    chroma = np.full((height // 2, width), 128, np.uint8)
    return VideoFrame.from_ndarray(np.concatenate((luma, chroma)), format="yuv420p")


# --- all kinds of quiet


def every(period_s: float, happening: Callable[[float], Happening], first_s: float = 20.0) -> Happening:
    """The same thing again and again."""

    def draw(canvas: Canvas, now: float) -> None:
        begin = first_s + period_s * max(0, int((now - first_s) / period_s))
        if now >= first_s:
            happening(begin)(canvas, now)

    return draw


def cloud_over(begin: float) -> Happening:
    """A cloud takes the sun within 2 s; 12 s later it is gone."""
    darker, brighter = light_change(begin, begin + 2, 0.6), light_change(begin + 12, begin + 14, 1 / 0.6)

    def draw(canvas: Canvas, now: float) -> None:
        darker(canvas, now)
        brighter(canvas, now)

    return draw


def lamp(begin: float) -> Happening:
    """A lamp is switched on, and off after 25 s."""
    light = lamp_on(begin, 250, 60, 70, 0.8)

    def draw(canvas: Canvas, now: float) -> None:
        if now < begin + 25:
            light(canvas, now)

    return draw


def infrared(begin: float) -> Happening:
    """To infrared, and back after 25 s."""
    switch = infrared_switch(begin)

    def draw(canvas: Canvas, now: float) -> None:
        if now < begin + 25:
            switch(canvas, now)

    return draw


def quiet_scenes(seed: int) -> dict[str, Scene]:
    """One scene of each kind in which nothing happens that a person wants to be told of."""
    day, night = Scene(seed=seed), Scene(sigma=8.0, light=0.35, seed=seed)

    def with_(*happenings: Happening, scene: Scene = day) -> Scene:
        return replace(scene, happenings=happenings)

    return {
        "day": day,
        "night": night,
        "dusk": with_(light_change(10, 240, 0.25)),
        "cloud": with_(every(40, cloud_over)),
        "flicker": with_(flicker(0.03, 1.0)),
        "lamp": with_(every(60, lamp)),
        "infrared": with_(every(60, infrared)),
        "rain": with_(rain(0, 60, seed=seed - 1)),
        "snow": with_(snow(0, 60, seed=seed + 10)),
        "shake": with_(shake(0.4)),
        "insects": with_(every(35, insect), scene=replace(night, sigma=4.0)),
        "headlights": with_(every(35, headlights), scene=replace(night, sigma=4.0)),
        "standing person": with_(visitor_who_stands(-30.0, 1e9), breathing(160, 100, 20, 50)),
        "trees after a calm minute": with_(swaying_trees(150, 310, 2.0, start=60.0, seed=seed + 6)),
    }


def breathing(left: int, top: int, width: int, height: int) -> Happening:
    """Somebody who has been standing there all the time and moves by half a pixel."""
    coat = np.random.default_rng(5).uniform(0.4, 0.8, (height + 2, 1)).astype(np.float32)

    def draw(canvas: Canvas, now: float) -> None:
        sway = 0.5 * np.sin(2 * np.pi * 0.25 * now)
        edge = np.clip(np.arange(width + 2) - sway, 0, 1) * np.clip(
            width + 1 + sway - np.arange(width + 2), 0, 1
        )
        canvas[top : top + height + 2, left : left + width + 2] *= 1 + (coat - 1) * edge.astype(np.float32)

    return draw


def second(at: WallUs) -> float:
    """Seconds since a scene began."""
    return (at - BEGIN) / US_PER_S
