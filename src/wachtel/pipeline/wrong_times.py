"""When the machine's clock was wrong, by what it showed then: footage of these times is as old as it really is.

A machine without a battery may believe for a minute that it is 1970. Footage of that minute is not fifty years old when
the time is right again, and nothing may delete it for that.
"""

import logging
from pathlib import Path

import msgspec

from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.model.footage import Hold

log = logging.getLogger(__name__)

MARGIN_US = 120 * US_PER_S
"""So much before the first and after the last look the clock may have been wrong already, or still."""

NOTE_EVERY_US = 60 * US_PER_S
MOST = 1000


class _Stretch(msgspec.Struct):
    """The wall clock went from ``start`` to ``end`` and was wrong; ``known`` is the right time at which it ended, 0
    while it lasts."""

    start: int
    end: int
    known: int = 0


class WrongTimes:
    """Used by one task."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stretches = _read(file)
        self._noted_end = 0

    def saw(self, wall: WallUs) -> None:
        """The clock shows this, and it cannot be believed."""
        for one in self._stretches:
            if not one.known and one.start - MARGIN_US <= wall <= one.end + MARGIN_US:
                one.start, one.end = min(one.start, wall), max(one.end, wall)
                break
        else:
            self._stretches = [*self._stretches[1 - MOST :], _Stretch(wall, wall)]
            self._noted_end = 0
        if abs(wall - self._noted_end) >= NOTE_EVERY_US:
            self._noted_end = wall
            self._write()

    def is_right(self, wall: WallUs) -> None:
        """The clock shows this, and it is right."""
        lasting = [one for one in self._stretches if not one.known]
        for one in lasting:
            one.known = wall
        if lasting:
            self._write()

    def kept(self, camera: str, keep_days: float, now: WallUs) -> list[Hold]:
        """What of a camera is younger than its times say, as long as it is to be kept for so many days."""
        since = now - microseconds(keep_days * 86_400)
        return [
            Hold(camera, WallUs(one.start - MARGIN_US), WallUs(one.end + MARGIN_US))
            for one in self._stretches
            if not one.known or one.known > since
        ]

    def _write(self) -> None:
        draft = self._file.with_name(self._file.name + ".new")
        try:
            draft.write_bytes(msgspec.json.encode(self._stretches))
            draft.replace(self._file)
        except OSError as error:
            log.warning("it could not be noted when the clock was wrong: %s", error)


def _read(file: Path) -> list[_Stretch]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[_Stretch])
    except (OSError, msgspec.MsgspecError):
        return []
