"""``/api/v1/archive``: what can be done with the files themselves."""

from wachtel.model.access import Permission
from wachtel.web.answers import Answer
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports import Archive


class RebuiltAnswer(Answer):
    """How much the new index holds."""

    segments: int
    gaps: int
    events: int


class ArchiveRoutes:
    """Care of the archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def add_to(self, door: Door) -> None:
        door.route(
            "POST", "/api/v1/archive/rebuild", self.rebuild, needs=Permission.ADMIN, on=On.INSTALLATION
        )

    async def rebuild(self) -> RebuiltAnswer:
        """Makes the index anew from the files and takes it into use; recording goes on meanwhile."""
        rebuilt = await self._archive.rebuild()
        return RebuiltAnswer(segments=rebuilt.segments, gaps=rebuilt.gaps, events=rebuilt.events)
