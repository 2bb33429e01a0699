"""What a live viewer gets, and what everybody hears of."""

from dataclasses import dataclass
from enum import StrEnum

from wachtel.base.units import WallUs
from wachtel.model.alarm import AlarmStatus
from wachtel.model.event import Event
from wachtel.model.footage import GapReason


@dataclass(frozen=True, slots=True)
class LiveInit:
    """A new init segment; ``mime`` is what MSE wants: ``video/mp4; codecs="avc1.64001f"``."""

    mime: str
    width: int
    height: int
    init_segment: bytes


@dataclass(frozen=True, slots=True)
class LiveFragment:
    """One moof+mdat; ``key`` when it begins with a key frame, ``at`` the wall clock of its picture."""

    data: bytes
    key: bool
    at: WallUs


@dataclass(frozen=True, slots=True)
class IceServers:
    """STUN and TURN servers of the owner's choice (RFC 7064, RFC 7065); none unless they say so."""

    urls: tuple[str, ...] = ()
    user: str = ""
    password: str = ""


NO_ICE_SERVERS = IceServers()


@dataclass(frozen=True, slots=True)
class CameraChanged:
    """A stream's state, or the camera's settings, changed."""

    camera: str
    site: str


@dataclass(frozen=True, slots=True)
class EventChanged:
    """An event began, was updated or ended."""

    event: Event


@dataclass(frozen=True, slots=True)
class GapAlarm:
    """A camera has had no footage for longer than its limit; ``until`` is None while it lasts.

    Told once when the limit is passed and once when there is footage again.
    """

    camera: str
    site: str
    since: WallUs
    reason: GapReason
    until: WallUs | None = None


class StorageTrouble(StrEnum):
    """What can be wrong with keeping and deleting footage."""

    CLOCK = "clock"
    NO_ROOM = "no_room"
    NOT_RECORDING = "not_recording"


@dataclass(frozen=True, slots=True)
class StorageAlarm:
    """Something about the archive that a person must look at; ``until`` is None while it lasts."""

    kind: StorageTrouble
    since: WallUs
    what: str
    hint: str
    until: WallUs | None = None


@dataclass(frozen=True, slots=True)
class AlarmChanged:
    """The alarm panel of a site does something else now; None: there is none any more."""

    site: str
    status: AlarmStatus | None


Announcement = CameraChanged | EventChanged | GapAlarm | StorageAlarm | AlarmChanged
