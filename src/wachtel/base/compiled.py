"""What was compiled of C (see `compiling`), opened."""

from collections.abc import Mapping, Sequence
from ctypes import PyDLL
from pathlib import Path
from typing import Any

_LIBRARY = "compiled.so"


def open_compiled(
    folder: Path, arguments: Mapping[str, Sequence[Any]], answers: Mapping[str, Any]
) -> PyDLL | None:
    """The library in a folder ``native``, whose functions take these arguments; an answer that is no ``int`` is named.

    It is called without giving up the GIL. None when it was not compiled, or lacks a function: then it is older.
    """
    try:
        library = PyDLL(str(folder / _LIBRARY))
        for name, types in arguments.items():
            getattr(library, name).argtypes = types
        for name, kind in answers.items():
            getattr(library, name).restype = kind
    except (OSError, AttributeError):
        return None
    return library
