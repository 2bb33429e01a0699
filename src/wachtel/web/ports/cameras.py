"""Cameras as devices: found, tried, turned, trusted."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.camera import Camera, Site
from wachtel.model.certificate import PinnedCertificate
from wachtel.model.conversion import ConversionPrice
from wachtel.model.device import EncoderSettings, FoundDevice, SubStreamPlan
from wachtel.model.probe import ProbeReport
from wachtel.pipeline.camera_controls import Controls, Speeds
from wachtel.web.ports.engine_off import not_running


class Recording(Protocol):
    """The running engine; told after a change has been stored."""

    async def camera_added(self, camera: Camera) -> None: ...

    async def camera_changed(self, camera: Camera) -> None: ...

    async def camera_removed(self, camera: str) -> None: ...

    async def site_changed(self, site: Site) -> None: ...


class Prober(Protocol):
    """Tries a camera URL without saving anything."""

    async def probe(self, url: str, *, allow_local: bool) -> ProbeReport:
        """Never raises for a bad URL or a bad camera: the report says what is wrong."""
        ...

    async def describe(self, url: str, *, allow_local: bool) -> ProbeReport:
        """Asks a device what it offers, without a look at its streams; else as `probe`."""
        ...


class CameraControls(Protocol):
    """What cameras can be made to do; every method raises `WachtelError` when the camera cannot be told."""

    async def controls(self, camera: Camera) -> Controls: ...

    async def go_to(self, camera: Camera, preset: str) -> None: ...

    async def move(self, camera: Camera, speeds: Speeds) -> None: ...

    async def switch(self, camera: Camera, relay: str, *, on: bool) -> None: ...

    async def sub_stream(self, camera: Camera) -> SubStreamPlan: ...

    async def set_sub_stream(self, camera: Camera, settings: EncoderSettings, /) -> SubStreamPlan: ...


class NoCameraControls:
    """Of an engine that is off."""

    async def controls(self, camera: Camera) -> Controls:  # noqa: ARG002 (nobody asks it)
        raise not_running()

    async def go_to(self, *_: object) -> None:
        raise not_running()

    async def move(self, *_: object) -> None:
        raise not_running()

    async def switch(self, *_: object, on: bool) -> None:  # noqa: ARG002 (nothing is switched)
        raise not_running()

    async def sub_stream(self, camera: Camera) -> SubStreamPlan:  # noqa: ARG002 (nobody asks it)
        raise not_running()

    async def set_sub_stream(self, *_: object) -> SubStreamPlan:
        raise not_running()


class Pricing(Protocol):
    """What recording a camera's Motion JPEG as H.264 would cost on this machine."""

    async def price(self, camera: str, /) -> ConversionPrice:
        """Takes some seconds. Raises `WachtelError` (not_found, busy, timeout)."""
        ...


class NoPricing:
    """Of an engine that is off."""

    async def price(self, _camera: str, /) -> ConversionPrice:
        raise not_running()


class Certificates(Protocol):
    """What cameras show when somebody wants to speak to them in secret."""

    async def shown(self, urls: Sequence[str], *, allow_local: bool) -> Sequence[PinnedCertificate]:
        """One for each place of these addresses that speaks TLS and answers now."""
        ...


class NoCertificates:
    """Where nobody can be asked."""

    async def shown(self, urls: Sequence[str], *, allow_local: bool) -> Sequence[PinnedCertificate]:  # noqa: ARG002
        return ()


class Searches(Protocol):
    """Looks for devices on the local networks."""

    def search(self, seconds: float, /) -> AsyncIterator[list[FoundDevice]]:
        """Everything found so far, again and again. Raises `WachtelError` (busy, unreachable)."""
        ...


class NoSearches:
    """Where there is no network to look in."""

    def search(self, _seconds: float) -> AsyncIterator[list[FoundDevice]]:
        """Raises `WachtelError` (unreachable)."""
        raise WachtelError(
            ErrorKind.UNREACHABLE, "There is no network to look in here.", code="no_local_network"
        )
