"""``/api/v1/cameras/{id}/sub-stream``: the small stream, set up in the camera itself with its owner's consent."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from wachtel.model.access import Permission
from wachtel.model.camera import Camera
from wachtel.model.device import EncoderSettings, SubStreamPlan
from wachtel.storage.state.cameras import Cameras
from wachtel.web.access import TheCamera
from wachtel.web.answers import Answer, Question
from wachtel.web.devices import found_streams
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.cameras import CameraControls, Prober, Recording
from wachtel.web.threads import OneThread

Pixels = Annotated[int, Field(ge=16, le=8192)]


class EncoderAnswer(Answer):
    """Size, pictures a second, and pictures from key frame to key frame."""

    width: int
    height: int
    fps: int
    gop: int


class SubStreamAnswer(Answer):
    """``proposed`` is null when the stream is fine as it is."""

    stream: str
    codec: str
    now: EncoderAnswer
    proposed: EncoderAnswer | None


class EncoderQuestion(Question):
    """As `EncoderAnswer`; with these the stream becomes H.264."""

    width: Pixels
    height: Pixels
    fps: Annotated[int, Field(ge=1, le=240)]
    gop: Annotated[int, Field(ge=1, le=10_000)]


class SubStreamRoutes:
    """Looking at it changes nothing."""

    def __init__(
        self,
        controls: CameraControls,
        cameras: Cameras,
        prober: Prober,
        recording: Recording,
        database: OneThread,
    ) -> None:
        self._controls = controls
        self._cameras = cameras
        self._prober = prober
        self._recording = recording
        self._database = database

    def add_to(self, door: Door) -> None:
        path = "/api/v1/cameras/{camera}/sub-stream"
        door.route("GET", path, self.look, needs=Permission.ADMIN, on=On.CAMERA)
        door.route("PUT", path, self.set, needs=Permission.ADMIN, on=On.CAMERA)

    async def look(self, camera: TheCamera) -> SubStreamAnswer:
        """How the camera's small stream is set, and how it should be for seeing motion with little effort."""
        return _answer(await self._controls.sub_stream(camera))

    async def set(self, asked: EncoderQuestion, camera: TheCamera) -> SubStreamAnswer:
        """Sets the stream in the camera; sending it is the consent. What it was before comes back in the same way.

        A camera that is used without its small stream is used with it from now on.
        """
        settings = EncoderSettings(asked.width, asked.height, asked.fps, asked.gop)
        plan = await self._controls.set_sub_stream(camera, settings)
        if camera.sub_url is None and camera.device_url is not None:
            await self._use(camera, camera.device_url)
        return _answer(plan)

    async def _use(self, camera: Camera, device_url: str) -> None:
        _, sub = await found_streams(self._prober, device_url, allow_local=camera.allow_local)
        if sub is not None:
            changed = replace(camera, sub_url=sub)
            await self._database.run(self._cameras.change, changed)
            await self._recording.camera_changed(changed)


def _answer(plan: SubStreamPlan) -> SubStreamAnswer:
    return SubStreamAnswer(
        stream=plan.stream,
        codec=plan.codec,
        now=_encoder(plan.now),
        proposed=None if plan.proposed is None else _encoder(plan.proposed),
    )


def _encoder(settings: EncoderSettings) -> EncoderAnswer:
    return EncoderAnswer(width=settings.width, height=settings.height, fps=settings.fps, gop=settings.gop)
