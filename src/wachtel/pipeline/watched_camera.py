"""One camera under analysis: packets in, signals out, and the decision how many pictures to decode."""

from dataclasses import dataclass

from wachtel.base.errors import WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.detectors.api import Detector, DetectorDriver, Follower, Picture
from wachtel.media.timestamps import CLOCK_STEP_US
from wachtel.model.camera import Analysis, MotionSettings
from wachtel.model.event import Motion
from wachtel.model.stream import StreamFormat, StreamName, Track, VideoFormat
from wachtel.model.watch import Policy, PolicyReason
from wachtel.model.zone import Box
from wachtel.pipeline.best_picture import picture_quality
from wachtel.pipeline.candidate_log import CandidateLog
from wachtel.pipeline.decoding import KeptFrame, PictureDecoder
from wachtel.pipeline.messages import TapPacket, packet_of
from wachtel.pipeline.watching import Edge, Signal, Watching

EVERY_FRAME_PIXELS = 1280 * 720
"""Streams up to this size are decoded whole; of larger ones the key frames, and the GOP when one is suspicious."""

CLEARLY_BETTER = 1.15

PICTURE_EVERY_US = 5 * US_PER_S
"""While a signal goes on, a better picture is told no sooner: its JPEG mostly costs more than decoding it."""

PAUSE_US = round(1.25 * US_PER_S)
"""After a shorter pause it is surely the same event (`EventTiming.merge_s`), and its best picture still is."""

AWAKE_S = 2.0
"""How long every frame is decoded after the last suspicion."""


Choice = tuple[Policy, PolicyReason]

_SETTLED = {
    Analysis.EVERY: Policy.EVERY_FRAME,
    Analysis.ECONOMY: Policy.KEY_FRAMES,
    Analysis.CAMERA: Policy.CAMERA,
}


def settled(settings: MotionSettings) -> Choice | None:
    """What the owner wants; None where the choice is left to us."""
    policy = _SETTLED.get(settings.analysis) if settings.enabled else Policy.OFF
    return None if policy is None else (policy, PolicyReason.SETTINGS)


def choice_for(format: VideoFormat, *, shed: bool = False) -> Choice:
    """Every frame where that is cheap and the budget allows it."""
    if not 0 < format.width * format.height <= EVERY_FRAME_PIXELS:
        return Policy.KEY_FRAMES, PolicyReason.LARGE
    if shed:
        return Policy.KEY_FRAMES, PolicyReason.BUDGET
    return Policy.EVERY_FRAME, PolicyReason.USUAL


@dataclass(frozen=True, slots=True)
class Seen:
    """A signal's edge with the picture that shows it, and how good that is (`picture_quality`)."""

    signal: Signal
    snapshot: bytes
    boxes: tuple[Box, ...] = ()
    quality: float = 0.0


