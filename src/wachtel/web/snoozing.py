"""Being quiet for a while: a channel, a camera, or both; also by a link in a message, without a log-in."""

from typing import Annotated

from pydantic import Field

from wachtel.automation.signed_links import LinkSigner, Opens
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.access import Permission
from wachtel.model.wishes import Snooze
from wachtel.storage.state import State
from wachtel.web.access import TheCamera, TheChannel
from wachtel.web.answers import Answer, Question, moment
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.house import Messages
from wachtel.web.threads import OneThread

QUIET_MIN = 60
LONGEST_MIN = 7 * 24 * 60
KEPT_US = 86_400 * US_PER_S


class SnoozeQuestion(Question):
    """For so long from now; what happens meanwhile is told in one message afterwards."""

    minutes: Annotated[int, Field(ge=1, le=LONGEST_MIN)] = QUIET_MIN
    camera: Annotated[str, Field(max_length=64)] | None = None


class CameraSnoozeQuestion(Question):
    """For so long from now no channel tells of this camera."""

    minutes: Annotated[int, Field(ge=1, le=LONGEST_MIN)] = QUIET_MIN


class SnoozeAnswer(Answer):
    """``channel`` or ``camera`` null means every one."""

    channel: str | None
    camera: str | None
    until: str


class SnoozeRoutes:
    """Beginning and ending it."""

    def __init__(
        self, state: State, signer: LinkSigner, messages: Messages, database: OneThread, clock: Clock
    ) -> None:
        self._state = state
        self._signer = signer
        self._messages = messages
        self._database = database
        self._clock = clock

    def add_to(self, door: Door) -> None:
        channel, camera = "/api/v1/channels/{channel}/snooze", "/api/v1/cameras/{camera}/snooze"
        door.route("PUT", channel, self.channel, needs=Permission.CONTROL, on=On.CHANNEL)
        door.route("DELETE", channel, self.end_channel, needs=Permission.CONTROL, on=On.CHANNEL, status=204)
        door.route("PUT", camera, self.camera, needs=Permission.CONTROL, on=On.CAMERA)
        door.route("DELETE", camera, self.end_camera, needs=Permission.CONTROL, on=On.CAMERA, status=204)
        door.route("POST", "/api/v1/quiet/{token}", self.by_link, needs=Permission.PUBLIC)

    async def channel(self, asked: SnoozeQuestion, channel: TheChannel) -> SnoozeAnswer:
        """Lets a channel be quiet, or quiet about one camera."""
        if asked.camera is not None:
            await self._database.run(self._require_camera, asked.camera)
        return await self._begin(channel.id, asked.camera or "", asked.minutes)

    async def end_channel(self, channel: TheChannel, camera: str | None = None) -> None:
        """Ends that now; what waits is told."""
        await self._end(channel.id, camera or "")

    async def camera(self, asked: CameraSnoozeQuestion, camera: TheCamera) -> SnoozeAnswer:
        """Lets every channel be quiet about a camera."""
        return await self._begin("", camera.id, asked.minutes)

    async def end_camera(self, camera: TheCamera) -> None:
        """Ends that now; what waits is told."""
        await self._end("", camera.id)

    async def by_link(self, token: str) -> SnoozeAnswer:
        """Lets the channel that a message came by be quiet for an hour; the link in it is the permission."""
        channel = self._signer.read(Opens.QUIET, token, self._clock.wall_us())
        if channel is None or await self._database.run(self._state.channels.get, channel) is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "This link is too old, or none of ours.")
        return await self._begin(channel, "", QUIET_MIN)

    def _require_camera(self, camera: str) -> None:
        if self._state.cameras.get(camera) is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no camera {camera!r}.")

    async def _begin(self, channel: str, camera: str, minutes: int) -> SnoozeAnswer:
        now = self._clock.wall_us()
        snooze = Snooze(channel, camera, now, WallUs(now + minutes * 60 * US_PER_S))
        await self._database.run(self._state.snoozes.forget, WallUs(now - KEPT_US))
        await self._database.run(self._state.snoozes.put, snooze)
        await self._messages.channels_changed()
        return snooze_answer(snooze)

    async def _end(self, channel: str, camera: str) -> None:
        await self._database.run(self._state.snoozes.remove, channel, camera)
        await self._messages.channels_changed()


def snooze_answer(snooze: Snooze) -> SnoozeAnswer:
    """One, as the API says it."""
    return SnoozeAnswer(
        channel=snooze.channel or None, camera=snooze.camera or None, until=moment(snooze.until)
    )
