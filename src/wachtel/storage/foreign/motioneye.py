"""motionEye: ``<folder of the camera>/2023-05-01/13-05-10.mp4`` in local time, with a picture ``.thumb`` beside it.
A file holds one movement, or everything between two full hours."""

import re
from collections.abc import Sequence

from wachtel.storage.foreign.layout import Layout, Named, moment_named

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FILE = re.compile(r"(\d{2}-\d{2}-\d{2})\.(?:mp4|avi|mkv|mov|webm|flv|swf|ogg|mpg)")


def read(parts: Sequence[str]) -> Named | None:
    """See `Layout.read`."""
    if len(parts) < 3:
        return None
    camera, day, name = parts[-3:]
    found = _FILE.fullmatch(name)
    if found is None or not _DAY.fullmatch(day) or camera in ("", "/"):
        return None
    begins = moment_named(f"{day} {found[1]}", "%Y-%m-%d %H-%M-%S")
    return None if begins is None else Named(camera, begins, "/".join(parts[-3:]))


MOTIONEYE = Layout("motioneye", "motionEye", read, frozenset({".thumb", ".jpg", ".png", ".zip"}))