class WatchedCamera:
    """State of one camera in the analysis worker."""

    def __init__(
        self, camera: str, stream: StreamName, settings: MotionSettings, driver: DetectorDriver
    ) -> None:
        self.camera = camera
        self.stream = stream
        self.pictures = 0
        self.losses = 0
        self.late_s = 0.0
        self.choice = settled(settings)
        """None while the size of its pictures decides and is not known."""
        self._settings = settings
        self._looks = settings.enabled and settings.analysis is not Analysis.CAMERA
        self._driver = driver
        self._watching = Watching()
        self._decoder: PictureDecoder | None = None
        self._detector: Detector | None = None
        self._follower: Follower | None = None
        self._format: VideoFormat | None = None
        self._awake_until = WallUs(0)
        self._last_key: TapPacket | None = None
        self._last_look = WallUs(0)
        self._best_quality = 0.0
        self._best_picture: KeptFrame | None = None
        self._best_boxes: tuple[Box, ...] = ()
        self._told_picture = self._off_since = WallUs(0)
        self._log = CandidateLog()
        self._on = False
        self._shed = False

    @property
    def may_be_shed(self) -> bool:
        """True when the worker may choose economy for it."""
        return self._settings.enabled and self._settings.analysis is Analysis.AUTO

    @property
    def sees_itself(self) -> bool:
        """True when the camera's own word on motion counts as well: with economy least is lost of it."""
        return self._settings.from_camera

    def shed(self, shed: bool) -> None:
        """Whether the worker's budget is too short to watch this camera whole."""
        self._shed = shed
        self._choose_policy()

    def _choose_policy(self) -> None:
        if self._format is not None:
            self.choice = settled(self._settings) or choice_for(self._format, shed=self._shed)

    @property
    def want(self) -> str:
        """What to ask of the tap now."""
        if not self._looks:
            return "keys"
        suspicious = self._last_look < self._awake_until
        economical = self.choice is not None and self.choice[0] is Policy.KEY_FRAMES
        if economical and not (self._on or suspicious):
            return "keys"
        # Only what is not known yet is urgent.
        return "all" if suspicious and not self._on else "soon"

    def format(self, format: StreamFormat) -> list[Seen]:
        """The packets that follow have this format; a detector keeps what it learned while the picture size stays."""
        video = format.video
        if self._format == video:
            return []
        same_size = self._format is not None and (self._format.width, self._format.height) == (
            video.width,
            video.height,
        )
        self._format = video
        self._choose_policy()
        self._decoder = None
        if same_size and self._detector is not None:
            return []
        self._detector = self._driver.create(self._settings, video.width, video.height)
        # Asking a protocol for its members again with every picture would cost as much as a part of the engine.
        self._follower = self._detector if isinstance(self._detector, Follower) else None
        return self._seen(self._watching.stop())

    def packet(self, packet: TapPacket) -> list[Seen]:
        """Decodes, looks, and answers with the edges of signals. Damage costs what comes before the next key frame."""
        if packet.track is not Track.VIDEO or self._format is None or self._detector is None:
            return []
        if not self._looks:
            self._last_key = packet
            return []
        self._heed_clock(packet)
        if self._decoder is None:
            if not packet.key:
                return []
            self._decoder = PictureDecoder(self._format, self._detector.picture_size, self._detector.most_fps)
        try:
            pictures = self._decoder.decode(packet_of(packet), packet.at)
        except WachtelError:
            self._decoder = None
            return []
        return [seen for picture in pictures for seen in self._look(self._detector, picture)]

    def _heed_clock(self, packet: TapPacket) -> None:
        """When the machine's clock was set back, everything that comes is older than the last look, and new."""
        if not packet.cached and packet.at < self._last_look - CLOCK_STEP_US:
            self._last_look = self._awake_until = WallUs(0)

    def _look(self, detector: Detector, picture: Picture) -> list[Seen]:
        if picture.at <= self._last_look:
            return []
        self.pictures += 1
        self._last_look = picture.at
        motion = detector.look(picture)
        if self._decoder is not None:
            self._decoder.allow(detector.most_fps)
        if detector.suspicious():
            self._awake_until = WallUs(picture.at + round(AWAKE_S * US_PER_S))
        if self._follower is not None and self._follower.followed is not None:
            self._log.take(self._follower.followed)
        if motion is not None:
            self._remember_best(motion, picture)
        return self._seen(self._watching.answer(picture.at, motion))

    def _remember_best(self, motion: Motion, picture: Picture) -> None:
        """People want the picture in which the thing is large, sharp and whole, not the one in which it came in."""
        if not self._on and not 0 <= picture.at - self._off_since <= PAUSE_US:
            self._best_quality, self._best_picture = 0.0, None
        better = self._best_quality * CLEARLY_BETTER
        quality = picture_quality(motion, picture.gray, better)
        if quality > better and self._decoder is not None:
            self._best_quality = quality
            self._best_picture, self._best_boxes = self._decoder.keep(), motion.boxes

    def lost(self, packets: int) -> None:
        """The tap left out packets: a key frame follows."""
        self.losses += packets
        self._decoder = None

    def elapsed(self, now: WallUs) -> list[Seen]:
        """Time went by; a stream that stands still must not keep an event open."""
        return self._seen(self._watching.elapsed(now))

    def stop(self) -> list[Seen]:
        """Nobody watches from now on."""
        return self._seen(self._watching.stop())

    def candidates(self, *, all: bool = False) -> list[bytes]:
        """What was followed and is to be kept, in chunks; ``all``: also what still goes on."""
        return self._log.chunks(all=all)

    def snapshot(self) -> bytes:
        """A JPEG of the last decoded picture, b"" when there is none."""
        if self._last_key is not None and self._format is not None:
            self._decoder = PictureDecoder(self._format, (16, 16), most_fps=1000.0)
            self._decoder.decode(packet_of(self._last_key), self._last_key.at)
            self._decoder.flush()
            self._last_key = None
        return (self._decoder.jpeg() or b"") if self._decoder else b""

    def _seen(self, signal: Signal | None) -> list[Seen]:
        if signal is None:
            return []
        self._on = signal.edge is not Edge.OFF
        if not self._on:
            self._off_since = signal.last
        if signal.edge is Edge.UPDATE and signal.at - self._told_picture < PICTURE_EVERY_US:
            return [Seen(signal, b"")]
        best, self._best_picture = self._best_picture, None
        if best is None:
            return [Seen(signal, b"")]
        self._told_picture = signal.at
        return [Seen(signal, best.jpeg(), self._best_boxes, self._best_quality)]
