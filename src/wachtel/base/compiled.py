"""What was compiled of C (see `compiling`), opened."""

from collections.abc import Mapping, Sequence
from ctypes import CDLL, PyDLL
from pathlib import Path
from typing import Any

_LIBRARY = "compiled.so"


def open_compiled(
    folder: Path,
    arguments: Mapping[str, Sequence[Any]],
    answers: Mapping[str, Any],
    *,
    waits: bool = False,
) -> CDLL | None:
    """The library in a folder ``native``, whose functions take these arguments; an answer that is no ``int`` is named.

    It is called without giving up the GIL, unless it ``waits`` for something. None when it was not compiled, or lacks a
    function: then it is older.
    """
    try:
        library = (CDLL if waits else PyDLL)(str(folder / _LIBRARY))
        for name, types in arguments.items():
            getattr(library, name).argtypes = types
        for name, kind in answers.items():
            getattr(library, name).restype = kind
    except (OSError, AttributeError):
        return None
    return library
