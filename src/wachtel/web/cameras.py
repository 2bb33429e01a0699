"""``/api/v1/cameras``: see, add, change and remove cameras."""

import base64
from dataclasses import replace
from typing import Any

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import slug
from wachtel.detectors.judging.wall_clock import WallClock
from wachtel.model.access import Permission
from wachtel.model.camera import Analysis, Camera, RecordAs
from wachtel.model.probe import ProbeReport
from wachtel.protocols.camera_url import is_device_url, sends_motion_jpeg
from wachtel.storage.state.cameras import Cameras
from wachtel.storage.state.sites import Sites
from wachtel.web.access import TheAccess, TheCamera
from wachtel.web.answers import Answer, moment
from wachtel.web.camera_address import changed_url, checked_url
from wachtel.web.camera_questions import PLAIN_FIELDS, CameraChange, NewCamera, ProbeQuestion
from wachtel.web.devices import DeviceAnswer, device_answer, found_streams
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.cameras import Certificates, Prober, Recording
from wachtel.web.ports.footage import Gaps
from wachtel.web.ports.live import States, Watches
from wachtel.web.shapes import CameraAnswer, GapAnswer, camera_answer
from wachtel.web.threads import OneThread


class FindingAnswer(Answer):
    """``level`` is ok, warning or error; ``code`` and ``details`` are for the same sentence in another language."""

    level: str
    kind: str
    what: str
    hint: str
    code: str
    details: dict[str, str]


class ProbeAnswer(Answer):
    """``url`` comes without credentials; ``picture`` is a JPEG in base64. ``device`` where a whole device was asked."""

    ok: bool
    url: str
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None
    audio: str | None
    findings: list[FindingAnswer]
    picture: str | None
    device: DeviceAnswer | None


class CameraBook:
    """Stored cameras together with what the engine says about them."""

    def __init__(
        self,
        cameras: Cameras,
        sites: Sites,
        states: States,
        gaps: Gaps,
        watches: Watches,
        database: OneThread,
        clock: Clock,
    ) -> None:
        self._cameras = cameras
        self._sites = sites
        self._clock = clock
        self._states = states
        self._gaps = gaps
        self._watches = watches
        self._database = database
        self._since = clock.wall_us()

    async def find(self, camera: str) -> Camera | None:
        return await self._database.run(self._cameras.get, camera)

    async def all(self) -> list[Camera]:
        return await self._database.run(self._cameras.all)

    async def answers(self, cameras: list[Camera]) -> list[CameraAnswer]:
        locked = await self._database.run(self._cameras.without_password)
        zones = {site.id: site.time_zone for site in await self._database.run(self._sites.all)}
        return [
            camera_answer(
                camera,
                self._states.of(camera.id),
                needs_password=camera.id in locked,
                since=self._since,
                gap=self._gap(camera.id),
                scheduled=self._scheduled(camera, zones.get(camera.site, "UTC")),
                watch=self._watches.of(camera.id),
            )
            for camera in cameras
        ]

    def _scheduled(self, camera: Camera, time_zone: str) -> bool:
        return WallClock(time_zone).covers(camera.motion.schedule, self._clock.wall_us())

    def _gap(self, camera: str) -> GapAnswer | None:
        gap = self._gaps.lasting(camera)
        if gap is None:
            return None
        return GapAnswer(since=moment(gap.since), reason=gap.reason, alarm=self._gaps.alarmed(camera))

    async def answer(self, camera: Camera) -> CameraAnswer:
        return (await self.answers([camera]))[0]


