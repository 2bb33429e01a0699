"""The frames of the scene: the still garden, with what moves laid over it, as luma and chroma."""

from dataclasses import dataclass
from math import pi, sin

import numpy as np
from numpy.typing import NDArray

from wachtel.testing.scene.brush import Canvas, Floats
from wachtel.testing.scene.frame_number import (
    BLOCK_PIXELS,
    BLOCKS,
    DARK,
    LEFT_PIXELS,
    LIGHT,
    frame_number_blocks,
)
from wachtel.testing.scene.garden import HEIGHT, WIDTH, paint_crown, paint_garden
from wachtel.testing.scene.lettering import lettering
from wachtel.testing.scene.walker import CANVAS_SIZE, FEET, Pose, paint_walker

SCENE_FPS = 15
SCENE_LENGTH_S = 40
WALK_STARTS_S, WALK_ENDS_S = 12.0, 18.5
"""Outside of this the garden is empty; the figure is cut by the picture's edge near both ends."""
_WALK_FROM_X, _WALK_TO_X = -60.0, WIDTH + 60.0
_FEET_Y = 628
_SWAY_PERIOD_S = 5
_SWAY_PIXELS = 2.2
_CROWN_WIDTH, _CROWN_HEIGHT = 448, 340
_SWAY_STEPS = 40
"""Pictures of the crown in a period; they are made beforehand."""
_NOISE_STRENGTH = 1.7
"""Standard deviation of luma."""
_MOST_NOISE = 7
_NOISE_MARGIN = 96
_TITLE, _DOT = "WACHTEL NETCAM", 3
_PLATE_LEFT, _PLATE_TOP, _PLATE_HEIGHT = 18, 20, 33
_WHITE, _GRAY = 226, 128

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Picture:
    """Luma (height, width) and both chromas (2, height / 2, width / 2), video range of BT.709."""

    luma: Bytes
    chroma: Bytes

    def part(self, top: int, left: int, height: int, width: int) -> "_Picture":
        """A view; all numbers must be even."""
        rows, columns = slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2)
        return _Picture(self.luma[top : top + height, left : left + width], self.chroma[:, rows, columns])


def _to_picture(rgb: Floats) -> _Picture:
    """BT.709, video range (ITU-R BT.709-6 sections 3.2 to 3.4)."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    chroma = np.stack([(blue - light) / 1.8556, (red - light) / 1.5748]) * (224 / 255) + 128
    height, width = light.shape
    halved = chroma.reshape(2, height // 2, 2, width // 2, 2).mean(axis=(2, 4))
    return _Picture(np.rint(16 + light * (219 / 255)).astype(np.uint8), np.rint(halved).astype(np.uint8))


class Film:
    """Makes frames on demand; the same time gives the same picture but for the noise."""

    def __init__(self) -> None:
        self._randomness = np.random.default_rng(7)
        size = (HEIGHT + _NOISE_MARGIN, WIDTH + _NOISE_MARGIN)
        noise = np.rint(self._randomness.normal(0, _NOISE_STRENGTH, size)).clip(-_MOST_NOISE, _MOST_NOISE)
        self._noise = noise.astype(np.int8).view(np.uint8)
        garden, crown = paint_garden(), paint_crown()
        self._sway = [_crown_over(garden, crown, step / _SWAY_STEPS) for step in range(_SWAY_STEPS)]
        self._still = _to_picture(garden)
        self._plate(_TITLE + " 00:00.0 #000")

    def frame(self, at_s: float) -> Bytes:
        """The picture at a moment of the loop, planar YUV 4:2:0 (height * 3 / 2, width)."""
        packed = np.empty((HEIGHT * 3 // 2, WIDTH), np.uint8)
        picture = _Picture(packed[:HEIGHT], packed[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2))
        picture.luma[...], picture.chroma[...] = self._still.luma, self._still.chroma
        crown = self._sway[round(at_s / _SWAY_PERIOD_S * _SWAY_STEPS) % _SWAY_STEPS]
        whole = picture.part(0, 0, _CROWN_HEIGHT, _CROWN_WIDTH)
        whole.luma[...], whole.chroma[...] = crown.luma, crown.chroma
        if WALK_STARTS_S <= at_s < WALK_ENDS_S:
            _walk(picture, at_s - WALK_STARTS_S)
        self._add_noise(picture.luma)
        self._write(picture.luma, at_s)
        _number(picture, int(at_s * SCENE_FPS + 1e-6))
        return packed

    def _plate(self, text: str) -> None:
        """A dark plate for the lettering, gray in colour."""
        width = lettering(text, _DOT).shape[1] + 14 & ~1
        plate = self._still.part(_PLATE_TOP - 2, _PLATE_LEFT - 2, _PLATE_HEIGHT + 3, width)
        for picture in (
            plate,
            *(one.part(_PLATE_TOP - 2, _PLATE_LEFT - 2, _PLATE_HEIGHT + 3, width) for one in self._sway),
        ):
            picture.luma[...] = picture.luma * 0.35 + 24
            picture.chroma[...] = picture.chroma * 0.2 + _GRAY * 0.8

    def _write(self, luma: Bytes, at_s: float) -> None:
        minutes, seconds = divmod(at_s + 1e-6, 60)
        number = int(at_s * SCENE_FPS + 1e-6)
        coverage = lettering(
            f"{_TITLE} {int(minutes):02d}:{int(seconds * 10) / 10:04.1f} #{number:03d}", _DOT
        )
        height, width = coverage.shape
        part = luma[_PLATE_TOP + 5 : _PLATE_TOP + 5 + height, _PLATE_LEFT + 6 : _PLATE_LEFT + 6 + width]
        part[coverage > 0.5] = _WHITE

    def _add_noise(self, luma: Bytes) -> None:
        """Luma keeps so far from 0 and 255 that adding modulo 256 is right for negative noise too."""
        top, left = self._randomness.integers(0, _NOISE_MARGIN, 2)
        luma += self._noise[top : top + HEIGHT, left : left + WIDTH]


def _crown_over(garden: Floats, crown: Canvas, turn: float) -> _Picture:
    """The crown's corner of the picture, ``turn`` 0..1 of its sway: the higher, the further it leans."""
    area = (slice(0, _CROWN_HEIGHT), slice(0, _CROWN_WIDTH))
    phase = 2 * pi * turn
    height = np.arange(_CROWN_HEIGHT, 0, -1, dtype=np.float32) / _CROWN_HEIGHT
    lean = _SWAY_PIXELS * height * (sin(phase) + 0.35 * np.sin(2 * phase + height * 7))
    over = np.dstack([crown.rgb[area] * crown.alpha[area][..., None], crown.alpha[area]])
    moved = _shift_rows(over, lean)
    return _to_picture(garden[area] * (1 - moved[..., 3:]) + moved[..., :3])


