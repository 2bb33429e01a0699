"""What the processes say to each other.

Small things only; packets travel on taps, and only where somebody wants them.
"""

from fractions import Fraction
from functools import cache, partial

from wachtel.base.units import WallUs
from wachtel.base.wire import Message
from wachtel.media.journal import EventLine, HoldLine, Journalled, SignalLine
from wachtel.model.camera import Camera, MotionSettings, StreamState
from wachtel.model.certificate import PinnedCertificate
from wachtel.model.footage import GapReason
from wachtel.model.sound import SoundWish
from wachtel.model.stream import Packet, StreamFormat, StreamName, Track
from wachtel.model.watch import Policy, PolicyReason
from wachtel.model.zone import Box
from wachtel.pipeline.watching import Signal

# --- main to media worker


class RunCamera(Message, frozen=True):
    """Connect to this camera and record it; replaces what ran under the same id before."""

    camera: Camera


class StopCamera(Message, frozen=True):
    """Close the camera's files and forget it."""

    camera: str


class WriteLine(Message, frozen=True):
    """Journal this line of a camera; it comes back as `LineWritten` when it is on the disk."""

    site: str
    camera: str
    line: SignalLine | EventLine | HoldLine


class KeepSnapshot(Message, frozen=True):
    """Keep this JPEG beside the footage."""

    site: str
    camera: str
    event: str
    jpeg: bytes


class KeepFootage(Message, frozen=True):
    """An event wants the footage from ``start`` to ``until``; None as long as it runs."""

    camera: str
    start: WallUs
    until: WallUs | None


class RemoveFootage(Message, frozen=True):
    """Delete these files of a camera, as far as its journal lists them; answered by `RemovalDone`."""

    ticket: int
    site: str
    camera: str
    paths: tuple[str, ...]
    why: str


class AdoptFootage(Message, frozen=True):
    """Take these waiting files of a camera (name, and what it was made from) into its main stream, and journal these
    stretches as gaps; answered by `AdoptionDone`."""

    ticket: int
    site: str
    camera: str
    files: tuple[tuple[str, str], ...]
    holes: tuple[tuple[WallUs, WallUs], ...]


ToMedia = RunCamera | StopCamera | WriteLine | KeepSnapshot | KeepFootage | RemoveFootage | AdoptFootage

# --- media worker to main


class Ready(Message, frozen=True):
    """The worker listens and takes orders."""


class StateChanged(Message, frozen=True):
    """A stream's honest state."""

    camera: str
    stream: StreamName
    state: StreamState


class SegmentOpened(Message, frozen=True):
    """A file that grows from now on; ``path`` is relative to the archive folder."""

    camera: str
    stream: StreamName
    path: str
    start: WallUs


class LineWritten(Message, frozen=True):
    """A line of a camera's journal is on the disk, and so is all it speaks of: the index may know it."""

    journalled: Journalled


class Trouble(Message, frozen=True):
    """Something a person should know that is not a stream's state: a failed sync, a full disk, a foreign volume."""

    camera: str
    kind: str
    what: str
    hint: str


class CertificateLearnt(Message, frozen=True):
    """The first certificate a camera's server has shown at a place."""

    camera: str
    pin: PinnedCertificate


class RemovalDone(Message, frozen=True):
    """An order to delete was worked through: ``refused`` are files no journal lists, ``kind`` and ``what`` an error."""

    ticket: int
    removed: int
    refused: tuple[str, ...]
    kind: str
    what: str


class AdoptionDone(Message, frozen=True):
    """An order to take files in was worked through: ``refused`` are names with the reason, ``kind`` and ``what`` an
    error."""

    ticket: int
    refused: tuple[tuple[str, str], ...]
    kind: str
    what: str


class RecordingAccount(Message, frozen=True):
    """How far what is known of a camera's main stream reaches, sent every second.

    Either ``recorded_until`` is set, the end of the last picture of the open file, or there is a gap, since
    ``gap_since`` (None: since what the journal knows last) for ``reason``.
    """

    camera: str
    recorded_until: WallUs | None
    gap_since: WallUs | None
    reason: GapReason | None


class MediaFigures(Message, frozen=True):
    """Counters of one stream since the worker started, sent every few seconds while it lives. ``recorded_as`` is the
    codec in which Motion JPEG is written that is to be H.264; "" where nothing is converted."""

    camera: str
    stream: StreamName
    last_frame: WallUs | None
    packets: int
    bytes: int
    lost: int
    sessions: int
    shifts: int
    tap_losses: int
    recorded_as: str = ""


class DiskFigures(Message, frozen=True):
    """Counters of a worker's way to the disk since it started, sent every second.

    A round brings every open file to the disk; a late one took longer than the time between two of them, so the disk
    is too slow. ``abandoned`` files were given up because the disk refused to save them; ``waiting`` jobs are not done
    yet. ``what`` and ``hint`` say why nothing can be recorded at this moment: the disk is not there, another one, or
    read-only; "" when all is well.
    """

    worker: str
    rounds: int
    late_rounds: int
    last_round_s: float
    waiting: int
    abandoned: int
    what: str = ""
    hint: str = ""