class CameraRoutes:
    """Settings of cameras, and trying out an address."""

    def __init__(
        self,
        book: CameraBook,
        cameras: Cameras,
        sites: Sites,
        recording: Recording,
        prober: Prober,
        certificates: Certificates,
        database: OneThread,
    ) -> None:
        self._book = book
        self._cameras = cameras
        self._sites = sites
        self._recording = recording
        self._prober = prober
        self._certificates = certificates
        self._database = database

    def add_to(self, door: Door) -> None:
        one = "/api/v1/cameras/{camera}"
        door.route("GET", "/api/v1/cameras", self.all, needs=Permission.VIEW, on=On.EACH)
        door.route("POST", "/api/v1/cameras", self.add, needs=Permission.ADMIN, on=On.EACH, status=201)
        door.route("POST", "/api/v1/cameras/probe", self.probe, needs=Permission.ADMIN, on=On.EACH)
        door.route("GET", one, self.one, needs=Permission.VIEW, on=On.CAMERA)
        door.route("PATCH", one, self.change, needs=Permission.ADMIN, on=On.CAMERA)
        door.route("DELETE", one, self.remove, needs=Permission.ADMIN, on=On.CAMERA, status=204)

    async def all(self, access: TheAccess) -> list[CameraAnswer]:
        """Every camera, with the state of its streams."""
        cameras = [camera for camera in await self._book.all() if access.may(Permission.VIEW, camera.site)]
        return await self._book.answers(cameras)

    async def one(self, camera: TheCamera) -> CameraAnswer:
        """One camera."""
        return await self._book.answer(camera)

    async def add(self, asked: NewCamera, access: TheAccess) -> CameraAnswer:
        """Adds a camera; recording begins at once."""
        sites = await self._database.run(self._sites.all)
        site = asked.site or next((site.id for site in sites if access.may(Permission.ADMIN, site.id)), "")
        access.require(Permission.ADMIN, site)
        device = asked.url if is_device_url(asked.url) else None
        main, sub = await self._addresses(asked)
        urls = [url for url in (main, sub, device) if url]
        certificates = await self._certificates.shown(urls, allow_local=asked.allow_local)
        camera = Camera(
            id=slug(asked.name, await self._database.run(self._cameras.ids_taken, site)),
            site=site,
            name=asked.name,
            main_url=main,
            sub_url=sub,
            device_url=device and checked_url(device, allow_local=asked.allow_local),
            mode=asked.mode,
            allow_local=asked.allow_local,
            certificates=tuple(certificates),
        )
        await self._database.run(self._cameras.add, camera)
        await self._recording.camera_added(camera)
        return await self._book.answer(camera)

    async def _addresses(self, asked: NewCamera) -> tuple[str, str | None]:
        """Main and sub stream: as entered, or as the device says."""
        local = asked.allow_local
        sub = None if asked.sub_url is None else checked_url(asked.sub_url, allow_local=local)
        if not is_device_url(asked.url):
            return checked_url(asked.url, allow_local=local), sub
        main, offered = await found_streams(self._prober, asked.url, allow_local=local)
        return main, sub or offered

    async def change(self, asked: CameraChange, camera: TheCamera) -> CameraAnswer:
        """Changes settings; the engine takes them over at once."""
        changed = _changed(camera, asked)
        await self._database.run(self._cameras.change, changed)
        await self._recording.camera_changed(changed)
        return await self._book.answer(changed)

    async def remove(self, camera: TheCamera) -> None:
        """Forgets a camera; its footage stays."""
        await self._database.run(self._cameras.remove, camera.id)
        await self._recording.camera_removed(camera.id)

    async def probe(self, asked: ProbeQuestion) -> ProbeAnswer:
        """Tries an address without saving anything, and says in words what was found."""
        return probe_answer(await self._prober.probe(asked.url, allow_local=asked.allow_local))


def _changed(camera: Camera, asked: CameraChange) -> Camera:
    sent = asked.model_fields_set
    values: dict[str, Any] = {name: getattr(asked, name) for name in sent & PLAIN_FIELDS}
    allow_local = values.get("allow_local", camera.allow_local)
    if asked.url is not None or "allow_local" in sent:
        values["main_url"] = changed_url(
            asked.url or camera.main_url, camera.main_url, allow_local=allow_local
        )
    if asked.sub_url is not None:
        values["sub_url"] = changed_url(
            asked.sub_url, camera.sub_url or camera.main_url, allow_local=allow_local
        )
    elif "sub_url" in sent:
        values["sub_url"] = None
    if asked.motion is not None:
        values["motion"] = asked.motion.settings()
        if asked.motion.analysis is Analysis.CAMERA and camera.device_url is None:
            raise WachtelError(
                ErrorKind.INVALID,
                "This camera was not added by its device's address, so nobody would hear what it sees.",
                code="device_lacks",
                hint="Add it by onvif://user:password@ and its address.",
            )
    return _with_record_as(replace(camera, **values), asked)


def _with_record_as(camera: Camera, asked: CameraChange) -> Camera:
    """Only Motion JPEG is made H.264; a camera that gets an address of another kind is recorded as it sends."""
    if camera.record_as is RecordAs.AS_SENT or sends_motion_jpeg(camera.main_url):
        return camera
    if asked.record_as is not RecordAs.H264:
        return replace(camera, record_as=RecordAs.AS_SENT)
    raise no_motion_jpeg()


def no_motion_jpeg() -> WachtelError:
    """There is nothing to be made H.264."""
    return WachtelError(
        ErrorKind.INVALID,
        "This camera does not send Motion JPEG: it compresses its pictures itself, and they are kept as they come.",
        code="no_motion_jpeg",
        hint="Nothing needs to be set: what it sends takes little room already.",
    )


def probe_answer(report: ProbeReport) -> ProbeAnswer:
    """What a probe found, as the API says it."""
    findings = [
        FindingAnswer(
            level=found.level,
            kind=found.kind,
            what=found.what,
            hint=found.hint,
            code=found.code,
            details=dict(found.details),
        )
        for found in report.findings
    ]
    return ProbeAnswer(
        ok=report.ok,
        url=report.url,
        codec=report.codec,
        width=report.width,
        height=report.height,
        fps=report.fps,
        audio=report.audio,
        findings=findings,
        device=None if report.device is None else device_answer(report.device),
        picture=None if report.picture is None else base64.b64encode(report.picture).decode(),
    )