def _shift_rows(picture: Floats, lean: Floats) -> Floats:
    """Each row moved to the right by its own, broken, number of pixels."""
    columns = np.arange(picture.shape[1])[None, :] - lean[:, None]
    left = np.clip(np.floor(columns).astype(int), 0, picture.shape[1] - 2)
    share = np.clip(columns - left, 0, 1)[..., None]
    rows = np.arange(picture.shape[0])[:, None]
    return np.asarray(picture[rows, left] * (1 - share) + picture[rows, left + 1] * share, np.float32)


def _walk(picture: _Picture, walked_s: float) -> None:
    """The figure, cut off at the picture's edges."""
    share = walked_s / (WALK_ENDS_S - WALK_STARTS_S)
    width, height = CANVAS_SIZE
    left = round(_WALK_FROM_X + (_WALK_TO_X - _WALK_FROM_X) * share - FEET[0]) & ~1
    top = round(_FEET_Y - FEET[1]) & ~1
    first, last = max(0, -left), min(width, WIDTH - left)
    if first >= last:
        return
    figure = paint_walker(Pose.at(walked_s))
    colours = _to_picture(figure.rgb[:, first:last])
    opacity = figure.alpha[:, first:last]
    part = picture.part(top, left + first, height, last - first)
    _lay_over(part.luma, colours.luma, opacity)
    coarse = opacity.reshape(height // 2, 2, -1, 2).mean(axis=(1, 3))
    _lay_over(part.chroma, colours.chroma, coarse)


def _lay_over(ground: Bytes, paint: Bytes, opacity: Floats) -> None:
    before = ground.astype(np.float32)
    ground[...] = before + (paint - before) * opacity


def _number(picture: _Picture, number: int) -> None:
    """The strip that programs read."""
    strip = picture.part(HEIGHT - BLOCK_PIXELS, LEFT_PIXELS, BLOCK_PIXELS, BLOCKS * BLOCK_PIXELS)
    levels = [LIGHT if light else DARK for light in frame_number_blocks(number)]
    strip.luma[...] = np.repeat(np.asarray(levels, np.uint8), BLOCK_PIXELS)
    strip.chroma[...] = _GRAY
