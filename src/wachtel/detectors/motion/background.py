"""What the scene looks like when nothing moves, and how much it flickers: per pixel, learned while watching.

Light is measured as its logarithm, so that a lamp or a cloud is the same offset everywhere, to be taken out.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.api import Gray
from wachtel.detectors.motion.blobs import Blob
from wachtel.detectors.motion.clouds import UnevenLight
from wachtel.detectors.motion.pooling import CLIP, Map16, Pools, add_pooled
from wachtel.detectors.motion.swaying import Swaying
from wachtel.detectors.motion.tuning import Tuning

_DARK_GRAY = 12
LOG_OF_GRAY = np.round(1000 * np.log(np.arange(256) + _DARK_GRAY)).astype(np.int16)
_GRAY_STEP = 1000.0 / (np.arange(256) + _DARK_GRAY)
_PAIR = np.arange(65536)
_LOG_OF_PAIR: NDArray[np.uint32] = (
    LOG_OF_GRAY[_PAIR & 255].astype(np.uint32) | LOG_OF_GRAY[_PAIR >> 8].astype(np.uint32) << 16
)
"""Two pixels looked up at once, whatever the order of bytes: half the look-ups, half the time."""
STRIPES = 8
NEVER = 32767
_TONE_CLASSES = 8
_MEDIAN_SQUARE = 0.455
"""Median of the square of a normally distributed value of variance 1."""
_MOST_GROWTH = 16.0
_HELD_S = 2.0
"""What is held is not learned for so long, unless it is held again; longer than from one lesson to the next."""
_MOST_NOISE = 20.0
"""Noise of one pixel (gray) is never taken for more, so that a camera that swings is not deaf afterwards."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Which share of a difference is learned in one lesson: of the scene where it is quiet, of what is hidden by a hit
    and of what has stood there for long, and of the noise."""

    quiet: float
    hidden: float
    absorbing: float
    noise: float

    @classmethod
    def after(cls, passed_s: float, age_s: float, tuning: Tuning) -> "Rates":
        """So long after the lesson before, for a scene known for ``age_s``, which is learned fast at first."""
        known_s = max(age_s, 0.5)
        return cls(
            _rate(passed_s, min(tuning.scene_s, known_s)),
            _rate(passed_s, tuning.hidden_s),
            _rate(passed_s, tuning.absorbing_s),
            _rate(passed_s, min(tuning.noise_s, known_s)),
        )


class Background:
    """The still scene of one camera.

    After `compare`, ``small`` and ``large`` hold the differences to the scene summed over 3x3 and 7x7 pixels,
    ``hits`` marks the pixels in which a sum is beyond its noise (``differs``: any does), and ``offset`` is the change
    of light that was taken out. After `mark_changing`, ``marks`` are those hits that change now. What each pass over
    the pixels does is told here; `native.NativeBackground` does the same faster.
    """

    def __init__(self, height: int, width: int, tuning: Tuning) -> None:
        self._tuning = tuning
        self._shape = (height, width)
        self.log = np.zeros(self._shape, np.int16)
        self._scene = np.zeros(self._shape, np.float32)
        self._scene16 = np.zeros(self._shape, np.int16)
        self._difference = np.zeros(self._shape, np.int16)
        self._pools = Pools(height, width)
        self._variance = np.zeros((2, *self._shape), np.float32)
        self._least_variance = _for_both(
            (9 * tuning.least_noise_small) ** 2, (49 * tuning.least_noise_large) ** 2
        )
        self._shake = _for_both(9 * tuning.shake_px, 49 * tuning.shake_px)
        self._floor = np.zeros(self._shape, np.float32)
        self._edges = np.zeros(self._shape, np.float32)
        self._limit = np.full((2, *self._shape), NEVER, np.int16)
        self._still_s = np.zeros(self._shape, np.float32)
        self._absolute = np.zeros((2, *self._shape), np.int16)
        self._beyond = np.zeros((2, *self._shape), np.bool_)
        self.hits = np.zeros(self._shape, np.bool_)
        self.differs = False
        self.offset = 0
        self._usual_offset = 0.0
        self._tone: Map16 | None = None
        self._light = UnevenLight(height, width)
        self._stripe = 0
        self._age_s = np.zeros(STRIPES, np.float64)
        self._since_s = np.zeros(STRIPES, np.float64)
        self._lessons = 0
        self._recent = np.zeros(self._shape, np.int16)
        self.marks = np.zeros(self._shape, np.bool_)

    @property
    def small(self) -> Map16:
        return self._pools.small

    @property
    def large(self) -> Map16:
        return self._pools.large

    @property
    def _news(self) -> float:
        """By how much (permille) the whole picture's light differs from what is usual lately."""
        return abs(self.offset - self._usual_offset)

    def change_of_light(self, blob: Blob) -> float:
        """By how much (permille) the light changed where this blob is, while it changes unevenly; 0 otherwise."""
        if self._tone is None or not self._light.swings:
            return 0.0
        here = np.abs(self._tone[2::4, 2::4].reshape(-1)[blob.blocks]).mean()
        return float(here) + self._news

    def swaying(self) -> Swaying:
        """The last picture, to be asked whether what differs is the scene itself, moved."""
        return Swaying(self.log, self._scene16, self._variance[0], self.offset)

    def begin(self, gray: Gray) -> None:
        """Takes the picture for the still scene, with a cautious guess of its noise."""
        self._look_up(gray)
        np.copyto(self._scene, self.log)
        np.copyto(self._scene16, self.log)
        step = np.take(_GRAY_STEP, gray).astype(np.float32)
        np.square(step, out=self._floor)
        self._variance[:] = self._floor * (_for_both(9, 49 * 4) * np.float32(self._tuning.first_noise**2))
        self._age_s[:] = 0
        self._since_s[:] = 0
        self._still_s[:] = 0
        self._find_edges()
        for stripe in range(STRIPES):
            self._set_limits(self._rows(stripe))

    def relearn(self, *, again: bool) -> None:
        """Takes the last picture for the still scene and keeps what is known of its noise.

        ``again``: the picture before was taken for it too, so what differs now is mostly noise, and more of it than
        was believed.
        """
        if again:
            self._believe_noise()
        np.copyto(self._scene, self.log)
        np.copyto(self._scene16, self.log)
        self._still_s[:] = 0
        self._recent[:] = 0
        self._usual_offset = 0.0

    def _believe_noise(self) -> None:
        """Otherwise a dark and grainy picture would be taken for an upheaval for ever."""
        for pooled, variance, pixels in zip(self._pools.both, self._variance, (9, 49), strict=True):
            part = (slice(6, -4, 4), slice(6, -4, 4))
            ratio = float(np.median(np.square(pooled[part], dtype=np.float32) / variance[part]))
            variance *= np.float32(min(max(1.0, ratio / _MEDIAN_SQUARE), _MOST_GROWTH))
            np.minimum(variance, self._floor * np.float32(pixels * _MOST_NOISE**2), out=variance)
        self._age_s[:] = 0
        for stripe in range(STRIPES):
            self._set_limits(self._rows(stripe))

    def compare(self, gray: Gray) -> None:
        """Fills ``small``, ``large``, ``hits`` and ``offset`` for this picture."""
        self._look_up(gray)
        np.subtract(self.log, self._scene16, out=self._difference)
        self._take_out_light()
        np.clip(self._difference, -CLIP, CLIP, out=self._difference)
        self._pools.pool(self._difference)
        np.abs(self._pools.both, out=self._absolute)
        np.greater(self._absolute, self._limit, out=self._beyond)
        np.logical_or(self._beyond[0], self._beyond[1], out=self.hits)
        self.differs = bool(self.hits.any())

    def _look_up(self, gray: Gray) -> None:
        pairs = np.ascontiguousarray(gray).view(np.uint16)
        np.take(_LOG_OF_PAIR, pairs, out=self.log.view(np.uint32), mode="clip")

    def _take_out_light(self) -> None:
        """A change of light is the same offset for all pixels, or nearly: extremes answer less."""
        self.offset = _median(self._difference[2::4, 2::4].ravel())
        if self.offset:
            self._difference -= np.int16(self.offset)
        self._tone = self._find_tone(lambda: self._difference[2::4, 2::4].ravel())
        if self._tone is not None:
            self._difference -= self._tone

    def _find_tone(self, rest_of: Callable[[], NDArray[np.int16]]) -> Map16 | None:
        """What the change of light did to each pixel beside its offset; ``rest_of`` gives every fourth pixel's."""
        news = int(self._news)
        changed = news >= self._tuning.tone_offset
        if not (changed or self._light.swings):
            return None
        rest = rest_of()
        surface = self._light.surface(rest)
        if not changed:
            return surface
        if surface is not None:
            rest = rest - surface[2::4, 2::4].reshape(-1)
        curve = tone_curve(self._scene16[2::4, 2::4].ravel(), rest, news // 2)
        tone = np.take(curve, self._scene16, mode="clip")
        return tone if surface is None else tone + surface

    def mark_changing(self, dt_s: float) -> None:
        """Marks pixels that differ from the still scene and change now: what stopped falls silent."""
        self._mark(_rate(dt_s, self._tuning.active_s))

    def _mark(self, rate: float) -> None:
        change = self.small - self._recent
        self._recent += (change * np.float32(rate)).astype(np.int16)
        if not self.differs:
            self.marks.fill(False)
            return
        np.abs(change, out=change)
        np.greater(change, self._limit[0], out=self.marks)
        self.marks &= self.hits

    def hold(self, blob: Blob) -> None:
        """Where it is, nothing that differs is learned in the next lesson: it stands there and will go."""
        box = slice(int(blob.top), int(blob.bottom)), slice(int(blob.left), int(blob.right))
        self._still_s[box] = -_HELD_S

    def learn(self, dt_s: float) -> None:
        """Learns one stripe of the picture; what is marked belongs to things on the move."""
        self._usual_offset += _rate(dt_s, self._tuning.scene_s) * (self.offset - self._usual_offset)
        self._since_s += dt_s
        self._light.pass_time(dt_s)
        stripe, rows = self._stripe, self._rows(self._stripe)
        passed_s = float(self._since_s[stripe])
        self._since_s[stripe] = 0
        self._age_s[stripe] += passed_s
        self._learn_rows(rows, passed_s, Rates.after(passed_s, float(self._age_s[stripe]), self._tuning))
        self._set_limits(rows)
        self._stripe = (stripe + 1) % STRIPES
        self._lessons += 1
        if self._lessons % 32 == 0:
            self._find_edges()

    def _learn_rows(self, rows: slice, passed_s: float, rates: Rates) -> None:
        hit = self.hits[rows] if self.differs else None
        self._learn_scene(rows, self._scene_rate(rows, passed_s, rates, hit))
        part = self._variance[:, rows]
        square = np.square(self._pools.both[:, rows], dtype=np.float32)
        np.minimum(square, part * np.float32(9), out=square)
        square -= part
        square *= np.float32(rates.noise)
        if hit is not None:
            np.copyto(square, np.float32(0), where=hit)
        part += square

    def _scene_rate(
        self, rows: slice, passed_s: float, rates: Rates, hit: NDArray[np.bool_] | None
    ) -> NDArray[np.float32] | np.float32:
        """How much of the difference each pixel learns; one for all where nothing is ``hit``."""
        still = self._still_s[rows]
        quiet = np.float32(rates.quiet)
        if hit is None:
            still.fill(0)
            return quiet
        still += passed_s
        still *= np.greater(hit, self.marks[rows])
        rate = np.full(still.shape, quiet, np.float32)
        np.copyto(rate, np.float32(rates.hidden), where=hit)
        np.copyto(rate, np.float32(rates.absorbing), where=still > self._tuning.absorb_s)
        np.copyto(rate, np.float32(0), where=still < 0)
        return rate

    def _learn_scene(self, rows: slice, rate: NDArray[np.float32] | np.float32) -> None:
        scene, shown = self._scene[rows], self._scene16[rows]
        scene += rate * self._difference[rows]
        if self._tone is not None:
            scene += rate * self._tone[rows]
        before = shown.copy()
        np.copyto(shown, np.rint(scene), casting="unsafe")
        before -= shown
        add_pooled(before, self._recent, rows)

    def _set_limits(self, rows: slice) -> None:
        part = self._variance[:, rows]
        np.maximum(part, self._floor[rows] * self._least_variance, out=part)
        value = np.sqrt(part)
        value *= np.float32(self._tuning.sigmas)
        value += self._edges[rows] * self._shake
        np.minimum(value, np.float32(NEVER), out=value)
        np.copyto(self._limit[:, rows], value, casting="unsafe")
        for limit, border in zip(self._limit, (1, 3), strict=True):
            limit[rows, :border] = limit[rows, -border:] = NEVER
            limit[:border] = limit[-border:] = NEVER

    def _find_edges(self) -> None:
        room = np.zeros(self._shape, np.float32)
        self._find_steps(room)
        # A step of gray, squared: (1000 / gray)^2.
        np.multiply(self._scene, np.float32(-1 / 500), out=room)
        np.exp(room, out=room)
        np.multiply(room, np.float32(1e6), out=self._floor)

    def _find_steps(self, across: NDArray[np.float32]) -> None:
        """Where neighbours of a pixel differ a trembling camera changes much; ``across`` is room, all 0."""
        scene, edges = self._scene, self._edges
        np.abs(scene[:, 2:] - scene[:, :-2], out=across[:, 1:-1])
        down = scene[2:] - scene[:-2]
        across[1:-1] += np.abs(down, out=down)
        across *= 0.5
        wide = across.copy()
        np.maximum(wide[:, 1:], across[:, :-1], out=wide[:, 1:])
        np.maximum(wide[:, :-1], across[:, 1:], out=wide[:, :-1])
        np.copyto(edges, wide)
        np.maximum(edges[1:], wide[:-1], out=edges[1:])
        np.maximum(edges[:-1], wide[1:], out=edges[:-1])

    def _rows(self, stripe: int) -> slice:
        height = self._shape[0]
        return slice(height * stripe // STRIPES, height * (stripe + 1) // STRIPES)


def _for_both(small: float, large: float) -> NDArray[np.float32]:
    return np.array([small, large], np.float32).reshape(2, 1, 1)


def _rate(passed_s: float, time_constant_s: float) -> float:
    return -math.expm1(-passed_s / time_constant_s)


def tone_curve(scene: NDArray[np.int16], rest: NDArray[np.int16], most: int) -> NDArray[np.int16]:
    """How much a change of light was more or less than its median, by the level of the still scene.

    The levels are cut into classes of as many pixels each, whose medians are joined by lines; nothing is
    believed beyond +-``most``.
    """
    order = np.argsort(scene, kind="stable")
    classes = [part for part in np.array_split(order, _TONE_CLASSES) if part.size]
    levels = [float(scene[part[part.size // 2]]) for part in classes]
    medians = [min(max(_median(rest[part]), -most), most) for part in classes]
    return np.interp(np.arange(LOG_OF_GRAY[-1] + 1), levels, medians).astype(np.int16)


def _median(sample: NDArray[np.int16]) -> int:
    middle = sample.size // 2
    return int(np.partition(sample, middle)[middle])
