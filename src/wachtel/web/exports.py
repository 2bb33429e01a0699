"""``/api/v1/export.zip``: several cameras and their journals in one file; ``/api/v1/exports``: who took what along."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import compact_time
from wachtel.model.access import Permission
from wachtel.pipeline.exports import Wish
from wachtel.web.access import TheAccess
from wachtel.web.answers import Answer, moment
from wachtel.web.cameras import CameraBook
from wachtel.web.door import Door
from wachtel.web.export_log import Export, ExportLog
from wachtel.web.guard import On
from wachtel.web.media import download_response
from wachtel.web.ports.footage import Exports
from wachtel.web.stretch import From, To, stretch

MOST_DAYS = 31


class ExportAnswer(Answer):
    """``sent_bytes``: how far the download has come at best. ``running``: somebody reads at this moment. ``path``:
    where it can be had again, whole or from any byte on.
    """

    id: str
    cameras: list[str]
    start: str
    end: str
    originals: bool
    begun: str
    size_bytes: int
    sent_bytes: int
    running: bool
    path: str


class ExportRoutes:
    """Footage to take along."""

    def __init__(self, exports: Exports, book: CameraBook, log: ExportLog) -> None:
        self._exports = exports
        self._book = book
        self._log = log

    def add_to(self, door: Door) -> None:
        door.media(
            "/api/v1/export.zip", self.archive, needs=Permission.VIEW, on=On.EACH, gives="application/zip"
        )
        path = "/api/v1/exports"
        door.route("GET", path, self.all, needs=Permission.VIEW, on=On.EACH)
        door.route("DELETE", path + "/{export}", self.forget, needs=Permission.VIEW, on=On.EACH, status=204)

    async def archive(
        self,
        access: TheAccess,
        request: Request,
        camera: Annotated[list[str], Query(min_length=1, max_length=100)],
        start: From,
        end: To,
        originals: Annotated[bool, Query()] = False,
    ) -> Response:
        """The footage of these cameras as films, or as whole files of the archive, with their journals."""
        first, last = stretch(start, end, field="to", most_days=MOST_DAYS)
        allowed = {one.id for one in await self._book.all() if access.may(Permission.VIEW, one.site)}
        if not set(camera) <= allowed:
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no such camera.", details={"field": "camera"})
        wish = Wish(tuple(dict.fromkeys(camera)), first, last, originals)
        download = await self._exports.archive(wish)
        if request.method == "GET":
            download = self._log.begin(access.who.id, wish, str(request.url.query), download)
        return download_response(request, download, "application/zip", f"wachtel-{compact_time(first)}.zip")

    async def all(self, access: TheAccess) -> list[ExportAnswer]:
        """What this account has taken along since the server was started, newest first."""
        return [_answer(one) for one in self._log.of(access.who.id)]

    async def forget(self, export: str, access: TheAccess) -> None:
        """Takes an export off the list; harmless when it is not on it. A download that runs goes on."""
        self._log.forget(access.who.id, export)


def _answer(export: Export) -> ExportAnswer:
    return ExportAnswer(
        id=export.id,
        cameras=list(export.wish.cameras),
        start=moment(export.wish.start),
        end=moment(export.wish.end),
        originals=export.wish.originals,
        begun=moment(export.begun),
        size_bytes=export.size_bytes,
        sent_bytes=export.sent_bytes,
        running=export.readers > 0,
        path=f"/api/v1/export.zip?{export.query}",
    )
