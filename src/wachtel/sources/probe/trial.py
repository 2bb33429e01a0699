"""The probe itself: connects, watches for a few seconds, decodes one picture. Blocks.

A bad URL or a bad camera raises nothing; the report says what is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.probe import ProbeReport
from wachtel.model.stream import AudioFormat, Packet, StreamFormat, Track, VideoFormat
from wachtel.protocols.camera_url import CameraUrl, parse_camera_url
from wachtel.sources.api import MediaSource, SourceOptions
from wachtel.sources.drivers import driver_for
from wachtel.sources.probe.findings import Findings, shown
from wachtel.sources.trust import TrustFirst

Picture = Callable[[VideoFormat, Packet], bytes | None]

LONGEST_S = 9.5
_WATCH_S = 5.0
_STALL_S = 4.0
_CONNECT_S = 4.0


def probe(url: str, *, allow_local: bool, clock: Clock) -> ProbeReport:
    """Tries a camera URL for at most ten seconds. Decodes foreign bytes: not for the server's main
    process."""
    try:
        parsed = parse_camera_url(url)
    except WachtelError as error:
        findings = Findings(shown(url))
        findings.fail(error)
        return findings.report()
    findings = Findings(parsed.public())
    try:
        _try(parsed, allow_local, clock, findings)
    except WachtelError as error:
        findings.fail(error)
    return findings.report()


def _try(url: CameraUrl, allow_local: bool, clock: Clock, findings: Findings) -> None:
    trust = TrustFirst((), clock, findings.certificate)
    options = SourceOptions(
        connect_timeout_s=_CONNECT_S,
        stall_timeout_s=_STALL_S,
        allow_local=allow_local,
        audio=True,
        trust=trust,
    )
    began = clock.monotonic_s()
    source = driver_for(url.scheme).open(url, options, clock)
    try:
        seen = _watch(source, clock, began)
    finally:
        source.close()
    _conclude(seen, findings)


@dataclass(slots=True)
class _Seen:
    """What came while we watched."""

    video: VideoFormat | None = None
    audio: AudioFormat | None = None
    key: Packet | None = None
    times: list[float] = field(default_factory=list)
    key_times: list[float] = field(default_factory=list)
    watched_s: float = 0.0

    def take(self, item: StreamFormat | Packet) -> None:
        if isinstance(item, StreamFormat):
            self.video, self.audio = item.video, item.audio
        elif item.track is Track.VIDEO:
            at = float(item.pts * item.time_base)
            self.times.append(at)
            if item.key:
                self.key = self.key or item
                self.key_times.append(at)

    @property
    def fps(self) -> float | None:
        if len(self.times) < 3:
            return None
        span = max(self.times) - min(self.times)
        return (len(self.times) - 1) / span if span > 0 else None

    @property
    def gop_s(self) -> float | None:
        return self.key_times[1] - self.key_times[0] if len(self.key_times) > 1 else None


def _watch(source: MediaSource, clock: Clock, began: float) -> _Seen:
    """Reads until two key frames have come, five seconds after the first, or the time is over."""
    seen = _Seen()
    first_at: float | None = None
    for item in source.packets():
        seen.take(item)
        now = clock.monotonic_s()
        first_at = now if first_at is None else first_at
        seen.watched_s = now - first_at
        enough = len(seen.key_times) > 1 and seen.watched_s > 1.0
        if enough or seen.watched_s > _WATCH_S or now - began > LONGEST_S:
            break
    return seen


def _conclude(seen: _Seen, findings: Findings) -> None:
    if seen.video is None or seen.key is None:
        raise WachtelError(
            ErrorKind.STALLED,
            "The camera is connected, but sends no picture that can be begun with.",
            code="no_key_frame",
            hint="Set the key frame (I-frame) interval in the camera to one or two seconds.",
        )
    findings.video(seen.video, seen.fps, seen.gop_s)
    findings.key_frames(seen.gop_s, seen.watched_s)
    findings.sound(seen.audio)
    findings.sub_stream()
    from wachtel.sources.probe.picture import jpeg_of  # native code, imported only where there is a picture

    findings.picture = jpeg_of(seen.video, seen.key)
    if findings.picture is None:
        findings.warn(
            "no_picture",
            "The picture cannot be decoded here.",
            "Try another resolution or profile in the camera's settings.",
        )
