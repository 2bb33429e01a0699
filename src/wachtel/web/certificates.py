"""``/api/v1/cameras/{id}/certificates``: the certificates a camera is known by, and accepting another one."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.model.camera import Camera
from wachtel.model.certificate import PinnedCertificate
from wachtel.storage.state.cameras import Cameras
from wachtel.web.access import TheCamera
from wachtel.web.answers import Answer, Question
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.cameras import Certificates, Recording
from wachtel.web.shapes import CertificateAnswer, certificate_answer
from wachtel.web.threads import OneThread


class CertificatesAnswer(Answer):
    """``known`` are accepted; ``other`` shows the camera now, and is refused until somebody accepts it."""

    known: list[CertificateAnswer]
    other: list[CertificateAnswer]


class AcceptQuestion(Question):
    """Exactly the one that was looked at: SHA-256 of its DER form, 64 hexadecimal digits."""

    at: Annotated[str, Field(min_length=1, max_length=300)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class CertificateRoutes:
    """What a camera is known by, and what it shows."""

    def __init__(
        self, cameras: Cameras, look: Certificates, recording: Recording, database: OneThread, clock: Clock
    ) -> None:
        self._cameras = cameras
        self._look = look
        self._recording = recording
        self._database = database
        self._clock = clock

    def add_to(self, door: Door) -> None:
        path = "/api/v1/cameras/{camera}/certificates"
        door.route("GET", path, self.all, needs=Permission.ADMIN, on=On.CAMERA)
        door.route("POST", path, self.accept, needs=Permission.ADMIN, on=On.CAMERA)

    async def all(self, camera: TheCamera) -> CertificatesAnswer:
        """The known ones, and others that the camera shows at this moment; it is asked by a handshake."""
        return _answer(camera, await self._shown(camera))

    async def accept(self, asked: AcceptQuestion, camera: TheCamera) -> CertificatesAnswer:
        """Accepts what the camera shows now, if it is exactly this; the old one is forgotten."""
        shown = await self._shown(camera)
        if not any((one.at, one.sha256) == (asked.at, asked.sha256) for one in shown):
            raise WachtelError(
                ErrorKind.CONFLICT,
                "The camera does not show this certificate at the moment.",
                code="certificate_gone",
                hint="Look again at what it shows.",
            )
        pin = PinnedCertificate(asked.at, asked.sha256, self._clock.wall_us())
        await self._database.run(lambda: self._cameras.pin(camera.id, pin, over=True))
        changed = await self._database.run(self._cameras.get, camera.id)
        if changed is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "The camera was removed.")
        await self._recording.camera_changed(changed)
        return _answer(changed, shown)

    async def _shown(self, camera: Camera) -> Iterable[PinnedCertificate]:
        urls = [url for url in (camera.main_url, camera.sub_url, camera.device_url) if url]
        return await self._look.shown(urls, allow_local=camera.allow_local)


def _answer(camera: Camera, shown: Iterable[PinnedCertificate]) -> CertificatesAnswer:
    known = {(pin.at, pin.sha256) for pin in camera.certificates}
    return CertificatesAnswer(
        known=[certificate_answer(pin) for pin in camera.certificates],
        other=[
            CertificateAnswer(at=pin.at, sha256=pin.sha256, since=None)
            for pin in shown
            if (pin.at, pin.sha256) not in known
        ],
    )
