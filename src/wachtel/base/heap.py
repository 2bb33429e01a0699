"""The C library's allocator, told to keep little that nobody uses."""

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""Numbers of mallopt(3), glibc."""

LARGE_BYTES = 128 * 1024
PICTURE_BYTES = 4 * 1024 * 1024
"""A picture as it comes, a decoded one of a sub stream, and the arrays that the motion engine makes of it are less."""


def keep_heap_small() -> None:
    """One heap for all threads, and what is large goes back to the kernel as soon as it is freed.

    Left alone, glibc gives each thread a heap of its own that others cannot use, and after the first large piece
    that is freed it keeps ever larger ones. Processes forked later inherit this. Does nothing where the C library has
    no such settings.
    """
    _set({M_ARENA_MAX: 1, M_MMAP_THRESHOLD: LARGE_BYTES, M_TRIM_THRESHOLD: LARGE_BYTES})


def keep_pictures() -> None:
    """After `keep_heap_small`, for who makes and frees pieces as large as pictures all the time.

    With fresh pages from the kernel for each of them the motion engine took half as long again, and the media worker a
    tenth.
    """
    _set({M_MMAP_THRESHOLD: PICTURE_BYTES, M_TRIM_THRESHOLD: PICTURE_BYTES})


def _set(options: dict[int, int]) -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for name, value in options.items():
            mallopt(name, value)


def give_back_freed() -> None:
    """Gives the kernel what was freed between pieces still in use: after a start that is some megabytes."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
