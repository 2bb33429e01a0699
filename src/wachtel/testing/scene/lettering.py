"""A small bitmap font of our own: five by seven dots."""

import numpy as np
from numpy.typing import NDArray

_GLYPHS = {
    " ": (0, 0, 0, 0, 0, 0, 0),
    "0": (14, 17, 17, 17, 17, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 6, 8, 16, 31),
    "3": (14, 17, 1, 6, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 4, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
    ":": (0, 4, 4, 0, 4, 4, 0),
    ".": (0, 0, 0, 0, 0, 12, 12),
    "A": (14, 17, 17, 31, 17, 17, 17),
    "C": (14, 17, 16, 16, 16, 17, 14),
    "E": (31, 16, 16, 30, 16, 16, 31),
    "I": (14, 4, 4, 4, 4, 4, 14),
    "L": (16, 16, 16, 16, 16, 16, 31),
    "M": (17, 27, 21, 21, 17, 17, 17),
    "N": (17, 25, 21, 19, 17, 17, 17),
    "R": (30, 17, 17, 30, 20, 18, 17),
    "T": (31, 4, 4, 4, 4, 4, 4),
    "U": (17, 17, 17, 17, 17, 17, 14),
    "V": (17, 17, 17, 17, 10, 10, 4),
    "W": (17, 17, 17, 21, 21, 27, 17),
    "H": (17, 17, 17, 31, 17, 17, 17),
    "#": (10, 10, 31, 10, 31, 10, 10),
}
COLUMNS, ROWS = 5, 7
ADVANCE = COLUMNS + 1


def lettering(text: str, dot_pixels: int) -> NDArray[np.float32]:
    """The text as coverage 0..1 (height, width), ``dot_pixels`` a dot, with a blank dot behind each letter.

    Raises KeyError for a letter the font lacks.
    """
    dots = np.zeros((ROWS, ADVANCE * len(text)), np.float32)
    for place, letter in enumerate(text):
        for row, bits in enumerate(_GLYPHS[letter]):
            for column in range(COLUMNS):
                dots[row, place * ADVANCE + column] = bits >> (COLUMNS - 1 - column) & 1
    return np.kron(dots, np.ones((dot_pixels, dot_pixels), np.float32)).astype(np.float32)
