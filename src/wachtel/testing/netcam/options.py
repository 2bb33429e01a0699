"""In which state a virtual NetCam is, and which quirks it has."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """The states in which NetCams are found."""

    SETUP = "setup"
    """After a reset: its own open Wi-Fi, pictures and settings at port 80 for admin/admin."""
    BEFORE_LOCK = "before-lock"
    """In the house with the firmware before the lock, as its clones are: pictures at port 80."""
    LOCKED = "locked"
    """In the house with the last firmware: port 80 answers 404 to everything, the UPnP sensor lives."""
    USTREAMER = "ustreamer"
    """First model with the current free image: pictures at ``/stream``, raw sound on a port of its own."""
    MJPG_STREAMER = "mjpg-streamer"
    """First model with the older free image: pictures at ``/?action=stream``."""
    HD = "hd"
    """Second model with its free image: 1280x720, five pictures a second, with user and password."""


FREE = frozenset({Mode.USTREAMER, Mode.MJPG_STREAMER, Mode.HD})
"""Modes of images without the maker's software: no UPnP sensor."""


class Boundary(StrEnum):
    """How the stream's parts are divided. What the maker's firmware sends is not documented, so there are several."""

    PLAIN = "plain"
    DASHES = "dashes"
    """The announced boundary already has its dashes; the parts have no more of them."""
    QUOTED = "quoted"
    OTHER = "other"
    """One is announced and another one sent."""
    NO_LENGTH = "no-length"
    WRONG_LENGTH = "wrong-length"
    BARE = "bare"
    """Line feeds only, and no empty line behind a picture."""


class LogIn(StrEnum):
    """How often the camera lets somebody in between two starts."""

    MANY = "many"
    SESSION = "session"
    """One client, until its stream breaks off (cssev.net, 2024-07-19; homebridge-camera-ffmpeg issue 138)."""
    ONCE = "once"
    """A single request: the strictest reading of the same reports."""


@dataclass(frozen=True, slots=True)
class WifiNetwork:
    """A network the camera sees. ``passphrase`` is the one it takes, "" for an open network."""

    ssid: str
    bssid: str
    channel: int
    security: str
    signal: int
    passphrase: str = ""


NETWORKS = (
    WifiNetwork("Küche & Flur", "02:00:00:00:00:01", 6, "WPA2PSK/AES", 84, "correct horse: 7 & 8"),
    WifiNetwork("guests", "02:00:00:00:00:02", 11, "NONE", 40),
)


@dataclass(frozen=True, slots=True)
class NetCamOptions:
    """Ports of 0 are any free ones; None for ``ssdp_port`` answers no search.

    ``user`` None means what the mode asks for by itself: admin/admin, openwrt/openwrt for `Mode.HD`, nothing for the
    other free images. ``delivers`` False is the camera of homebridge-camera-ffmpeg issue 138 that never sent a picture
    in setup mode. ``upside_down`` is how the first model's module sits (the preset of go2rtc turns its picture by 180
    degrees). ``survey`` is the format of the list of networks: ``lines`` or ``table``.
    """

    mode: Mode = Mode.SETUP
    host: str = "127.0.0.1"
    http_port: int = 0
    upnp_port: int = 0
    audio_port: int = 0
    ssdp_port: int | None = None
    user: str | None = None
    password: str | None = None
    boundary: Boundary = Boundary.PLAIN
    log_in: LogIn = LogIn.MANY
    delivers: bool = True
    upside_down: bool = False
    sends_motion: bool = True
    model: str = "NetCamHDv1"
    friendly_name: str = "Porch"
    serial: str = "221324K1300000"
    mac: str = "EC1A59000000"
    networks: tuple[WifiNetwork, ...] = NETWORKS
    survey: str = "lines"

    @property
    def credentials(self) -> tuple[str, str] | None:
        """User and password that are right now, None where nobody is asked."""
        if self.user is not None:
            return self.user, self.password or ""
        if self.mode in (Mode.USTREAMER, Mode.MJPG_STREAMER):
            return None
        return ("openwrt", "openwrt") if self.mode is Mode.HD else ("admin", "admin")

    @property
    def has_sensor(self) -> bool:
        """The UPnP sensor is part of the maker's software, and not of its setup mode."""
        return self.mode in (Mode.LOCKED, Mode.BEFORE_LOCK)

    @property
    def fps(self) -> float:
        return 5.0 if self.mode is Mode.HD else 10.0

    @property
    def size(self) -> tuple[int, int]:
        return (1280, 720) if self.mode is Mode.HD else (640, 360)
