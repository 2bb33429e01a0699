"""Places and the cameras in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wachtel.base.units import WallUs
from wachtel.model.certificate import PinnedCertificate
from wachtel.model.schedule import ALWAYS, Schedule
from wachtel.model.zone import Line, Zone


@dataclass(frozen=True, slots=True)
class Site:
    """A place with its own cameras and people. ``time_zone`` is an IANA name."""

    id: str
    name: str
    time_zone: str


class RecordingMode(StrEnum):
    """When footage is kept: always, around events only, never."""

    CONTINUOUS = "continuous"
    EVENTS = "events"
    OFF = "off"


class RecordedStreams(StrEnum):
    """Which streams are written."""

    MAIN = "main"
    BOTH = "both"


class RecordAs(StrEnum):
    """How Motion JPEG is kept: as the camera sends it, or made H.264, which takes less room and much more work."""

    AS_SENT = "as_sent"
    H264 = "h264"


class Transport(StrEnum):
    """How RTP travels."""

    TCP = "tcp"
    UDP = "udp"


class Analysis(StrEnum):
    """How many pictures are looked at: as many as the machine bears, every one, as few as possible, or none, because
    the camera itself says when something moves."""

    AUTO = "auto"
    EVERY = "every"
    ECONOMY = "economy"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """``sensitivity`` 0..100, the same meaning on every camera; without zones and lines the whole picture counts.

    ``from_camera``: motion that the camera reports itself counts too. Outside of ``schedule`` nothing counts.
    ``time_zone`` (IANA) is the site's; the engine fills it in.
    """

    enabled: bool = True
    sensitivity: int = 50
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    schedule: Schedule = ALWAYS
    time_zone: str = "UTC"
    analysis: Analysis = Analysis.AUTO
    from_camera: bool = True


@dataclass(frozen=True, slots=True)
class Camera:
    """One device. ``id`` is a slug, unique in the installation, and never changes; URLs may hold credentials.

    ``device_url`` is the address of the device itself (``onvif://...``), where its streams were found by that.

    Footage is deleted after ``keep_days``, that of events after ``keep_event_days``; ``most_gb`` is the most it may
    take (1 GB is 10^9 bytes), 0 for no limit of its own. ``certificates`` are those it is known by.
    """

    id: str
    site: str
    name: str
    main_url: str
    sub_url: str | None = None
    mode: RecordingMode = RecordingMode.CONTINUOUS
    record: RecordedStreams = RecordedStreams.MAIN
    record_audio: bool = False
    transport: Transport = Transport.TCP
    allow_local: bool = False
    pre_roll_s: float = 8.0
    post_roll_s: float = 4.0
    gap_limit_s: float = 30.0
    keep_days: float = 14.0
    keep_event_days: float = 60.0
    most_gb: float = 0.0
    motion: MotionSettings = field(default_factory=MotionSettings)
    device_url: str | None = None
    certificates: tuple[PinnedCertificate, ...] = ()
    record_as: RecordAs = RecordAs.AS_SENT

    @property
    def converted(self) -> bool:
        """Whether a worker makes H.264 of the Motion JPEG it sends, to be recorded."""
        return self.record_as is RecordAs.H264 and self.mode is not RecordingMode.OFF


class CameraCondition(StrEnum):
    """What a person sees of a stream at a glance."""

    CONNECTING = "connecting"
    LIVE = "live"
    OFFLINE = "offline"
    STALLED = "stalled"
    REFUSED = "refused"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class StreamState:
    """Honest state of one stream: ``reason`` is an error kind, empty when live.

    ``code`` and ``details`` are those of the error, for the same sentence in another language. ``lost`` counts packets
    of the network that never came in the last five minutes. ``recorded_as`` is the codec in which Motion JPEG is
    written that is to be H.264; "" where nothing is converted.
    """

    condition: CameraCondition
    since: WallUs
    reason: str = ""
    what: str = ""
    hint: str = ""
    last_frame: WallUs | None = None
    code: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    lost: int = 0
    recorded_as: str = ""
