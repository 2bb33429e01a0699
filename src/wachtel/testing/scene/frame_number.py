"""A number in the picture that programs can read: a strip of blocks at the bottom edge.

The strip holds 36 square blocks of 16 pixels (in a picture 1280 wide), centred: a light and a dark one, 24
bits of the number, 8 bits of checksum (most significant first, light is 1), a dark and a light one.
Everything is placed in shares of the picture, so the strip survives scaling of the whole picture, and H.264.
"""

import numpy as np
from numpy.typing import NDArray

BLOCK_PIXELS = 16
REFERENCE_WIDTH, REFERENCE_HEIGHT = 1280, 720
NUMBER_BITS = 24
CHECK_BITS = 8
BLOCKS = 2 + NUMBER_BITS + CHECK_BITS + 2
LEFT_PIXELS = (REFERENCE_WIDTH - BLOCKS * BLOCK_PIXELS) // 2
DARK, LIGHT = 60, 184
"""Luma of the blocks: far enough apart to be read, not so far as to shout."""
_LEAST_CONTRAST = 50.0
_CRC8_POLYNOMIAL = 0x07


def frame_number_blocks(number: int) -> list[bool]:
    """The blocks from left to right, True for light. ``number`` is taken modulo 2**24."""
    number &= (1 << NUMBER_BITS) - 1
    word = number << CHECK_BITS | _checksum(number)
    bits = [bool(word >> at & 1) for at in reversed(range(NUMBER_BITS + CHECK_BITS))]
    return [True, False, *bits, False, True]


def draw_frame_number(gray: NDArray[np.uint8], number: int) -> None:
    """Writes the strip into a gray picture; it survives compression from some 300 pixels of width on."""
    height, width = gray.shape
    x = (np.arange(width) + 0.5) * REFERENCE_WIDTH / width - LEFT_PIXELS
    inside = (x >= 0) & (x < BLOCKS * BLOCK_PIXELS)
    levels = np.where(frame_number_blocks(number), LIGHT, DARK).astype(np.uint8)
    top = height - round(BLOCK_PIXELS * height / REFERENCE_HEIGHT)
    gray[top:, inside] = levels[(x[inside] / BLOCK_PIXELS).astype(int)]


def read_frame_number(gray: NDArray[np.uint8]) -> int | None:
    """The number in a gray picture of any size (height, width); None when there is none that can be
    trusted."""
    blocks = _block_means(gray)
    threshold = (blocks[0] + blocks[1]) / 2
    if blocks[0] - blocks[1] < _LEAST_CONTRAST:
        return None
    bits = [mean > threshold for mean in blocks]
    if bits[:2] != [True, False] or bits[-2:] != [False, True]:
        return None
    word = int("".join("1" if bit else "0" for bit in bits[2:-2]), 2)
    number = word >> CHECK_BITS
    return number if word & ((1 << CHECK_BITS) - 1) == _checksum(number) else None


def _block_means(gray: NDArray[np.uint8]) -> list[float]:
    """The mean of the middle of each block."""
    height, width = gray.shape
    across, down = width / REFERENCE_WIDTH, height / REFERENCE_HEIGHT
    top, bottom = _middle(REFERENCE_HEIGHT - BLOCK_PIXELS, down, height)
    means = []
    for block in range(BLOCKS):
        left, right = _middle(LEFT_PIXELS + block * BLOCK_PIXELS, across, width)
        means.append(float(gray[top:bottom, left:right].mean()))
    return means


def _middle(start: int, scale: float, limit: int) -> tuple[int, int]:
    """The middle half of a block along one axis, at least a pixel of it."""
    first = min(limit - 1, int((start + BLOCK_PIXELS * 0.25) * scale + 0.5))
    last = min(limit, int((start + BLOCK_PIXELS * 0.75) * scale + 0.5))
    return first, max(first + 1, last)


def _checksum(number: int) -> int:
    """CRC-8 of the three bytes, begun with ones so that an all-dark strip is no number."""
    value = 0xFF
    for byte in number.to_bytes(NUMBER_BITS // 8, "big"):
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ (_CRC8_POLYNOMIAL if value & 0x80 else 0)) & 0xFF
    return value
