"""The sentences of a probe."""

import re
from dataclasses import dataclass, field

from wachtel.base.errors import WachtelError
from wachtel.base.redact import redact
from wachtel.model.certificate import PinnedCertificate, shown_fingerprint
from wachtel.model.probe import ProbeFinding, ProbeReport
from wachtel.model.stream import AudioFormat, Codec, VideoFormat

_CODEC_NAMES = {
    Codec.H264: "H.264",
    Codec.H265: "H.265",
    Codec.MJPEG: "Motion JPEG",
    Codec.AAC: "AAC",
    Codec.OPUS: "Opus",
    Codec.PCMA: "G.711 A-law",
    Codec.PCMU: "G.711 µ-law",
}
LONG_GOP_S = 4.5
LEAST_LOST = 3
LARGE_JITTER_S = 0.4
VARIES = 2.0
_LARGE_WIDTH = 1280
_SUB_PATHS = (
    ("/Streaming/Channels/101", "/Streaming/Channels/102"),
    ("subtype=0", "subtype=1"),
    ("_01_main", "_01_sub"),
    ("/videoMain", "/videoSub"),
    ("/stream1", "/stream2"),
    ("/media/video1", "/media/video2"),
    ("/ch0_0", "/ch0_1"),
    ("/main", "/sub"),
)
"""How the widespread makers name main and sub stream."""


