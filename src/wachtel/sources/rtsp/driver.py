"""Opens rtsp and rtsps URLs."""

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import MonoS
from wachtel.protocols.camera_url import CameraUrl
from wachtel.protocols.rtsp import TransportHeader
from wachtel.protocols.sdp import Media, SessionDescription
from wachtel.sources.address import resolve
from wachtel.sources.api import MediaSource, SourceOptions
from wachtel.sources.connect import connect
from wachtel.sources.rtsp.connection import RtspConnection
from wachtel.sources.rtsp.session import RtspSession
from wachtel.sources.rtsp.source import RtspSource
from wachtel.sources.rtsp.video_track import VideoTrack, unsupported


class RtspDriver:
    """The `SourceDriver` of RTSP."""

    schemes = frozenset({"rtsp", "rtsps"})

    def open(self, url: CameraUrl, options: SourceOptions, clock: Clock) -> MediaSource:
        deadline = MonoS(clock.monotonic_s() + options.connect_timeout_s)
        session = dial(url, options, clock)
        try:
            media = video_of(session.describe(deadline))
            video = VideoTrack(media, 0)
            asked = TransportHeader("RTP/AVP/TCP", interleaved=(0, 1))
            granted = session.set_up(media, asked, deadline)
            session.play(deadline)
        except WachtelError:
            session.connection.close()
            raise
        channel = (granted.interleaved or (0, 1))[0]
        return RtspSource(session, video, {channel: video}, options.stall_timeout_s, clock)


def dial(url: CameraUrl, options: SourceOptions, clock: Clock) -> RtspSession:
    """Resolves, connects; nothing is said yet."""
    endpoint = resolve(url, allow_local=options.allow_local, timeout_s=options.connect_timeout_s)
    connection = connect(endpoint, options.connect_timeout_s, tls=url.scheme == "rtsps")
    return RtspSession(RtspConnection(connection, endpoint, url, clock), url, clock)


def video_of(description: SessionDescription) -> Media:
    """The first video track of a codec we know. Raises `WachtelError` (unsupported_codec, not_a_camera)."""
    tracks = [media for media in description.media if media.kind == "video"]
    if not tracks:
        raise WachtelError(
            ErrorKind.NOT_A_CAMERA,
            "The stream has no video.",
            hint="Check the path; this may be the address of a sound-only stream.",
        )
    known = [media for media in tracks if media.codec is not None]
    if not known:
        raise unsupported(tracks[0])
    return known[0]


driver = RtspDriver()
