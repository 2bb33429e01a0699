"""What footage is there for which reason, and what another setting would delete."""

from dataclasses import replace
from typing import Annotated

from fastapi import Query

from wachtel.model.access import Permission
from wachtel.web.access import TheCamera
from wachtel.web.answers import Answer, moment_or_none
from wachtel.web.camera_questions import KeepDays, MostGb
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.archive import Shares


class ShareAnswer(Answer):
    """A camera's footage in bytes: held, else of an event with its rolls, else continuous."""

    camera: str
    continuous_bytes: int
    event_bytes: int
    held_bytes: int


class EffectAnswer(Answer):
    """What would go at once; ``start`` and ``end`` of it are null when nothing does. ``due_bytes`` would go with the
    present settings, too.
    """

    files: int
    size_bytes: int
    start: str | None
    end: str | None
    due_bytes: int


class StorageEffectRoutes:
    """Answers before anything is changed."""

    def __init__(self, shares: Shares) -> None:
        self._shares = shares

    def add_to(self, door: Door) -> None:
        door.route("GET", "/api/v1/storage/shares", self.shares, needs=Permission.VIEW, on=On.INSTALLATION)
        path = "/api/v1/cameras/{camera}/retention"
        door.route("GET", path, self.preview, needs=Permission.ADMIN, on=On.CAMERA)

    async def shares(self) -> list[ShareAnswer]:
        """Which footage is there for which reason, by camera; may be two minutes old."""
        return [
            ShareAnswer(
                camera=one.camera,
                continuous_bytes=one.continuous_bytes,
                event_bytes=one.event_bytes,
                held_bytes=one.held_bytes,
            )
            for one in await self._shares.shares()
        ]

    async def preview(
        self,
        camera: TheCamera,
        keep_days: Annotated[KeepDays | None, Query()] = None,
        keep_event_days: Annotated[KeepDays | None, Query()] = None,
        most_gb: Annotated[MostGb | None, Query()] = None,
    ) -> EffectAnswer:
        """What other settings would delete at once; changes nothing. What is left out stays as it is."""
        changed = replace(
            camera,
            keep_days=camera.keep_days if keep_days is None else keep_days,
            keep_event_days=camera.keep_event_days if keep_event_days is None else keep_event_days,
            most_gb=camera.most_gb if most_gb is None else most_gb,
        )
        effect, due = await self._shares.preview(changed), await self._shares.preview(camera)
        return EffectAnswer(
            files=effect.files,
            size_bytes=effect.size_bytes,
            start=moment_or_none(effect.start),
            end=moment_or_none(effect.end),
            due_bytes=due.size_bytes,
        )
