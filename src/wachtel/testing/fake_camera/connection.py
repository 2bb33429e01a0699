"""One RTSP connection, as the camera sees it: requests in, answers out (RFC 2326 section 10)."""

import re
import secrets
from collections.abc import Callable

from wachtel.base.errors import WachtelError
from wachtel.model.camera import Transport
from wachtel.model.stream import StreamName
from wachtel.protocols.rtsp import Headers, Request, Response, RtspParser
from wachtel.protocols.rtsp_headers import RtpInfo, SessionHeader, TransportHeader, encode_rtp_info
from wachtel.protocols.sdp import build_sdp
from wachtel.testing.fake_camera.device import Device
from wachtel.testing.fake_camera.line import Line
from wachtel.testing.fake_camera.session import Route, Session, TcpRoute, UdpRoute
from wachtel.testing.fake_camera.state import SessionRecord

METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN")


class Connection:
    """Answers one client until it leaves or is cut off. Has one session at a time, as cameras do."""

    def __init__(self, device: Device, line: Line) -> None:
        self.session: Session | None = None
        self.line = line
        self._device = device
        self._answers: dict[str, Callable[[Request], Response]] = {
            "OPTIONS": self._options,
            "DESCRIBE": self._describe,
            "SETUP": self._setup,
            "PLAY": self._play,
            "GET_PARAMETER": self._keep_alive,
            "SET_PARAMETER": self._keep_alive,
            "TEARDOWN": self._teardown,
        }

    def cut(self) -> None:
        """Ends the connection at once, as a cable does."""
        self._forget_session()
        self.line.cut()

    def mute(self, muted: bool) -> None:
        """Sends no packets any more, or again."""
        if self.session is not None:
            self.session.muted = muted

    async def serve(self) -> None:
        """Until the client leaves, or says something that is no RTSP."""
        parser = RtspParser()
        try:
            while data := await self.line.receive():
                self._heard()
                for message in parser.feed(data):
                    if isinstance(message, Request):
                        await self._reply(message)
        except (ConnectionError, WachtelError):
            pass
        finally:
            self._forget_session()
            self.line.close()

    def end_session(self) -> None:
        """The programme is over: says good-bye and closes."""
        if self.session is not None:
            farewells = self._device.player.feeds[self.session.record.stream].farewells()
            for track in self.session.routes:
                self.session.take_report(track, farewells[track])
        self._forget_session()
        self.line.close()

    def _heard(self) -> None:
        if self.session is not None:
            self.session.last_heard = self._device.clock.monotonic_s()

    def _forget_session(self) -> None:
        if self.session is not None:
            self._device.player.feeds[self.session.record.stream].leave(self.session)
            self.session.record.playing = False
            self.session.record.closed = True
            self.session = None

    async def _reply(self, request: Request) -> None:
        self._device.state.requests.append(
            f"{request.method} {request.uri.rpartition('://')[2].partition('/')[2]}"
        )
        response = self._judge(request)
        lines = (("CSeq", request.cseq or "0"), ("Server", "Wachtel fake camera"), *response.headers)
        await self.line.answer(Response(response.status, "", Headers.of(*lines), response.body))
        if request.method == "PLAY" and response.status == 200 and self.session is not None:
            self._begin(self.session)

    def _judge(self, request: Request) -> Response:
        if request.protocol != "RTSP":
            return Response(400)
        authorization = request.headers.get("Authorization")
        if request.method != "OPTIONS" and not self._device.gate.admits(request.method, authorization):
            self._device.state.refused += 1
            self._device.state.wrong_passwords += self._device.gate.is_wrong(authorization)
            challenge = self._device.gate.challenge(authorization)
            return Response(401, "", Headers.of(("WWW-Authenticate", challenge.encode())))
        answer = self._answers.get(request.method)
        if answer is None:
            return Response(405, "", Headers.of(("Allow", ", ".join(METHODS))))
        return answer(request)

    def _options(self, _: Request) -> Response:
        return Response(200, "", Headers.of(("Public", ", ".join(METHODS))))

    def _describe(self, request: Request) -> Response:
        stream, _ = self._place(request.uri)
        if stream is None:
            return Response(404)
        body = build_sdp(f"Fake camera, {stream}", self._device.player.feeds[stream].programme.tracks)
        base = request.uri.rstrip("/") + "/"
        return Response(
            200, "", Headers.of(("Content-Base", base), ("Content-Type", "application/sdp")), body
        )

    def _setup(self, request: Request) -> Response:
        stream, track = self._place(request.uri)
        if stream is None or track is None:
            return Response(404)
        session = self.session
        named = SessionHeader.parse(request.headers.get("Session") or "").id
        if named and (session is None or session.record.id != named):
            return Response(454)
        if session is not None and (session.record.stream is not stream or session.record.playing):
            return Response(459 if session.record.stream is not stream else 455)
        wanted = TransportHeader.parse(request.headers.get("Transport") or "")
        chosen = next((pair for one in wanted if (pair := self._route(one, stream, track)) is not None), None)
        if chosen is None:
            return Response(461)
        route, header = chosen
        session = session or self._new_session(stream, route)
        session.routes[track] = route
        return Response(
            200, "", Headers.of(("Transport", header.encode()), ("Session", self._session_header(session)))
        )

    def _route(
        self, wanted: TransportHeader, stream: StreamName, track: int
    ) -> tuple[Route, TransportHeader] | None:
        ssrc = self._device.player.feeds[stream].ssrcs[track]
        if not wanted.unicast:
            return None
        if wanted.over_tcp:
            channels = wanted.interleaved or (2 * track, 2 * track + 1)
            return TcpRoute(channels), TransportHeader("RTP/AVP/TCP", interleaved=channels, ssrc=ssrc)
        if wanted.client_port is None:
            return None
        udp, (rtp, rtcp) = self._device.udp, wanted.client_port
        route = UdpRoute(udp.rtp, udp.rtcp, (self.line.peer, rtp), (self.line.peer, rtcp))
        header = TransportHeader("RTP/AVP", client_port=wanted.client_port, server_port=udp.ports, ssrc=ssrc)
        return route, header

    def _new_session(self, stream: StreamName, route: Route) -> Session:
        transport = Transport.TCP if isinstance(route, TcpRoute) else Transport.UDP
        record = SessionRecord(secrets.token_hex(4).upper(), stream, transport)
        self._device.state.sessions.append(record)
        self.session = Session(record, self.line.writer, self.end_session, self._device.clock.monotonic_s())
        return self.session

    def _play(self, request: Request) -> Response:
        session = self._named_session(request)
        if session is None:
            return Response(454)
        if self._device.player.ended.is_set():
            return Response(404)
        starts = self._device.player.feeds[session.record.stream].starts()
        base = re.sub(r"/trackID=\d+/?$", "", request.uri.rstrip("/"))
        entries = [
            RtpInfo(f"{base}/trackID={track}", starts[track].sequence, starts[track].timestamp)
            for track in sorted(session.routes)
        ]
        lines = (
            ("Session", self._session_header(session)),
            ("Range", "npt=now-"),
            ("RTP-Info", encode_rtp_info(entries)),
        )
        return Response(200, "", Headers.of(*lines))

    def _begin(self, session: Session) -> None:
        """Packets go out behind the answer to PLAY, not before it."""
        if not session.record.playing:
            session.record.playing = True
            self._device.player.start()
            self._device.state.first_play_s = self._device.player.started_at
            self._device.player.join(session.record.stream, session)

    def _keep_alive(self, request: Request) -> Response:
        if request.headers.get("Session") and self._named_session(request) is None:
            return Response(454)
        return Response(200)

    def _teardown(self, request: Request) -> Response:
        if self._named_session(request) is None:
            return Response(454)
        self._forget_session()
        return Response(200)

    def _named_session(self, request: Request) -> Session | None:
        named = SessionHeader.parse(request.headers.get("Session") or "").id
        return self.session if self.session is not None and self.session.record.id == named else None

    def _session_header(self, session: Session) -> str:
        return SessionHeader(session.record.id, self._device.options.session_timeout_s).encode()

    def _place(self, uri: str) -> tuple[StreamName | None, int | None]:
        """Stream and track a URL names; None where there is no such thing."""
        match = re.fullmatch(r"(?:rtsps?://[^/]*)?/(\w+)(?:/trackID=(\d{1,2}))?/?(?:\?.*)?", uri)
        feeds = self._device.player.feeds
        stream = next((name for name in feeds if match and match[1] == name), None)
        if match is None or stream is None:
            return None, None
        track = int(match[2]) if match[2] else 0
        known = track < len(feeds[stream].programme.tracks)
        return stream, track if known else None
