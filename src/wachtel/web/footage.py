"""Pictures of one camera: a still of now, and any stretch of the past."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import compact_time
from wachtel.model.access import Permission
from wachtel.web.access import TheCamera
from wachtel.web.answers import Moment, wall_us
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.media import clip_response
from wachtel.web.ports import Footage, Snapshots


class FootageRoutes:
    """``snapshot.jpg`` and ``recording.mp4``."""

    def __init__(self, snapshots: Snapshots, footage: Footage) -> None:
        self._snapshots = snapshots
        self._footage = footage

    def add_to(self, door: Door) -> None:
        one = "/api/v1/cameras/{camera}"
        door.media(
            f"{one}/snapshot.jpg", self.snapshot, needs=Permission.VIEW, on=On.CAMERA, gives="image/jpeg"
        )
        door.media(
            f"{one}/recording.mp4", self.recording, needs=Permission.VIEW, on=On.CAMERA, gives="video/mp4"
        )

    async def snapshot(self, camera: TheCamera) -> Response:
        """The newest picture as JPEG."""
        return Response(await self._snapshots.latest(camera.id), media_type="image/jpeg")

    async def recording(
        self,
        camera: TheCamera,
        request: Request,
        start: Annotated[Moment, Query()],
        end: Annotated[Moment, Query()],
    ) -> Response:
        """What was recorded from ``start`` to ``end`` as one MP4."""
        first, last = wall_us(start), wall_us(end)
        if first >= last:
            raise WachtelError(ErrorKind.INVALID, "The end is not after the start.", details={"field": "end"})
        clip = await self._footage.recording(camera.id, first, last)
        return clip_response(request, clip, f"{camera.id}-{compact_time(clip.start)}.mp4")
