"""The allocator's settings, in a process of their own."""

import ctypes
import subprocess
import sys

import pytest

COUNT_LARGE_PIECES = """
import ctypes
from wachtel.base.heap import LARGE_BYTES, keep_heap_small

keep_heap_small()
class Figures(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd".split()] + [
        (str(n), ctypes.c_size_t) for n in range(5)
    ]
count = ctypes.CDLL(None).mallinfo2
count.restype = Figures
freed = bytearray(20 * LARGE_BYTES)
del freed
before = count().hblks
kept = bytearray(2 * LARGE_BYTES)
print(count().hblks - before)
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="another C library than glibc 2.33 or newer"
)
def test_what_is_large_goes_back_even_after_something_larger_was_freed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNT_LARGE_PIECES], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "1"
