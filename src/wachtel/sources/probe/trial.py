"""The probe itself: connects, watches for a few seconds, decodes one picture. Blocks.

A bad URL or a bad camera raises nothing; the report says what is wrong.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S
from wachtel.model.probe import ProbeReport
from wachtel.model.stream import AudioFormat, Codec, Packet, StreamFormat, Track, VideoFormat
from wachtel.protocols.camera_url import CameraUrl, parse_camera_url
from wachtel.sources.api import MediaSource, SourceDriver, SourceOptions, WithUnheard
from wachtel.sources.drivers import driver_for
from wachtel.sources.probe.findings import Findings, shown
from wachtel.sources.trust import TrustFirst

Picture = Callable[[VideoFormat, Packet], bytes | None]

LONGEST_S = 9.5
_WATCH_S = 5.0
_STALL_S = 4.0
_CONNECT_S = 4.0
_LATEST_SECOND_S = 6.0
"""Later than this the second try would not end in time."""
_FEW_PICTURES = 8
_REFUSED_TWICE = frozenset(
    {ErrorKind.BUSY, ErrorKind.REFUSED, ErrorKind.STREAM_ENDED, ErrorKind.NOT_A_CAMERA, ErrorKind.UNREACHABLE}
)


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
    driver = driver_for(url.scheme)
    source = driver.open(url, options, clock)
    try:
        packets = source.packets()  # kept: whoever drops it ends the session
        seen = _watched(source, packets, clock, began, findings)
        if isinstance(source, WithUnheard):
            seen.unheard = source.unheard
        if seen.key is not None and clock.monotonic_s() - began < _LATEST_SECOND_S:
            seen.alone = _turned_away(driver, url, options, clock)
    finally:
        source.close()
    _conclude(seen, findings)


def _turned_away(driver: SourceDriver, url: CameraUrl, options: SourceOptions, clock: Clock) -> bool:
    """Whether the camera refuses a second viewer while the first one is still there."""
    try:
        driver.open(url, options, clock).close()
    except WachtelError as error:
        return error.kind in _REFUSED_TWICE
    return False


@dataclass(slots=True)
class _Seen:
    """What came while we watched."""

    video: VideoFormat | None = None
    audio: AudioFormat | None = None
    key: Packet | None = None
    times: list[float] = field(default_factory=list)
    key_times: list[float] = field(default_factory=list)
    watched_s: float = 0.0
    lost: int = 0
    late: list[float] = field(default_factory=list)
    unheard: str = ""
    alone: bool = False

    def take(self, item: StreamFormat | Packet) -> None:
        if isinstance(item, StreamFormat):
            self.video, self.audio = item.video, item.audio
        elif item.track is Track.VIDEO:
            at = float(item.pts * item.time_base)
            self.times.append(at)
            self.late.append(item.arrival / US_PER_S - at)
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
    def jitter_s(self) -> float:
        """How much later than the quickest picture all but the latest twentieth came; Motion JPEG has no times."""
        if len(self.late) < _FEW_PICTURES or (self.video and self.video.codec is Codec.MJPEG):
            return 0.0
        late = sorted(self.late)
        return late[len(late) * 19 // 20] - late[0]

    @property
    def fps_range(self) -> tuple[float, float] | None:
        """Pictures a second at the slowest and quickest tenth of them, None without enough of them."""
        times = sorted(self.times)
        gaps = sorted(after - before for before, after in pairwise(times) if after > before)
        if len(gaps) < _FEW_PICTURES or (self.video and self.video.codec is Codec.MJPEG):
            return None
        return 1 / gaps[len(gaps) * 9 // 10], 1 / gaps[len(gaps) // 10]

    @property
    def gop_s(self) -> float | None:
        return self.key_times[1] - self.key_times[0] if len(self.key_times) > 1 else None


def _watched(
    source: MediaSource,
    packets: Iterator[StreamFormat | Packet],
    clock: Clock,
    began: float,
    findings: Findings,
) -> _Seen:
    """As `_watch`; where no picture comes, lost packets may be why."""
    try:
        seen = _watch(source, packets, clock, began)
    except WachtelError:
        findings.network(source.lost, clock.monotonic_s() - began, 0.0)
        raise
    if seen.video is None or seen.key is None:
        findings.network(seen.lost, seen.watched_s, 0.0)
    return seen


def _watch(
    source: MediaSource, packets: Iterator[StreamFormat | Packet], clock: Clock, began: float
) -> _Seen:
    """Reads until two key frames have come, five seconds after the first, or the time is over."""
    seen = _Seen()
    first_at: float | None = None
    for item in packets:
        seen.take(item)
        now = clock.monotonic_s()
        first_at = now if first_at is None else first_at
        seen.watched_s = now - first_at
        seen.lost = source.lost
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
    findings.network(seen.lost, seen.watched_s, seen.jitter_s)
    if not seen.lost:
        findings.rate(seen.fps_range)
    findings.sound(seen.audio, seen.unheard)
    if seen.alone:
        findings.second_client()
    findings.sub_stream()
    from wachtel.sources.probe.picture import jpeg_of  # native code, imported only where there is a picture

    findings.picture = jpeg_of(seen.video, seen.key)
    if findings.picture is None:
        findings.warn(
            "no_picture",
            "The picture cannot be decoded here.",
            "Try another resolution or profile in the camera's settings.",
        )
