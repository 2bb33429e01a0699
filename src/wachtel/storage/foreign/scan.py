"""Finds the recordings in a folder of another program; reads names, sizes and dates, and changes nothing."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.storage.foreign.layout import Layout, Named


@dataclass(frozen=True, slots=True)
class Foreign:
    """A recording as found: ``written`` is when it was last changed."""

    path: Path
    named: Named
    size_bytes: int
    written: WallUs


@dataclass(slots=True)
class Found:
    """What a folder holds: recordings by camera and time, and files that nobody knows."""

    layout: Layout
    files: list[Foreign] = field(default_factory=list)
    strangers: list[Path] = field(default_factory=list)

    @property
    def cameras(self) -> tuple[str, ...]:
        """The cameras as the other program calls them."""
        return tuple(sorted({file.named.camera for file in self.files}))

    @property
    def size_bytes(self) -> int:
        """Of all recordings together."""
        return sum(file.size_bytes for file in self.files)


def scan(folder: Path, layouts: Sequence[Layout], wanted: str | None = None) -> Found:
    """Looks through ``folder``; the layout is the wanted one, else the one that explains most of the files.

    Raises `WachtelError` (not_found, denied, invalid).
    """
    if not folder.is_dir():
        raise WachtelError(ErrorKind.NOT_FOUND, f"There is no folder {folder}.")
    if wanted is not None:
        layouts = [layout for layout in layouts if layout.name == wanted]
    every = [Found(layout) for layout in layouts]
    for path in _walk(folder.absolute()):
        for found in every:
            _take(found, path)
    best = max(every, key=lambda found: len(found.files))
    if not best.files:
        known = " or ".join(layout.title for layout in layouts)
        raise WachtelError(
            ErrorKind.NOT_FOUND,
            f"No file in {folder} is named as {known} names its recordings.",
            hint="Give the folder that holds the days, as it lies on the other program's disk.",
        )
    best.files.sort(key=lambda file: (file.named.camera, file.named.begins.isoformat(), str(file.path)))
    return best


def _walk(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise WachtelError(
            ErrorKind.DENIED,
            f"The folder {error.filename} cannot be read: {error.strerror}.",
            hint="Let the user who runs this command read it.",
        ) from error

    for place, folders, names in os.walk(folder, onerror=refuse):
        folders.sort()
        yield from (Path(place, name) for name in sorted(names))


def _take(found: Found, path: Path) -> None:
    named = found.layout.read(PurePath(path).parts)
    if named is None or not path.is_file() or path.is_symlink():
        if path.suffix.lower() not in found.layout.beside and not path.name.startswith("."):
            found.strangers.append(path)
        return
    told = path.stat()
    found.files.append(Foreign(path, named, told.st_size, WallUs(told.st_mtime_ns // 1000)))