FromMedia = (
    Ready
    | StateChanged
    | SegmentOpened
    | LineWritten
    | Trouble
    | CertificateLearnt
    | RemovalDone
    | AdoptionDone
    | RecordingAccount
    | MediaFigures
    | DiskFigures
)

# --- taps: consumer to media worker, and packets back


class Tap(Message, frozen=True):
    """What the consumer wants of a stream: ``all`` packets (beginning with the cached GOP) as they come, the same
    ``soon`` (with the next beat), ``keys`` only, ``sound`` only (from now on), ``none``.
    """

    camera: str
    stream: StreamName
    want: str


class TapFormat(Message, frozen=True):
    """The format of the packets that follow."""

    camera: str
    stream: StreamName
    format: StreamFormat


class TapPacket(Message, frozen=True):
    """One packet; ``at`` is its smoothed wall clock, ``cached`` says that it comes from the cached GOP."""

    camera: str
    stream: StreamName
    data: bytes
    pts: int
    dts: int
    ticks_per_s: int
    key: bool
    track: Track
    at: WallUs
    cached: bool


class TapLoss(Message, frozen=True):
    """The consumer was too slow: so many packets were left out, and a key frame follows."""

    camera: str
    stream: StreamName
    packets: int


class PriceFound(Message, frozen=True):
    """What making H.264 of a stream costs: so many pictures, sent within so many seconds, took ``cpu_s`` of work."""

    pictures: int
    seconds: float
    cpu_s: float
    sent_bytes: int
    made_bytes: int


FromTap = TapFormat | TapPacket | TapLoss
ToTap = Tap | TapFormat | TapPacket
"""Only a worker that makes H.264 of a camera's Motion JPEG sends formats and packets: what it made."""

# --- main to analysis worker, and back


class WatchCamera(Message, frozen=True):
    """Watch this stream, served at the Unix socket ``tap``; replaces what was watched under the same id before."""

    camera: str
    stream: StreamName
    tap: str
    motion: MotionSettings


class ForgetCamera(Message, frozen=True):
    """Stop watching."""

    camera: str


class TakeSnapshot(Message, frozen=True):
    """Answered by `SnapshotTaken` with the same ticket."""

    ticket: int
    camera: str


class HearCamera(Message, frozen=True):
    """Listen to this stream, served at the Unix socket ``tap``, for these; no wishes: listen no more."""

    camera: str
    stream: StreamName
    tap: str
    wishes: tuple[SoundWish, ...]


ToAnalysis = WatchCamera | ForgetCamera | TakeSnapshot | HearCamera


class SoundHeard(Message, frozen=True):
    """A camera became as loud as ``wish`` says, or it is over; ``db`` is the loudness of that moment."""

    camera: str
    wish: SoundWish
    on: bool
    at: WallUs
    db: float


class SignalSeen(Message, frozen=True):
    """The detector's signal began, went on or ended.

    ``snapshot`` is a JPEG of the best picture since the last one, b"" when there is no better one; ``boxes`` are what
    moved on it, ``quality`` a number to compare it with another of the same event by.
    """

    camera: str
    signal: Signal
    snapshot: bytes
    boxes: tuple[Box, ...] = ()
    quality: float = 0.0


class CandidatesSeen(Message, frozen=True):
    """What was followed for a while, whether it counted or not; see `wachtel.media.candidates`."""

    camera: str
    chunk: bytes


class SnapshotTaken(Message, frozen=True):
    """``jpeg`` is b"" when there is no picture yet."""

    ticket: int
    jpeg: bytes


class AnalysisFigures(Message, frozen=True):
    """Counters of one camera since the worker started, and how it is watched; sent every few seconds, and at once when
    that changes. ``late_s`` is how long after it was taken a picture came to be looked at, the worst lately."""

    camera: str
    pictures: int
    losses: int
    late_s: float
    policy: Policy
    reason: PolicyReason


FromAnalysis = Ready | SignalSeen | CandidatesSeen | SnapshotTaken | AnalysisFigures | SoundHeard


def tap_packet(camera: str, stream: StreamName, packet: Packet, at: WallUs, *, cached: bool) -> TapPacket:
    """A packet as it travels on a tap."""
    base = packet.time_base
    return TapPacket(
        camera, stream, packet.data, packet.pts, packet.dts, base.denominator // base.numerator,
        packet.key, packet.track, at, cached,
    )  # fmt: skip


def packet_of(message: TapPacket) -> Packet:
    """The packet that travelled; it arrived when the camera's thread had it."""
    return Packet(
        message.data, message.pts, message.dts, _time_base(message.ticks_per_s),
        message.key, message.track, message.at,
    )  # fmt: skip


_time_base = cache(partial(Fraction, 1))
"""There are few, and making one costs half as much as the rest of a packet."""
