"""How a virtual ONVIF device behaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class OnvifAuth(StrEnum):
    """How it wants to be shown who asks."""

    NONE = "none"
    DIGEST = "digest"
    TOKEN = "token"


class Quirk(StrEnum):
    """What real devices do otherwise than they should."""

    WRONG_HOST = "wrong-host"
    """Services and streams are said to be at another host, as behind a router."""
    NO_SNAPSHOT = "no-snapshot"
    """Stills are refused with a fault."""
    NO_SERVICES = "no-services"
    """GetServices is not known, as before 2011; GetCapabilities is."""
    OTHER_PREFIXES = "other-prefixes"
    """Every namespace prefix is another than everybody's."""
    UNBOUND_PREFIXES = "unbound-prefixes"
    """Prefixes are used that nothing declares."""
    OLD_FAULTS = "old-faults"
    """Faults have the form of SOAP 1.1."""
    LOCKS = "locks"
    """The third wrong password locks the account."""
    NO_RENEW = "no-renew"
    """Subscriptions cannot be renewed."""
    HASTY_PULL = "hasty-pull"
    """PullMessages answers at once instead of waiting."""
    CHUNKED = "chunked"
    """Answers come in chunks, asked for or not."""
    STALE_NONCE = "stale-nonce"
    """A digest nonce holds for one question."""
    NO_MEDIA = "no-media"
    """Offers no profile at all."""
    NO_NODES = "no-nodes"
    """GetNodes is refused, as by small PTZ cameras; movement works."""
    ZOOM_ONLY = "zoom-only"
    """A motor zoom without a pan and tilt head: any word about turning is refused."""
    NO_MOVE_TIMEOUT = "no-move-timeout"
    """A movement with a time limit is refused."""
    NO_STOP = "no-stop"
    """Stop is refused; a movement at no speed stops."""
    RELAYS_IN_IO = "relays-in-io"
    """Outputs are known to the DeviceIO service alone."""
    PULSE_RELAYS = "pulse-relays"
    """Outputs go off by themselves after three seconds."""


@dataclass(frozen=True, slots=True)
class OnvifStream:
    """One profile; ``uri`` is given out as it is. ``gop`` is the number of pictures from key frame to key frame."""

    token: str
    uri: str
    codec: str = "H264"
    width: int = 1920
    height: int = 1080
    fps: int = 20
    gop: int = 40


@dataclass(frozen=True, slots=True)
class OnvifOptions:
    """``raw`` replaces the whole answer to an operation (``GetProfiles`` ...) by these bytes, for hostile devices."""

    streams: tuple[OnvifStream, ...] = ()
    make: str = "Wachtel"
    model: str = "Virtual camera"
    firmware: str = "1.0"
    serial: str = "0001"
    name: str = "Garden"
    user: str = ""
    password: str = ""
    auth: OnvifAuth = OnvifAuth.NONE
    clock_ahead_s: float = 0.0
    snapshot: bytes = b""
    presets: tuple[tuple[str, str], ...] = (("1", "Gate"), ("2", "Terrace"))
    relays: tuple[str, ...] = ("relay0",)
    quirks: frozenset[Quirk] = frozenset()
    raw: Mapping[str, bytes] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 0
    https: bool = False
    """With a certificate it signed itself, a new one at each start."""


OTHER_HOST = "192.0.2.77"
"""Where `Quirk.WRONG_HOST` points: an address of the documentation range (RFC 5737), where nobody is."""
