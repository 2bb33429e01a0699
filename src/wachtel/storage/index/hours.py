"""Bitmaps of an hour in slots of ten seconds. Pure."""

from collections.abc import Iterable

from wachtel.base.units import HOUR_US, US_PER_S
from wachtel.storage.api import SLOT_S, SLOTS_PER_HOUR

SLOT_US = SLOT_S * US_PER_S
BITMAP_BYTES = SLOTS_PER_HOUR // 8


def hour_of(at: int) -> int:
    """The beginning of the hour (UTC) that holds a moment."""
    return at // HOUR_US * HOUR_US


def hours_of(start: int, end: int) -> range:
    """The hours that a stretch touches; a moment touches its own."""
    return range(hour_of(start), max(end, start + 1), HOUR_US)


def bitmap(hour: int, stretches: Iterable[tuple[int, int]]) -> bytes:
    """A bit for each slot of the hour that any of the stretches touches, first slot in the highest bit."""
    bits = 0
    for start, end in stretches:
        first = max(start - hour, 0) // SLOT_US
        last = min((max(end, start + 1) - 1 - hour) // SLOT_US, SLOTS_PER_HOUR - 1)
        if first <= last and first < SLOTS_PER_HOUR:
            bits |= ((1 << (last - first + 1)) - 1) << (SLOTS_PER_HOUR - 1 - last)
    return bits.to_bytes(BITMAP_BYTES, "big")