@dataclass(slots=True)
class Findings:
    """Collects what the probe finds; `report` makes the answer of it."""

    url: str
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    audio: str | None = None
    picture: bytes | None = None
    found: list[ProbeFinding] = field(default_factory=list)

    def ok(self, kind: str, what: str, hint: str = "", **details: str) -> None:
        self.found.append(ProbeFinding("ok", kind, what, hint, kind, details))

    def warn(self, kind: str, what: str, hint: str, **details: str) -> None:
        self.found.append(ProbeFinding("warning", kind, what, hint, kind, details))

    def fail(self, error: WachtelError) -> None:
        self.found.append(
            ProbeFinding("error", error.kind.value, error.what, error.hint, error.code, dict(error.details))
        )

    def video(self, video: VideoFormat, fps: float | None, gop_s: float | None) -> None:
        """The stream, and what follows from its codec and key frame distance."""
        self.codec, self.width, self.height = video.codec.value, video.width, video.height
        self.fps = None if fps is None else round(fps, 2)
        rate = "" if fps is None else f", {fps:.3g} pictures a second"
        alone = gop_s is None or video.codec is Codec.MJPEG
        keys = "" if alone else f", a key frame every {gop_s:.2g} s"
        self.ok(
            "video",
            f"{_CODEC_NAMES[video.codec]}, {video.width}x{video.height}{rate}{keys}.",
            key_frames_s="" if alone else f"{gop_s:.2g}",
        )
        if video.codec is Codec.H265:
            self.warn(
                "h265",
                "H.265 is recorded as it is, but not every browser can show it: Safari can, Chrome and Edge where the "
                "device decodes it by itself, Firefox mostly cannot.",
                "Where one cannot, the sub stream is shown, or it is converted while somebody watches. For any browser "
                "set the camera, or at least its sub stream, to H.264.",
            )

        if video.codec is Codec.MJPEG:
            self.warn(
                "mjpeg",
                "This is a stream of single JPEGs.",
                "If the camera offers RTSP with H.264 too, use that: as sharp at a tenth of the data.",
            )

    def key_frames(self, gop_s: float | None, watched_s: float) -> None:
        """Warns of a key frame distance that makes starting slow and cuts coarse."""
        if (gop_s or watched_s) > LONG_GOP_S:
            self.warn(
                "long_gop",
                f"Key frames are more than {LONG_GOP_S:g} seconds apart.",
                "Set the key frame (I-frame) interval to one or two seconds, and H.264+ or H.265+ off.",
                seconds=f"{LONG_GOP_S:g}",
            )

    def certificate(self, pin: PinnedCertificate) -> None:
        """What an encrypted connection showed."""
        fingerprint = shown_fingerprint(pin.sha256)
        self.ok(
            "certificate",
            f"{pin.at} shows a certificate with the fingerprint {fingerprint}.",
            "From when the camera is added only this one is accepted.",
            at=pin.at,
            now=fingerprint,
        )

    def sound(self, audio: AudioFormat | None, unheard: str = "") -> None:
        """What could be recorded; ``unheard`` is the form of sound that cannot be."""
        if audio is not None:
            self.audio = audio.codec.value
            self.ok("audio", f"Sound: {_CODEC_NAMES[audio.codec]}, {audio.sample_rate} Hz.")
        elif unheard:
            self.warn(
                "sound_unknown",
                f"The camera sends its sound as {unheard}; that cannot be recorded.",
                "Set the sound in the camera to AAC or G.711. The picture is recorded without it.",
                codec=unheard,
            )

    def network(self, lost: int, watched_s: float, jitter_s: float) -> None:
        """Warns of packets that never came, and of pictures that come in bursts."""
        if lost >= LEAST_LOST:
            seconds = f"{max(1.0, watched_s):.0f}"
            self.warn(
                "packet_loss",
                f"{lost} packets of the stream were lost within {seconds} seconds.",
                "Pictures break or are left out. A cable, a nearer access point, 5 GHz Wi-Fi or a lower bit rate "
                "helps; over Wi-Fi choose TCP, not UDP.",
                lost=str(lost),
                seconds=seconds,
            )
        elif jitter_s > LARGE_JITTER_S:
            self.warn(
                "jitter",
                f"Pictures come in bursts, up to {jitter_s:.1f} seconds late.",
                "That is how weak Wi-Fi looks. Nothing is lost, but live view stutters. Move the camera or the access "
                "point nearer, or use a cable.",
                seconds=f"{jitter_s:.1f}",
            )

    def rate(self, fps: tuple[float, float] | None) -> None:
        """Remarks on a frame rate that varies."""
        if fps is None or fps[1] < VARIES * fps[0]:
            return
        self.warn(
            "variable_rate",
            f"The frame rate varies between {fps[0]:.0f} and {fps[1]:.0f} pictures a second.",
            "It is recorded as it comes. Some players stumble over it: set a constant frame rate in the camera, and "
            "automatic exposure that lengthens at night off.",
            slow=f"{fps[0]:.0f}",
            fast=f"{fps[1]:.0f}",
        )

    def second_client(self) -> None:
        """The camera turned a second viewer away."""
        self.warn(
            "one_client",
            "The camera refuses a second viewer while somebody is watching.",
            "Let Wachtel be the only one that connects to it; everybody else watches through Wachtel. A sub stream "
            "beside the main one may be refused, too.",
        )

    def sub_stream(self) -> None:
        """Advises a second URL for a large stream; known makers' paths are named."""
        if (self.width or 0) < _LARGE_WIDTH:
            return
        guess = next((self.url.replace(main, sub) for main, sub in _SUB_PATHS if main in self.url), "")
        where = f"It may be at {guess}." if guess else "The camera's manual names its path."
        self.ok(
            "sub_stream",
            "Motion is seen with less effort on the camera's small sub stream.",
            where,
            url=guess,
        )

    def report(self) -> ProbeReport:
        failed = any(finding.level == "error" for finding in self.found)
        return ProbeReport(
            not failed,
            self.url,
            self.codec,
            self.width,
            self.height,
            self.fps,
            self.audio,
            tuple(self.found),
            self.picture,
        )


def shown(url: str) -> str:
    """A URL that could not be read, made fit to be shown: no credentials, nothing unprintable, not long."""
    printable = "".join(char for char in redact(url) if char.isprintable())
    return re.sub(r"//[^/]*@", "//***@", printable)[:200]
