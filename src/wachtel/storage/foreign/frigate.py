"""Frigate: ``recordings/2023-05-01/13/front/05.10.mp4`` in UTC, before its 0.11 ``recordings/2022-05/01/13/...`` in
local time. Each file holds about ten seconds; its name is the minute and the second in which it begins."""

import re
from collections.abc import Sequence
from datetime import UTC

from wachtel.storage.foreign.layout import Layout, Named, moment_named

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-\d{2}")
_TWO_DIGITS = re.compile(r"\d{2}")
_FILE = re.compile(r"(\d{2})\.(\d{2})\.mp4")


def read(parts: Sequence[str]) -> Named | None:
    """See `Layout.read`."""
    if len(parts) < 4:
        return None
    hour, camera, name = parts[-3:]
    found = _FILE.fullmatch(name)
    if found is None or not _TWO_DIGITS.fullmatch(hour):
        return None
    clock = f"{hour}:{found[1]}:{found[2]}"
    if _DAY.fullmatch(parts[-4]):
        begins = moment_named(f"{parts[-4]} {clock}", "%Y-%m-%d %H:%M:%S")
        return None if begins is None else Named(camera, begins.replace(tzinfo=UTC), "/".join(parts[-4:]))
    if len(parts) >= 5 and _TWO_DIGITS.fullmatch(parts[-4]) and _MONTH.fullmatch(parts[-5]):
        begins = moment_named(f"{parts[-5]}-{parts[-4]} {clock}", "%Y-%m-%d %H:%M:%S")
        return None if begins is None else Named(camera, begins, "/".join(parts[-5:]))
    return None


FRIGATE = Layout("frigate", "Frigate", read, frozenset({".jpg", ".webp", ".png", ".db"}))
