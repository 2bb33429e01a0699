"""G.711 telephone sound as linear samples (ITU-T G.711)."""

import sys
from array import array
from bisect import bisect_left
from functools import cache
from itertools import pairwise

from wachtel.model.stream import Codec

_SAMPLE_BYTES = 2


def _a_law(code: int) -> int:
    """Section 2, table 1: even bits come inverted, a set sign bit is positive."""
    code ^= 0x55
    exponent, value = code >> 4 & 7, (code & 0xF) << 4 | 8
    if exponent:
        value = (value | 0x100) << exponent - 1
    return value if code & 0x80 else -value


def _mu_law(code: int) -> int:
    """Section 2, table 2: all bits come inverted, a set sign bit is negative."""
    code ^= 0xFF
    value = ((code & 0xF) << 3 | 0x84) << (code >> 4 & 7)
    return 0x84 - value if code & 0x80 else value - 0x84


def _tables(values: list[int]) -> tuple[bytes, bytes]:
    """Low and high bytes of the sample for each code."""
    samples = [value & 0xFFFF for value in values]
    return bytes(sample & 0xFF for sample in samples), bytes(sample >> 8 for sample in samples)


_TABLES = {
    Codec.PCMA: _tables([_a_law(code) for code in range(256)]),
    Codec.PCMU: _tables([_mu_law(code) for code in range(256)]),
}


def is_g711(codec: Codec) -> bool:
    """Whether `linear` knows this codec."""
    return codec in _TABLES


def linear(codec: Codec, data: bytes) -> bytes:
    """One signed sample of 16 bits, little-endian, for each byte. ``codec`` is PCMA or PCMU."""
    low, high = _TABLES[codec]
    samples = bytearray(len(data) * _SAMPLE_BYTES)
    samples[::2], samples[1::2] = data.translate(low), data.translate(high)
    return bytes(samples)


def mu_law_of(samples: bytes) -> bytes:
    """The nearest µ-law code for each signed little-endian sample of 16 bits; a half sample at the end is left out."""
    values = array("H", samples[: len(samples) // _SAMPLE_BYTES * _SAMPLE_BYTES])
    if sys.byteorder == "big":
        values.byteswap()
    return bytes(map(_codes().__getitem__, values))


@cache
def _codes() -> bytes:
    """The code of every sample, by its value without a sign."""
    steps = sorted((_mu_law(code), code) for code in range(256))
    borders = [(lower + upper) // 2 for (lower, _), (upper, _) in pairwise(steps)]
    signed = (value - (value >> 15 << 16) for value in range(1 << 16))
    return bytes(steps[bisect_left(borders, value)][1] for value in signed)
