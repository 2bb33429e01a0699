"""The change of light where it is not the same everywhere: clouds that come over quickly, the sun between them.

It is told by a surface over the picture, so smooth that no thing looks like it. It goes through the medians of parts
of the picture, and a part in which a thing is large enough to be the median does not count. What is near a camera may
change most of the parts, so a surface is believed only after it went through nearly all of them for a while.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from wachtel.detectors.motion.pooling import Map16

_DOWN, _ACROSS = 5, 8
"""Parts of the picture."""
_DEGREE = 3
_ROUNDS = 4
_FAR = 3.0
"""A part counts less the further it is from the surface, and not at all beyond so many times the usual distance,"""
_LEAST_FAR = 20.0
"""or beyond this (permille), whichever is more."""
_STIFF = 1e-3
"""Keeps the terms small when few parts count."""
_LASTS_S = 5.0
"""Light that changed unevenly is expected to go on doing so for this long,"""
_FIRST_S = 0.7
"""and is believed to do so when a surface told all of it for so long."""

Terms = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Belief:
    """A surface is believed when the median size of the parts' change is at least ``least`` (permille), that of what it
    leaves is at most ``leaves`` of it, and at least ``parts`` of them are near it."""

    least: float
    leaves: float
    parts: float

    def holds(self, medians: Terms, left: Terms, near: Terms) -> bool:
        """For these changes of the parts, what is left of them, and which are near the surface (more than 0)."""
        change = float(np.median(np.abs(medians)))
        if float(np.median(np.abs(left))) > self.leaves * change:
            return False
        return bool(np.count_nonzero(near) >= self.parts * near.size)

    def may_hold(self, medians: Terms) -> bool:
        """Before any surface is known."""
        return float(np.median(np.abs(medians))) >= self.least


AT_FIRST = Belief(20.0, 0.15, 0.95)
LATER = Belief(8.0, 0.45, 0.7)


class UnevenLight:
    """Watches the light of one camera. ``swings`` while it changes unevenly, or did in the last seconds."""

    def __init__(self, height: int, width: int) -> None:
        self._shape = (len(range(2, height, 4)), len(range(2, width, 4)))
        self._powers_down = _powers(np.arange(height) / height)
        self._powers_across = _powers(np.arange(width) / width)
        self._lasts_s = 0.0
        self._told_s: float | None = None

    @property
    def swings(self) -> bool:
        return self._lasts_s > 0

    def pass_time(self, dt_s: float) -> None:
        """So much later."""
        self._lasts_s = max(0.0, self._lasts_s - dt_s)
        if self._told_s is not None:
            self._told_s += dt_s

    def surface(self, sample: NDArray[np.int16]) -> Map16 | None:
        """By how much (permille) more or less than elsewhere the light changed, for each pixel; None when evenly.

        ``sample`` is the change of every fourth pixel, from the third on, flat.
        """
        terms = fitted(self._medians(sample.reshape(self._shape)), LATER if self.swings else AT_FIRST)
        if terms is None:
            self._told_s = None
            return None
        self._told_s = self._told_s or 0.0
        if not self.swings and self._told_s < _FIRST_S:
            return None
        self._lasts_s = _LASTS_S
        surface = np.rint(self._powers_down @ terms @ self._powers_across.T)
        return surface.astype(np.int16)

    def _medians(self, sample: NDArray[np.int16]) -> Terms:
        rows, columns = self._shape
        high, wide = rows // _DOWN, columns // _ACROSS
        if not (high and wide):
            return np.zeros(_DOWN * _ACROSS)
        parts = sample[: high * _DOWN, : wide * _ACROSS].reshape(_DOWN, high, _ACROSS, wide)
        flat = parts.transpose(0, 2, 1, 3).reshape(_DOWN * _ACROSS, high * wide)
        middle = flat.shape[1] // 2
        return np.partition(flat, middle, axis=1)[:, middle].astype(np.float64)


def fitted(medians: Terms, belief: Belief) -> Terms | None:
    """The terms (powers down x powers across) of the surface through nearly all parts; None when not believed."""
    if not belief.may_hold(medians):
        return None
    basis, used = _basis()
    near = np.ones(medians.size)
    for _ in range(_ROUNDS):
        weighted = basis * near[:, None]
        found = np.linalg.solve(weighted.T @ basis + _STIFF * np.eye(basis.shape[1]), weighted.T @ medians)
        left = medians - basis @ found
        far = max(_LEAST_FAR, 1.5 * _FAR * float(np.median(np.abs(left))))
        near = np.square(np.maximum(0.0, 1 - np.square(left / far)))
    if not belief.holds(medians, left, near):
        return None
    terms = np.zeros((_DEGREE + 1, _DEGREE + 1))
    terms[used] = found
    return terms


def _powers(places: Terms) -> Terms:
    """Chebyshev's polynomials 0 to `_DEGREE` of each place, a share of the picture."""
    powers: Terms = np.polynomial.chebyshev.chebvander(2 * places - 1, _DEGREE).astype(np.float64)
    return powers


@cache
def _basis() -> tuple[Terms, tuple[NDArray[np.intp], ...]]:
    """What each term is in the middle of each part, and which terms there are."""
    down = _powers((np.arange(_DOWN) + 0.5) / _DOWN)
    across = _powers((np.arange(_ACROSS) + 0.5) / _ACROSS)
    powers = np.add.outer(np.arange(_DEGREE + 1), np.arange(_DEGREE + 1))
    used = np.nonzero(powers <= _DEGREE)
    basis = np.einsum("ij,kl->ikjl", down, across).reshape(_DOWN * _ACROSS, _DEGREE + 1, _DEGREE + 1)
    return basis[:, used[0], used[1]], used
