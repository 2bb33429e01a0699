"""``POST /api/v1/archive/import``: files that wait in the archive become footage. For `wachtel import`."""

from pydantic import Field

from wachtel.base.ids import SLUG
from wachtel.base.units import WallUs
from wachtel.model.access import Permission
from wachtel.storage.files.adoption import Adoptable
from wachtel.web.answers import Answer, Question
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.archive import Imports

MOST_AT_ONCE = 500
_SLUG = f"^{SLUG.pattern}$"


class WaitingFile(Question):
    """A file in the camera's waiting folder, and what it was made from."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    imported: str = Field(min_length=1, max_length=1000)


class Hole(Question):
    """A stretch that nobody recorded, in microseconds since 1970."""

    start_us: int = Field(ge=0)
    end_us: int = Field(ge=0)


class NewImport(Question):
    """What one camera gets."""

    site: str = Field(max_length=48, pattern=_SLUG)
    camera: str = Field(max_length=48, pattern=_SLUG)
    files: list[WaitingFile] = Field(default=[], max_length=MOST_AT_ONCE)
    holes: list[Hole] = Field(default=[], max_length=MOST_AT_ONCE)


class RefusedAnswer(Answer):
    """A file that was not taken in."""

    name: str
    what: str


class ImportAnswer(Answer):
    """``taken`` counts the files that are footage now."""

    taken: int
    refused: list[RefusedAnswer]


class ImportRoutes:
    """What an import asks of a running server."""

    def __init__(self, imports: Imports) -> None:
        self._imports = imports

    def add_to(self, door: Door) -> None:
        door.route("POST", "/api/v1/archive/import", self.adopt, needs=Permission.ADMIN, on=On.INSTALLATION)

    async def adopt(self, asked: NewImport) -> ImportAnswer:
        """Takes waiting files into the archive; answers when they are journalled and the index knows them."""
        files = [Adoptable(one.name, one.imported) for one in asked.files]
        holes = [(WallUs(one.start_us), WallUs(one.end_us)) for one in asked.holes]
        refused = await self._imports.adopt(asked.site, asked.camera, files, holes)
        return ImportAnswer(
            taken=len(files) - len(refused),
            refused=[RefusedAnswer(name=name, what=what) for name, what in refused.items()],
        )
