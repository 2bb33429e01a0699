"""One RTSP connection: reads requests, finds out who asks, and sends what the conversation says."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.pipeline.gateway.conversation import SESSION_TIMEOUT_S, Conversation, Place, Session, Visitor
from wachtel.pipeline.gateway.door import WrongTries, challenges, is_right
from wachtel.pipeline.gateway.listeners import TcpListener, UdpListener
from wachtel.pipeline.gateway.messages import TokenAnswer
from wachtel.pipeline.gateway.streams import HeldFeed, Streams
from wachtel.pipeline.gateway.udp import UdpPair
from wachtel.protocols.http_auth import DigestCredentials, parse_authorization
from wachtel.protocols.rtsp import Headers, Request, Response, RtspParser

log = logging.getLogger(__name__)

LARGEST_UNREAD_BYTES = 16 << 20
MOST_WRONG_TRIES = 5
"""On one connection; who goes on guessing has to connect again."""

_READ_BYTES = 1 << 16
_LONGEST_NAME = 200

Ask = Callable[[str, str], Awaitable[TokenAnswer]]
"""From the name of a token and a camera to what main knows of them."""


@dataclass(frozen=True, slots=True)
class House:
    """What all connections share."""

    streams: Streams
    tries: WrongTries
    ask: Ask
    clock: Clock
    udp: UdpPair | None


class Connection:
    """Serves one client until it leaves or is sent away."""

    def __init__(self, house: House, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talk = Conversation(secrets.token_hex(8).upper(), house.udp.ports if house.udp else None)
        self.admitted = False
        self.listener: TcpListener | UdpListener | None = None
        self.peer = str((writer.get_extra_info("peername") or ("",))[0])
        self._house = house
        self._reader = reader
        self._writer = writer
        self._nonce = secrets.token_hex(16)
        self._held: HeldFeed | None = None
        self._last_heard = house.clock.monotonic_s()
        self._wrong_tries = 0

    @property
    def session(self) -> Session | None:
        """What the client has, None without a session."""
        return self.talk.session

    async def serve(self) -> None:
        """Until the client leaves, or says something that is no RTSP."""
        parser = RtspParser()
        try:
            while data := await self._reader.read(_READ_BYTES):
                self._last_heard = self._house.clock.monotonic_s()
                for message in parser.feed(data):
                    if isinstance(message, Request):
                        await self._reply(message)
        except (ConnectionError, WachtelError) as error:
            log.debug("a client went: %r", error)
        finally:
            self._stop()
            self._release()
            self._writer.close()

    def end(self) -> None:
        """Sends the client away at once."""
        self._stop()
        self._writer.transport.abort()

    @property
    def is_forgotten(self) -> bool:
        """True when nothing was heard for longer than a session lasts; packets taken over TCP count as life."""
        if isinstance(self.listener, TcpListener):
            return False
        return self._house.clock.monotonic_s() - self._last_heard > SESSION_TIMEOUT_S + 5

    async def _reply(self, request: Request) -> None:
        response = self.talk.begin(request)
        if isinstance(response, Place):
            response = await self._at(request, response)
        if self.session is None:
            self._stop()
        lines = (("CSeq", _one_line(request.cseq) or "0"), ("Server", "Wachtel"), *response.headers)
        answer = Response(response.status, response.reason, Headers(tuple(lines)), response.body)
        self._writer.write(answer.encode())
        if self._writer.transport.get_write_buffer_size() > LARGEST_UNREAD_BYTES:
            raise ConnectionAbortedError("it reads no answers")
        if self.session is not None and self.session.playing and self.listener is None:
            self._play(self.session)

    async def _at(self, request: Request, place: Place) -> Response:
        """The answer to a request that takes a right token."""
        visitor = await self._admit(request, place)
        if isinstance(visitor, Response):
            return visitor
        held = self._hold(place)
        if held is None:
            return Response(404)
        if not await held.is_known():
            return Response(503, "The camera sends nothing at present")
        offer = held.feed.offer()
        if not offer.media:
            return Response(415, "Only H.264 and H.265 are served here")
        return self.talk.answer(request, place, visitor, offer)

    async def _admit(self, request: Request, place: Place) -> Visitor | Response:
        """Deny by default: only a right token that may see this camera gets past here."""
        sent = parse_authorization(request.headers.get("Authorization") or "")
        if sent is None:
            return self._refusal(stale=False)
        if isinstance(sent, DigestCredentials) and sent.nonce != self._nonce:
            return self._refusal(stale=True)
        name = sent.user[:_LONGEST_NAME]
        if self._house.tries.must_wait(name, self.peer):
            self._house.tries.unheard(self.peer)
            return await self._refuse()
        token = await self._house.ask(name, place.camera)
        if not is_right(sent, request.method, self._nonce, token):
            self._house.tries.wrong(name, self.peer)
            return await self._refuse()
        self._house.tries.right(name, self.peer)
        if not token.may_view:
            return Response(404)
        self.admitted = True
        return Visitor(token.id, name)

    async def _refuse(self) -> Response:
        self._house.tries.refused += 1
        self._wrong_tries += 1
        if self._wrong_tries > MOST_WRONG_TRIES:
            raise ConnectionAbortedError("too many wrong tokens")
        delay_s = self._house.tries.delay_s(self.peer)
        if delay_s:
            await self._house.clock.sleep(delay_s)
        return self._refusal(stale=False)

    def _refusal(self, *, stale: bool) -> Response:
        ways = challenges(self._nonce, stale=stale)
        return Response(401, "", Headers.of(*(("WWW-Authenticate", way.encode()) for way in ways)))

    def _hold(self, place: Place) -> HeldFeed | None:
        """The feed asked for; a connection holds one at a time, and keeps that of its session."""
        key = (place.camera, place.stream)
        if self._held is not None and (self._held.key == key or self.session is not None):
            return self._held if self._held.key == key and not self._held.ended else None
        self._release()
        self._held = self._house.streams.hold(place)
        return self._held

    def _play(self, session: Session) -> None:
        """Packets go out behind the answer to PLAY, not before it."""
        if self._held is None:
            return
        clock, burst = self._house.clock, self._held.feed.gop_bytes
        if all(route.over_tcp for route in session.routes.values()):
            channels = {track: route.interleaved or (0, 1) for track, route in session.routes.items()}
            self.listener = TcpListener(self._writer.transport, channels, clock, self.end, burst)
        elif self._house.udp is not None:
            targets = {
                track: ((self.peer, ports[0]), (self.peer, ports[1]))
                for track, route in session.routes.items()
                if (ports := route.client_port)
            }
            self.listener = UdpListener(self._house.udp.sockets, targets, clock, self.end, burst)
        if self.listener is not None:
            self._held.feed.join(self.listener)

    def _stop(self) -> None:
        if self.listener is not None and self._held is not None:
            self._held.feed.leave(self.listener)
            self.listener.close()
            self.listener = None

    def _release(self) -> None:
        if self._held is not None:
            self._house.streams.release(self._held)
            self._held = None


def _one_line(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:64]
