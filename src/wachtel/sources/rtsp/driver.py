"""Opens rtsp and rtsps URLs."""

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import MonoS
from wachtel.model.camera import Transport
from wachtel.protocols.camera_url import CameraUrl
from wachtel.protocols.rtsp_headers import RtpInfo
from wachtel.protocols.sdp import Media, SessionDescription
from wachtel.sources.address import resolve
from wachtel.sources.api import MediaSource, SourceOptions
from wachtel.sources.connect import connect
from wachtel.sources.rtsp.audio_track import AudioTrack, audio_format
from wachtel.sources.rtsp.connection import RtspConnection
from wachtel.sources.rtsp.session import RtspSession
from wachtel.sources.rtsp.source import RtspSource
from wachtel.sources.rtsp.transport import Channels, Link, TcpLink, UdpLink
from wachtel.sources.rtsp.video_track import VideoTrack, unsupported


class RtspDriver:
    """The `SourceDriver` of RTSP."""

    schemes = frozenset({"rtsp", "rtsps"})

    def open(self, url: CameraUrl, options: SourceOptions, clock: Clock) -> MediaSource:
        """As `SourceDriver.open`; name, connection and handshake take ``connect_timeout_s`` together."""
        began = clock.monotonic_s()
        deadline = MonoS(began + options.connect_timeout_s)
        session = dial(url, options, deadline, clock)
        link: Link | None = None
        try:
            session.describe(deadline)
            encrypted = url.scheme == "rtsps"
            link = (
                UdpLink(session) if options.transport is Transport.UDP and not encrypted else TcpLink(session)
            )
            return _start(session, link, options, began, deadline)
        except WachtelError:
            session.hang_up()
            if link is not None:
                link.close()
            raise


def dial(url: CameraUrl, options: SourceOptions, deadline: MonoS, clock: Clock) -> RtspSession:
    """Resolves the name and connects; nothing is said yet. Raises `WachtelError` as `resolve` and `connect`
    do."""
    endpoint = resolve(url, allow_local=options.allow_local, timeout_s=options.connect_timeout_s)
    connection = connect(endpoint, deadline, clock, tls=url.scheme == "rtsps", trust=options.trust)
    return RtspSession(RtspConnection(connection, endpoint, url, clock), url, clock)


def _start(
    session: RtspSession, link: Link, options: SourceOptions, began: MonoS, deadline: MonoS
) -> MediaSource:
    """SETUP of the tracks that are wanted, then PLAY."""
    media = video_of(session.description)
    video = VideoTrack(media, link.hold_back)
    video_channels = link.set_up(session, media, deadline)
    sound = audio_of(session.description) if options.audio else None
    audio: tuple[AudioTrack, Channels] | None = None
    if sound is not None and (kind := audio_format(sound)) is not None:
        channels = link.set_up(session, sound, deadline)
        audio = AudioTrack(sound, kind, video, link.hold_back), channels
    begins = session.play(deadline)
    if audio is not None and sound is not None:
        audio[0].announce(_rtptime(begins, sound), _rtptime(begins, media))
    quiet_since = options.quiet_since(began, session.clock.monotonic_s())
    return RtspSource(
        session, link, (video, video_channels), audio, options.stall_timeout_s, quiet_since,
        _unheard(session.description), options.turn, options.drafts,
    )  # fmt: skip


def video_of(description: SessionDescription) -> Media:
    """The first video track of a codec we know. Raises `WachtelError` (unsupported_codec, not_a_camera)."""
    tracks = [media for media in description.media if media.kind == "video"]
    if not tracks:
        raise WachtelError(
            ErrorKind.NOT_A_CAMERA,
            "The stream has no video.",
            code="no_video",
            hint="Check the path; this may be the address of a sound-only stream.",
        )
    for media in tracks:
        if media.codec is not None:
            return media
    raise unsupported(tracks[0])


def audio_of(description: SessionDescription) -> Media | None:
    """The first audio track that can be kept."""
    return next(
        (media for media in description.media if media.kind == "audio" and audio_format(media) is not None),
        None,
    )


def _unheard(description: SessionDescription) -> str:
    """The sound a camera offers when none of it can be kept."""
    if audio_of(description) is not None:
        return ""
    return next((media.encoding for media in description.media if media.kind == "audio"), "")[:40]


def _rtptime(begins: tuple[RtpInfo, ...], media: Media) -> int | None:
    """Where a track begins; cameras name it by the whole URL or by its end."""
    for entry in begins:
        if entry.url and media.control.endswith(entry.url.rpartition("/")[2]):
            return entry.rtptime
    return None


driver = RtspDriver()
