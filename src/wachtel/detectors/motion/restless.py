"""Where and how much the scene is restless without anything going through it: leaves, water, rain, flies."""

import math

import numpy as np

from wachtel.detectors.motion.blobs import BLOCK, Blob
from wachtel.detectors.motion.tuning import Tuning

_TILE_BLOCKS = 4


class Restlessness:
    """``mass`` is about the largest mass of what comes and goes again and again; small when that is rare."""

    def __init__(self, size: tuple[int, int], tuning: Tuning) -> None:
        self._tuning = tuning
        columns, rows = size[0] // BLOCK, size[1] // BLOCK
        across, down = -(-columns // _TILE_BLOCKS), -(-rows // _TILE_BLOCKS)
        self._share = np.zeros(down * across, np.float32)
        row, column = np.divmod(np.arange(rows * columns), columns)
        self._tile = row // _TILE_BLOCKS * across + column // _TILE_BLOCKS
        """Of each block."""
        self.mass = 0.0

    def learn(self, dt_s: float, unsure: list[Blob], masses: list[float]) -> None:
        """One picture: the blobs of tracks that are not sure, and the masses of what came or went."""
        rate = -math.expm1(-min(dt_s, 1.0) / self._tuning.restless_s)
        if unsure:
            self._stir(rate, unsure)
        else:
            self._share *= 1 - rate
        self.mass *= math.exp(-min(dt_s, 1.0) / self._tuning.mess_s)
        usual, least, share = self.mass, self._tuning.least_mass, self._tuning.mess_share
        for mass in masses:
            step = self._tuning.mess_step * (least + usual)
            usual += min(step * (1 - share), mass - usual) if mass > usual else -step * share
        self.mass = usual

    def _stir(self, rate: float, unsure: list[Blob]) -> None:
        """A tile counts once for each blob in it, be it with one block or many."""
        touched = np.zeros((len(unsure), self._share.size), np.bool_)
        for row, blob in zip(touched, unsure, strict=True):
            row[self._tile[blob.blocks]] = True
        self._share *= 1 - rate
        self._share += touched.sum(axis=0, dtype=np.float32) * np.float32(rate)

    def around(self, blob: Blob) -> float:
        """The share of pictures in which something restless was seen where this blob is."""
        return float(self._share[self._tile[blob.blocks]].sum()) / blob.blocks.size
