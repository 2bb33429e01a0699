"""``/api/v1/export.zip``: several cameras and their journals in one file."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import compact_time
from wachtel.base.units import US_PER_S
from wachtel.model.access import Permission
from wachtel.pipeline.exports import Wish
from wachtel.web.access import TheAccess
from wachtel.web.answers import Moment, wall_us
from wachtel.web.cameras import CameraBook
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.media import download_response
from wachtel.web.ports import Exports

LONGEST_US = 31 * 86_400 * US_PER_S


class ExportRoutes:
    """Footage to take along."""

    def __init__(self, exports: Exports, book: CameraBook) -> None:
        self._exports = exports
        self._book = book

    def add_to(self, door: Door) -> None:
        door.media(
            "/api/v1/export.zip", self.archive, needs=Permission.VIEW, on=On.EACH, gives="application/zip"
        )

    async def archive(
        self,
        access: TheAccess,
        request: Request,
        camera: Annotated[list[str], Query(min_length=1, max_length=100)],
        start: Annotated[Moment, Query(alias="from")],
        end: Annotated[Moment, Query(alias="to")],
        originals: Annotated[bool, Query()] = False,
    ) -> Response:
        """The footage of these cameras as films, or as whole files of the archive, with their journals."""
        first, last = wall_us(start), wall_us(end)
        if first >= last or last - first > LONGEST_US:
            what = "The end is not after the start, or more than 31 days after it."
            raise WachtelError(ErrorKind.INVALID, what, details={"field": "to"})
        allowed = {one.id for one in await self._book.all() if access.may(Permission.VIEW, one.site)}
        if not set(camera) <= allowed:
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no such camera.", details={"field": "camera"})
        wish = Wish(tuple(dict.fromkeys(camera)), first, last, originals)
        download = await self._exports.archive(wish)
        return download_response(request, download, "application/zip", f"wachtel-{compact_time(first)}.zip")
