"""The bridge made of HAP-python. Nothing else imports that library."""

import asyncio
import errno
import io
import logging
from collections.abc import Callable
from typing import Any

from pyhap.accessory import Accessory, Bridge  # type: ignore[import-untyped]
from pyhap.accessory_driver import AccessoryDriver  # type: ignore[import-untyped]
from pyhap.camera import Camera as CameraAccessory  # type: ignore[import-untyped]
from pyhap.const import CATEGORY_ALARM_SYSTEM, CATEGORY_CAMERA  # type: ignore[import-untyped]

from wachtel.automation.homekit.view import HomeView
from wachtel.base.errors import WachtelError
from wachtel.model.camera import Camera, Site
from wachtel.model.homekit import HomeKit, Setup
from wachtel.model.rule import ArmState
from wachtel.protocols.homekit import TARGETS, TRIGGERED, accessory_id, arm_state
from wachtel.storage.state.homekit import HomeKitBook

log = logging.getLogger(__name__)
logging.getLogger("pyhap").setLevel(logging.WARNING)
logging.getLogger("pyhap.camera").setLevel(logging.ERROR)

MOST_TRIES = 100

UNAVAILABLE = b"\x01\x01\x02"
"""The status of a stream nobody can have (section 9.100): one byte of type 1, value 2."""

_NO_STREAM: dict[str, Any] = {
    "video": {"codec": {"profiles": [b"\x00"], "levels": [b"\x00"]}, "resolutions": [[640, 360, 10]]},
    "audio": {"codecs": []},
    "srtp": True,
}


class HomeDriver(AccessoryDriver):  # type: ignore[misc]
    """Keeps its state in our database, sealed, instead of in a file."""

    def __init__(self, book: HomeKitBook, setup: Setup, settings: HomeKit, advertiser: Any) -> None:
        self._book = book
        self._tries = 0
        super().__init__(
            address=settings.address,
            port=settings.port,
            pincode=setup.code.encode(),
            loop=asyncio.get_running_loop(),
            interface_choice=[settings.address],
            async_zeroconf_instance=advertiser,
        )
        self.state.setup_id = setup.setup_id

    def add_accessory(self, accessory: Accessory) -> None:
        """The top of the tree; takes up what is stored."""
        self.accessory = accessory
        accessory.aid = 1
        stored = self._book.pairings()
        if stored is not None:
            self.encoder.load_into(io.StringIO(stored), self.state)
        else:
            self.persist()

    def setup_srp_verifier(self) -> None:
        """Somebody begins to pair; after a hundred tries nobody may before a restart or a new code (section 5.6.2)."""
        self._tries += 1
        if self._tries > MOST_TRIES:
            raise PermissionError("too many tries to pair")
        super().setup_srp_verifier()

    def persist(self) -> None:
        """Blocking."""
        text = io.StringIO()
        self.encoder.persist(text, self.state)
        try:
            self._book.put_pairings(text.getvalue())
        except WachtelError as error:
            log.warning("HomeKit's pairings could not be stored: %s", error)


class _Bridge(Bridge):  # type: ignore[misc]
    def setup_message(self) -> None:
        """The code is shown to administrators only, and printed nowhere."""


class Silence:
    """Tells nobody of the bridge, for addresses that nobody else could reach."""

    async def async_register_service(self, *_: object, **__: object) -> None:
        return None

    async def async_update_service(self, *_: object) -> None:
        return None

    async def async_unregister_service(self, *_: object) -> None:
        return None

    async def async_close(self) -> None:
        return None


