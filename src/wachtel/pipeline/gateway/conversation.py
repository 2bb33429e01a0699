"""One RTSP conversation as a state machine without I/O (RFC 2326 section 10).

Requests go in, answers come out. What takes waiting (who the client is, what the camera sends) is found out by the
connection between `begin`, which says where a request wants to go, and `answer`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from wachtel.model.stream import StreamName
from wachtel.protocols.rtsp import Headers, Request, Response
from wachtel.protocols.rtsp_headers import RtpInfo, SessionHeader, TransportHeader, encode_rtp_info
from wachtel.protocols.sdp import Media, build_sdp

SESSION_TIMEOUT_S = 60.0
METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN")
_PATH = re.compile(
    r"(?:rtsps?://[^/?#]*)?/([a-z0-9][a-z0-9-]{0,47})(?:/(main|sub))?(?:/trackID=([0-9]))?/?(?:\?.*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """What a URL names; ``track`` is None for the stream as a whole."""

    camera: str
    stream: StreamName
    track: int | None

    def same_stream(self, other: "Place | None") -> bool:
        """True when both are of the same stream."""
        return other is not None and (self.camera, self.stream) == (other.camera, other.stream)


def place_of(url: str) -> Place | None:
    """Reads ``rtsp://HOST/camera``, ``/camera/sub`` and their tracks; None for anything else."""
    match = _PATH.fullmatch(url)
    if match is None:
        return None
    stream = StreamName((match[2] or "main").lower())
    return Place(match[1].lower(), stream, None if match[3] is None else int(match[3]))


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with the right token for the place they asked for."""

    token: str
    name: str


@dataclass(frozen=True, slots=True)
class Start:
    """Where a track begins: number and time stamp of its first packet."""

    sequence: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What a stream has: its tracks by number, and where they begin if that is known."""

    media: Mapping[int, Media]
    starts: Mapping[int, Start] = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """What was agreed: ``routes`` by number of the track, all over TCP or all over UDP."""

    id: str
    place: Place
    visitor: Visitor
    routes: dict[int, TransportHeader] = field(default_factory=dict)
    playing: bool = False


class Conversation:
    """One client. ``session`` is what it has, None before SETUP and after TEARDOWN.

    ``new_id`` is the id of the session if it comes to one; ``udp_ports`` are those we send from, None where
    there is no UDP.
    """

    def __init__(self, new_id: str, udp_ports: tuple[int, int] | None) -> None:
        self.session: Session | None = None
        self._new_id = new_id
        self._udp_ports = udp_ports

    def begin(self, request: Request) -> Response | Place:
        """The answer, or the place somebody must be let in to first."""
        if request.protocol != "RTSP" or not request.cseq:
            return Response(400)
        if wanted := request.headers.get("Require"):
            return Response(551, "Option not supported", Headers.of(("Unsupported", _one_line(wanted))))
        match request.method:
            case "OPTIONS":
                return Response(200, "", Headers.of(("Public", ", ".join(METHODS))))
            case "GET_PARAMETER" | "SET_PARAMETER":
                return self._keep_alive(request)
            case "TEARDOWN":
                return self._teardown(request)
            case "DESCRIBE" | "SETUP" | "PLAY":
                return place_of(request.uri) or Response(404)
        return Response(405, "", Headers.of(("Allow", ", ".join(METHODS))))

    def answer(self, request: Request, place: Place, visitor: Visitor, offer: Offer) -> Response:
        """The answer to somebody who was let in to ``place``."""
        if request.method == "DESCRIBE":
            return self._describe(request, place, offer)
        if request.method == "SETUP":
            return self._setup(request, place, visitor, offer)
        return self._play(request, place, visitor, offer)

    def _describe(self, request: Request, place: Place, offer: Offer) -> Response:
        body = build_sdp(f"{place.camera} {place.stream}", offer.media.values())
        base = _one_line(request.uri).partition("?")[0].rstrip("/") + "/"
        lines = (("Content-Base", base), ("Content-Type", "application/sdp"))
        return Response(200, "", Headers.of(*lines), body)

    def _setup(self, request: Request, place: Place, visitor: Visitor, offer: Offer) -> Response:
        track = place.track
        if track is None and len(offer.media) == 1:
            track = 0
        if track is None or track not in offer.media:
            return Response(404 if place.track is not None else 459)
        session = self.session
        if request.headers.get("Session") and self._named(request) is None:
            return Response(454)
        if session is not None and (session.playing or not session.place.same_stream(place)):
            return Response(455 if session.playing else 459)
        if session is not None and session.visitor.token != visitor.token:
            return Response(454)
        return self._agree(request, Place(place.camera, place.stream, track), visitor)

    def _agree(self, request: Request, place: Place, visitor: Visitor) -> Response:
        track = place.track or 0
        wanted = TransportHeader.parse(request.headers.get("Transport") or "")
        route = next((found for one in wanted if (found := self._route(one, track)) is not None), None)
        if route is None:
            return Response(461)
        session = self.session or Session(self._new_id, Place(place.camera, place.stream, None), visitor)
        self.session = session
        session.routes[track] = route
        header = SessionHeader(session.id, SESSION_TIMEOUT_S).encode()
        return Response(200, "", Headers.of(("Transport", route.encode()), ("Session", header)))

    def _route(self, wanted: TransportHeader, track: int) -> TransportHeader | None:
        """How a track will travel; one session does not mix TCP and UDP, nor channels."""
        others = (
            [route for number, route in self.session.routes.items() if number != track]
            if self.session
            else []
        )
        if not wanted.unicast or any(other.over_tcp is not wanted.over_tcp for other in others):
            return None
        if wanted.over_tcp:
            channels = wanted.interleaved or (2 * track, 2 * track + 1)
            taken = {channel for other in others for channel in other.interleaved or ()}
            free = channels[0] != channels[1] and not taken & set(channels)
            return TransportHeader("RTP/AVP/TCP", interleaved=channels) if free else None
        if wanted.client_port is None or self._udp_ports is None or min(wanted.client_port) < 1024:
            return None
        return TransportHeader("RTP/AVP", client_port=wanted.client_port, server_port=self._udp_ports)

    def _play(self, request: Request, place: Place, visitor: Visitor, offer: Offer) -> Response:
        session = self._named(request)
        if session is None or session.visitor.token != visitor.token or not session.place.same_stream(place):
            return Response(454)
        session.playing = True
        base = re.sub(r"/trackID=\d/?$", "", _one_line(request.uri).partition("?")[0].rstrip("/"))
        entries = [
            RtpInfo(f"{base}/trackID={track}", offer.starts[track].sequence, offer.starts[track].timestamp)
            for track in sorted(session.routes)
            if track in offer.starts
        ]
        info = (("RTP-Info", encode_rtp_info(entries)),) if entries else ()
        header = SessionHeader(session.id, SESSION_TIMEOUT_S).encode()
        return Response(200, "", Headers.of(("Session", header), ("Range", "npt=now-"), *info))

    def _keep_alive(self, request: Request) -> Response:
        if request.headers.get("Session") and self._named(request) is None:
            return Response(454)
        return Response(200)

    def _teardown(self, request: Request) -> Response:
        if self._named(request) is None:
            return Response(454)
        self.session = None
        return Response(200)

    def _named(self, request: Request) -> Session | None:
        named = SessionHeader.parse(request.headers.get("Session") or "").id
        return self.session if self.session is not None and self.session.id == named else None


def _one_line(text: str) -> str:
    """What a client sent, fit to be sent back: a lone carriage return would begin another header."""
    return "".join(char for char in text if char.isprintable())
