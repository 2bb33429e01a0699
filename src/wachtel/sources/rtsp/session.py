"""The handshake of an RTSP session: OPTIONS, DESCRIBE, SETUP, PLAY (RFC 2326), then keeping it alive."""

from dataclasses import dataclass, field

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import MonoS
from wachtel.protocols.camera_url import CameraUrl
from wachtel.protocols.rtsp import Response
from wachtel.protocols.rtsp_headers import (
    DEFAULT_SESSION_TIMEOUT_S,
    RtpInfo,
    SessionHeader,
    TransportHeader,
    parse_rtp_info,
)
from wachtel.protocols.sdp import Media, SessionDescription, parse_sdp
from wachtel.sources.answers import nonsense
from wachtel.sources.rtsp.answers import not_rtsp
from wachtel.sources.rtsp.connection import RtspConnection


@dataclass(slots=True)
class RtspSession:
    """A session and what is known of it."""

    connection: RtspConnection
    url: CameraUrl
    clock: Clock
    methods: frozenset[str] = frozenset()
    description: SessionDescription = field(default_factory=lambda: SessionDescription((), ""))
    timeout_s: float = DEFAULT_SESSION_TIMEOUT_S
    _alive_at: float = 0.0

    @property
    def uri(self) -> str:
        return self.url.on_the_wire().public()

    def describe(self, deadline: MonoS) -> SessionDescription:
        """OPTIONS and DESCRIBE. Raises `WachtelError` as `RtspConnection.request` does, and not_a_camera."""
        options = self.connection.request("OPTIONS", self.uri, deadline)
        public = options.headers.get("Public") or ""
        self.methods = frozenset(name.strip().upper() for name in public.split(","))
        answer = self.connection.request("DESCRIBE", self.uri, deadline, (("Accept", "application/sdp"),))
        try:
            self.description = parse_sdp(answer.body, self._base(answer))
        except WachtelError as error:
            raise not_rtsp(
                self.connection.endpoint, "its description of the stream cannot be read"
            ) from error
        return self.description

    def _base(self, answer: Response) -> str:
        """What relative tracks are relative to (RFC 2326 appendix C.1.1); some cameras leave the scheme away."""
        for name in ("Content-Base", "Content-Location"):
            value = (answer.headers.get(name) or "").strip()
            if value.lower().startswith(("rtsp://", "rtsps://")):
                return value
        return self.uri

    def set_up(self, media: Media, transport: TransportHeader, deadline: MonoS) -> TransportHeader:
        """SETUP of one track; how the camera really sends it."""
        answer = self.connection.request(
            "SETUP", media.control or self.uri, deadline, (("Transport", transport.encode()),)
        )
        self._note_session(answer)
        offered = TransportHeader.parse(answer.headers.get("Transport") or "")
        if not offered:
            raise nonsense(self.connection.endpoint)
        if offered[0].over_tcp != transport.over_tcp or not offered[0].unicast:
            raise WachtelError(
                ErrorKind.INVALID,
                "The camera wants to send the stream by another transport than the one asked for.",
                code="other_transport",
                hint="Switch the camera from TCP to UDP, or the other way round.",
            )
        return offered[0]

    def play(self, deadline: MonoS) -> tuple[RtpInfo, ...]:
        """PLAY; where the tracks begin, if the camera says so."""
        answer = self.connection.request(
            "PLAY", self.description.control or self.uri, deadline, (("Range", "npt=0.000-"),)
        )
        self._note_session(answer)
        self._alive_at = self.clock.monotonic_s()
        return parse_rtp_info(answer.headers.get("RTP-Info") or "")

    def keep_alive(self) -> None:
        """Sends a sign of life when a third of the session's time is over; the answer may come whenever it
        wants."""
        now = self.clock.monotonic_s()
        if now - self._alive_at < self.timeout_s / 3:
            return
        self._alive_at = now
        self.connection.send("GET_PARAMETER" if "GET_PARAMETER" in self.methods else "OPTIONS", self.uri)

    def hang_up(self) -> None:
        """Says goodbye, without waiting for an answer, and closes; never fails."""
        try:
            if self.connection.session is not None:
                self.connection.send("TEARDOWN", self.description.control or self.uri)
        except WachtelError:
            pass
        finally:
            self.connection.close()

    def _note_session(self, answer: Response) -> None:
        if text := answer.headers.get("Session"):
            header = SessionHeader.parse(text)
            self.connection.session = header.id
            self.timeout_s = max(6.0, header.timeout_s)
