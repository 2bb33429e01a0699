"""Pictures of one camera: a still of now, and any stretch of the past."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import compact_time
from wachtel.model.access import Permission
from wachtel.model.camera import Camera
from wachtel.web.access import TheCamera
from wachtel.web.answers import Answer, Moment, moment, wall_us
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.media import clip_response
from wachtel.web.ports.footage import Footage, Part
from wachtel.web.ports.live import Snapshots
from wachtel.web.stretch import stretch


class PartFormat(Answer):
    """What the picture is encoded in; ``width`` and ``height`` in pixels."""

    codec: str
    width: int
    height: int


class PartAnswer(Answer):
    """One film of a range. ``part`` counts from 1; ``video`` has one entry for each size the picture takes in it."""

    part: int
    start: str
    end: str
    size_bytes: int
    video: tuple[PartFormat, ...]
    gaps: tuple[tuple[str, str], ...]
    url: str


class RecordingAnswer(Answer):
    """The films that a range consists of, in order of time."""

    parts: tuple[PartAnswer, ...]


class FootageRoutes:
    """``snapshot.jpg``, ``recording`` and ``recording.mp4``."""

    def __init__(self, snapshots: Snapshots, footage: Footage) -> None:
        self._snapshots = snapshots
        self._footage = footage

    def add_to(self, door: Door) -> None:
        one = "/api/v1/cameras/{camera}"
        door.media(
            f"{one}/snapshot.jpg", self.snapshot, needs=Permission.VIEW, on=On.CAMERA, gives="image/jpeg"
        )
        door.route("GET", f"{one}/recording", self.parts, needs=Permission.VIEW, on=On.CAMERA)
        door.media(
            f"{one}/recording.mp4", self.recording, needs=Permission.VIEW, on=On.CAMERA, gives="video/mp4"
        )

    async def snapshot(self, camera: TheCamera) -> Response:
        """The newest picture as JPEG."""
        return Response(await self._snapshots.latest(camera.id), media_type="image/jpeg")

    async def parts(
        self, camera: TheCamera, start: Annotated[Moment, Query()], end: Annotated[Moment, Query()]
    ) -> RecordingAnswer:
        """The films that ``recording.mp4`` has for this range."""
        found = await self._parts(camera, start, end)
        return RecordingAnswer(
            parts=tuple(_answer(camera, start, end, number, part) for number, part in enumerate(found, 1))
        )

    async def recording(
        self,
        camera: TheCamera,
        request: Request,
        start: Annotated[Moment, Query()],
        end: Annotated[Moment, Query()],
        part: Annotated[int | None, Query(ge=1)] = None,
    ) -> Response:
        """What was recorded from ``start`` to ``end`` as one MP4; of several parts ``part``, or the largest."""
        found = await self._parts(camera, start, end)
        if part is not None and part > len(found):
            what = (
                f"This range has {len(found)} parts." if len(found) > 1 else "This range has one part only."
            )
            raise WachtelError(ErrorKind.NOT_FOUND, what, details={"field": "part"})
        chosen = part or 1 + max(range(len(found)), key=lambda number: found[number].size_bytes or 0)
        clip = found[chosen - 1]
        response = clip_response(request, clip, f"{camera.id}-{compact_time(clip.start)}.mp4")
        response.headers["wachtel-part"] = f"{chosen}/{len(found)}"
        if len(found) > 1:
            response.headers["link"] = _links(camera, start, end, chosen, len(found))
        return response

    async def _parts(self, camera: Camera, start: datetime, end: datetime) -> Sequence[Part]:
        return await self._footage.parts(camera.id, *stretch(start, end, field="end"))


def _answer(camera: Camera, start: datetime, end: datetime, number: int, part: Part) -> PartAnswer:
    assert part.size_bytes is not None
    pictures = dict.fromkeys(
        (one.video.codec.value, one.video.width, one.video.height) for one in part.formats
    )
    return PartAnswer(
        part=number,
        start=moment(part.start),
        end=moment(part.end),
        size_bytes=part.size_bytes,
        video=tuple(PartFormat(codec=codec, width=width, height=height) for codec, width, height in pictures),
        gaps=tuple((moment(since), moment(until)) for since, until in part.gaps),
        url=_url(camera, start, end, number),
    )


def _url(camera: Camera, start: datetime, end: datetime, part: int) -> str:
    asked = {"start": moment(wall_us(start)), "end": moment(wall_us(end)), "part": part}
    return f"/api/v1/cameras/{camera.id}/recording.mp4?{urlencode(asked)}"


def _links(camera: Camera, start: datetime, end: datetime, chosen: int, count: int) -> str:
    """The parts before and behind this one (RFC 8288)."""
    around = (("prev", chosen - 1), ("next", chosen + 1))
    return ", ".join(
        f'<{_url(camera, start, end, part)}>; rel="{rel}"' for rel, part in around if 1 <= part <= count
    )
