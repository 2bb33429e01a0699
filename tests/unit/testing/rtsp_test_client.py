"""A small RTSP client for tests: one connection, packets interleaved, nothing hidden."""

import asyncio
from types import TracebackType

from wachtel.protocols import http_auth
from wachtel.protocols.rtp_receive.packet import RtpPacket, parse_rtp
from wachtel.protocols.rtsp import Headers, Interleaved, Message, Request, Response, RtspParser
from wachtel.protocols.rtsp_headers import SessionHeader

PATIENCE_S = 10.0


class RtspTestClient:
    """``async with RtspTestClient(url) as client``."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.packets: list[tuple[int, bytes]] = []
        self.session = ""
        self.closed = False
        self._parser = RtspParser()
        self._responses: asyncio.Queue[Response | None] = asyncio.Queue()
        self._news = asyncio.Event()
        self._cseq = 0

    async def __aenter__(self) -> "RtspTestClient":
        host, _, port = self.url.split("/")[2].partition(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port))
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        self._writer.transport.abort()
        await asyncio.gather(self._task, return_exceptions=True)

    async def ask(self, method: str, uri: str | None = None, *headers: tuple[str, str]) -> Response:
        """Sends a request and waits for its answer."""
        self.send(method, uri, *headers)
        response = await asyncio.wait_for(self._responses.get(), PATIENCE_S)
        assert response is not None, "the camera closed the connection"
        assert response.cseq == str(self._cseq)
        return response

    def send(self, method: str, uri: str | None = None, *headers: tuple[str, str]) -> None:
        """Only sends."""
        self._cseq += 1
        lines = [("CSeq", str(self._cseq)), *headers]
        if self.session and not any(name == "Session" for name, _ in headers):
            lines.append(("Session", self.session))
        self._writer.write(Request(method, uri or self.url, Headers.of(*lines)).encode())

    async def setup(self, track: int = 0, transport: str = "RTP/AVP/TCP;unicast;interleaved=0-1") -> Response:
        response = await self.ask("SETUP", f"{self.url}/trackID={track}", ("Transport", transport))
        if response.status == 200:
            self.session = SessionHeader.parse(response.headers.get("Session") or "").id
        return response

    async def play(self) -> Response:
        """SETUP of the first track, then PLAY."""
        if not self.session:
            assert (await self.setup()).status == 200
        return await self.ask("PLAY")

    async def ask_with_password(self, method: str, user: str, password: str) -> Response:
        refused = await self.ask(method)
        assert refused.status == 401
        challenges = http_auth.parse_challenges(refused.headers.all("WWW-Authenticate"))
        best = http_auth.strongest(challenges)
        assert best is not None
        value = http_auth.answer(best, method, self.url, user, password, "cnonce")
        return await self.ask(method, None, ("Authorization", value))

    def rtp(self, channel: int = 0) -> list[RtpPacket]:
        """The packets of one channel so far."""
        return [parse_rtp(data) for number, data in self.packets if number == channel]

    async def packets_on(self, channel: int, count: int) -> list[RtpPacket]:
        """Waits until so many packets have come on a channel."""
        while len(found := self.rtp(channel)) < count:
            await self._wait_for_news()
        return found

    async def end(self) -> None:
        """Waits until the camera closes the connection."""
        await asyncio.wait_for(asyncio.shield(self._task), PATIENCE_S)

    async def _wait_for_news(self) -> None:
        self._news.clear()
        await asyncio.wait_for(self._news.wait(), PATIENCE_S)

    async def _read(self) -> None:
        try:
            while data := await self._reader.read(1 << 16):
                for message in self._parser.feed(data):
                    self._take(message)
        except ConnectionError:
            pass
        self.closed = True
        self._responses.put_nowait(None)
        self._news.set()

    def _take(self, message: Message) -> None:
        if isinstance(message, Interleaved):
            self.packets.append((message.channel, message.payload))
            self._news.set()
        elif isinstance(message, Response):
            self._responses.put_nowait(message)
