"""The compiled library: what it offers, and how arrays are handed to it."""

from array import array
from collections.abc import Callable
from ctypes import addressof, c_char, c_double, c_float, c_int32, c_void_p
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from wachtel.base.compiled import open_compiled

Array = NDArray[Any]

_ARGUMENTS: dict[str, list[Any]] = {
    "offset": [c_void_p] * 3,
    "compare": [c_void_p, c_void_p, c_int32, c_void_p],
    "mark_changing": [c_void_p, c_float, c_void_p],
    "learn": [c_void_p] * 4,
    "set_limits": [c_void_p] * 2,
    "find_edges": [c_void_p] * 2,
    "count_swaying": [c_void_p, c_void_p, c_int32, c_int32, *[c_float] * 3, c_void_p, c_void_p],
    "count_in_blocks": [c_void_p, c_int32, c_int32, c_void_p],
    "block_sums": [c_void_p, c_int32, c_int32, c_void_p, c_void_p],
    "stirs": [c_void_p, c_void_p, c_void_p, c_void_p, c_int32, c_int32],
    "learn_blocks": [c_void_p] * 5 + [c_int32] + [c_float] * 4,
    "count_changing": [c_void_p] * 3 + [c_int32] * 3 + [c_void_p] * 2,
    "beyond_usual": [c_void_p, c_void_p, c_int32, c_void_p],
    "get_used_to": [c_void_p] * 3 + [c_int32] * 2 + [c_float] * 5 + [c_void_p, c_int32, c_void_p],
    "find_blobs": [c_void_p, c_void_p, c_int32, c_int32, c_double, *[c_void_p] * 6],
    "company": [c_void_p] * 3 + [c_int32] + [c_void_p] * 2 + [c_int32] + [c_void_p] * 2,
    "match": [c_void_p, c_void_p, c_int32, c_void_p, c_int32, c_double, c_double, c_void_p, c_void_p],
    "stir_tiles": [c_void_p, c_int32, c_float, c_float, c_void_p, c_void_p, c_void_p, c_int32, c_void_p],
    "goes_on": [c_void_p, c_int32, c_int32, c_void_p, c_int32, c_int32, c_void_p, c_void_p],
}


passes: Any = open_compiled(Path(__file__).parent, _ARGUMENTS, {"goes_on": c_double})
"""None where it was not compiled."""

_first_byte: Callable[[Any], c_char] = c_char.from_buffer


def at(values: "Array | array[Any] | bytearray") -> int:
    """Where it lies in memory; it must be contiguous, hold something, and outlive the call."""
    return addressof(_first_byte(values))


def at_read_only(values: Array) -> int:
    """The same of what may not be written to; takes longer."""
    return values.ctypes.data


def all_at(*arrays: Array) -> list[int]:
    """The same of each."""
    return [at(values) for values in arrays]


class Room:
    """Arrays that are used again by each call; the library is called without giving up the GIL, so by one at a time."""

    def __init__(self, *arrays: Array) -> None:
        self.arrays = arrays
        self.at = all_at(*arrays)