class _Camera(CameraAccessory):  # type: ignore[misc]
    category = CATEGORY_CAMERA

    def __init__(self, driver: HomeDriver, camera: Camera, view: HomeView, version: str) -> None:
        address = driver.state.address
        super().__init__(
            _NO_STREAM | {"address": address}, driver, camera.name, aid=_aid("camera", camera.id)
        )
        self.set_info_service(version, "Wachtel", "Camera", camera.id)
        self._camera = camera.id
        self._view = view
        self._motion = self.add_preload_service("MotionSensor").configure_char("MotionDetected", value=False)

    @property
    def available(self) -> bool:
        return self._view.online(self._camera)

    def refresh(self) -> None:
        """Says what has changed."""
        moves = self._view.moves(self._camera)
        if self._motion.value != moves:
            self._motion.set_value(moves)

    async def async_get_snapshot(self, _wanted: dict[str, Any]) -> bytes:
        return await self._view.picture(self._camera)

    async def start_stream(self, _info: dict[str, Any], _config: dict[str, Any]) -> bool:
        """Live pictures are not offered here, and no program is ever started."""
        return False

    async def stop_stream(self, _info: dict[str, Any]) -> None:
        return None

    async def reconfigure_stream(self, _info: dict[str, Any], _config: dict[str, Any]) -> bool:
        return False

    def _get_streaming_status(self, _stream: int) -> str:
        encoded: str = _base64(UNAVAILABLE)
        return encoded


class _Panel(Accessory):  # type: ignore[misc]
    category = CATEGORY_ALARM_SYSTEM

    def __init__(
        self,
        driver: HomeDriver,
        site: Site,
        view: HomeView,
        arm: Callable[[str, ArmState], None],
        version: str,
    ) -> None:
        super().__init__(driver, site.name, aid=_aid("site", site.id))
        self.set_info_service(version, "Wachtel", "Alarm", site.id)
        self._site = site.id
        self._view = view
        self._arm = arm
        service = self.add_preload_service("SecuritySystem")
        now = TARGETS[view.armed(site.id)]
        self._current = service.configure_char("SecuritySystemCurrentState", value=now)
        self._target = service.configure_char(
            "SecuritySystemTargetState", value=now, setter_callback=self._wanted
        )

    def _wanted(self, target: object) -> None:
        state = arm_state(target)
        if state is not None:
            self._arm(self._site, state)

    def refresh(self) -> None:
        """Says what has changed."""
        target = TARGETS[self._view.armed(self._site)]
        current = TRIGGERED if self._view.alarmed(self._site) else target
        for char, value in ((self._target, target), (self._current, current)):
            if char.value != value:
                char.set_value(value)


class HomeBridge:
    """One bridge as it stands; made anew when a camera or a site is added, removed or gets another name."""

    def __init__(
        self,
        book: HomeKitBook,
        setup: Setup,
        settings: HomeKit,
        view: HomeView,
        arm: Callable[[str, ArmState], None],
        version: str,
        *,
        tells: bool,
    ) -> None:
        """Blocking. ``tells``: the local network is told that the bridge is there (mDNS)."""
        self.driver = HomeDriver(book, setup, settings, None if tells else Silence())
        bridge = _Bridge(self.driver, "Wachtel")
        bridge.set_info_service(version, "Wachtel", "Bridge", self.driver.state.mac)
        self._parts: list[_Camera | _Panel] = [
            *(_Camera(self.driver, camera, view, version) for camera in view.cameras()),
            *(_Panel(self.driver, site, view, arm, version) for site in view.sites()),
        ]
        for part in self._parts:
            bridge.add_accessory(part)
        self.driver.add_accessory(bridge)

    async def start(self) -> None:
        """Listens, and tells of itself. Raises `OSError` when the port is taken or the address is none of ours."""
        try:
            await self.driver.async_start()
        except (OSError, RuntimeError) as error:
            if self.driver.http_server.server is not None:
                self.driver.http_server.async_stop()
            raise OSError(getattr(error, "errno", None) or errno.EADDRNOTAVAIL, "") from error

    def refresh(self) -> None:
        """Says what has changed to whoever listens."""
        for part in self._parts:
            part.refresh()

    @property
    def paired(self) -> int:
        """With how many controllers it is paired."""
        return len(self.driver.state.paired_clients)

    @property
    def port(self) -> int:
        """Where it listens."""
        server = self.driver.http_server.server
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Stops listening and takes back what was told."""
        await self.driver.async_stop()


def _aid(kind: str, name: str) -> int:
    return accessory_id(kind, name)


def _base64(value: bytes) -> str:
    import base64

    return base64.b64encode(value).decode()
