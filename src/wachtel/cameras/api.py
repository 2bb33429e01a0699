"""What a camera driver offers: a device's address becomes streams, and where it can, events, movement and switches.

A source (`wachtel.sources`) turns one stream's URL into packets; a camera driver knows the device around it. A driver
is one folder under ``wachtel.cameras`` (or in a package of yours) and one entry point in the group
``wachtel.cameras``, whose object is a `CameraDriver`. Everything here blocks and is used by one thread at a time,
except ``close``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from wachtel.base.clock import Clock
from wachtel.model.device import (
    DeviceReport,
    EncoderSettings,
    MotionReport,
    Preset,
    Reach,
    Relay,
    SubStreamPlan,
)
from wachtel.protocols.camera_url import CameraUrl
from wachtel.sources.trust import TRUST_ANYBODY, Trust


@dataclass(frozen=True, slots=True)
class DeviceOptions:
    """How to ask. ``allow_local`` is the user's word that loopback and link-local addresses are meant.

    ``answer_timeout_s`` is for one question, connection included; ``whole_timeout_s`` for everything `Device.describe`
    asks; ``trust`` looks at the certificates of encrypted connections.
    """

    allow_local: bool = False
    answer_timeout_s: float = 4.0
    whole_timeout_s: float = 9.0
    trust: Trust = TRUST_ANYBODY


class Device(Protocol):
    """One device that is being talked to. Further abilities are protocols of their own, below."""

    def describe(self) -> DeviceReport:
        """Asks the device what it is and offers; what is odd about it comes as findings.

        Raises `WachtelError` with the kind a person can act on: unreachable, refused, timeout, wrong_password,
        not_a_camera, redirect, bad_data, no_such_stream.
        """
        ...

    def close(self) -> None:
        """May be called by any thread, twice, and at any time; whatever waits ends within a second."""
        ...


@runtime_checkable
class WithMotion(Protocol):
    """A device that sees motion itself."""

    def motion(self) -> Iterator[MotionReport | None]:
        """What it sees, as it sees it; None at least once a minute as a sign of life.

        Ends after `Device.close`, else only with `WachtelError`; then the caller opens the device anew.
        """
        ...


@runtime_checkable
class WithSnapshot(Protocol):
    """A device that gives stills."""

    def snapshot(self) -> bytes:
        """A JPEG of now, untouched. Raises `WachtelError`."""
        ...


@runtime_checkable
class WithMovement(Protocol):
    """A device that turns; speeds are -1..1, to the right, upwards and nearer."""

    def reach(self) -> Reach:
        """In which ways it can be moved; both, where the device does not say."""
        ...

    def presets(self) -> Sequence[Preset]: ...

    def go_to(self, preset: str) -> None:
        """Raises `WachtelError`: not_found when there is no such preset."""
        ...

    def move(self, pan: float, tilt: float, zoom: float) -> None:
        """Goes on until `stop`, at most a few seconds where the device can count itself; ask again to go on longer."""
        ...

    def stop(self) -> None: ...


@runtime_checkable
class WithRelays(Protocol):
    """A device with outputs."""

    def relays(self) -> Sequence[Relay]: ...

    def switch(self, relay: str, *, on: bool) -> None:
        """Raises `WachtelError`: not_found when there is no such output."""
        ...


@runtime_checkable
class WithEncoder(Protocol):
    """A device whose small stream can be set up, with the owner's consent."""

    def sub_stream(self) -> SubStreamPlan:
        """How the small stream is set, and how it should be: about 640x360, 5-10 pictures a second, a key frame every
        1-2 s, as far as the device offers that. Raises `WachtelError` as `Device.describe`, and not_found.
        """
        ...

    def set_sub_stream(self, settings: EncoderSettings) -> SubStreamPlan:
        """Sets it; what it is afterwards, as the device says it. Raises as `sub_stream`."""
        ...


class CameraDriver(Protocol):
    """Opens devices by URLs of some schemes (``onvif``, ``netcam`` ...)."""

    schemes: frozenset[str]

    def open(self, url: CameraUrl, options: DeviceOptions, clock: Clock) -> Device:
        """Contacts nobody yet. Raises `WachtelError` (forbidden_url)."""
        ...
