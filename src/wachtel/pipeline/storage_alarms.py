"""Alarms about the archive as a whole: raised once, withdrawn once, standing in between."""

from collections.abc import Callable
from dataclasses import replace

from wachtel.base.clock import Clock
from wachtel.model.live import StorageAlarm, StorageTrouble


class StorageAlarms:
    """Lives in main's loop."""

    def __init__(self, clock: Clock, tell: Callable[[StorageAlarm], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._standing: dict[StorageTrouble, StorageAlarm] = {}

    def standing(self) -> list[StorageAlarm]:
        """The alarms of this moment."""
        return list(self._standing.values())

    def raise_(self, kind: StorageTrouble, what: str, hint: str) -> None:
        """Something is wrong; told when it is new. Of an alarm that stands, only the words are brought up to date."""
        standing = self._standing.get(kind)
        if standing is not None:
            self._standing[kind] = replace(standing, what=what, hint=hint)
            return
        alarm = self._standing[kind] = StorageAlarm(kind, self._clock.wall_us(), what, hint)
        self._tell(alarm)

    def clear(self, kind: StorageTrouble) -> None:
        """It is well again; told when it was not."""
        alarm = self._standing.pop(kind, None)
        if alarm is not None:
            self._tell(replace(alarm, until=self._clock.wall_us()))
