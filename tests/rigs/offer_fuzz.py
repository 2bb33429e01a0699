"""Seeded fuzzing of WebRTC offers: what the check of candidates makes of them, and the whole worker."""

import asyncio
import random
from typing import Any

from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.base.wire import Message
from wachtel.model.live import NO_ICE_SERVERS
from wachtel.model.stream import AudioFormat, Codec, StreamFormat, StreamName, Track, VideoFormat
from wachtel.pipeline.messages import FromTap, TapFormat, TapPacket
from wachtel.pipeline.webrtc.messages import CloseView, OpenView, ViewEnded, ViewOpened
from wachtel.pipeline.webrtc.worker import WebRtc
from wachtel.protocols.ice import MOST_CANDIDATES, reachable_offer

CLIENT = "127.0.0.1"
FINGERPRINT = ":".join(["A1"] * 32)
_SESSION = (
    "v=0",
    "o=- 4611 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0 1",
    "a=msid-semantic: WMS",
)
_COMMON = (
    "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0",
    "a=candidate:1 1 udp 2113937151 3f1c0a52-7d1b-4f7e-9c58-0e7bb5b5a1c1.local 50000 typ host generation 0",
    "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=ice-options:trickle",
    f"a=fingerprint:sha-256 {FINGERPRINT}", "a=setup:actpass", "a=recvonly", "a=rtcp-mux", "a=rtcp-rsize",
)  # fmt: skip
_VIDEO = (
    "m=video 9 UDP/TLS/RTP/SAVPF 102 103 96", "a=mid:0", *_COMMON, "a=rtpmap:102 H264/90000",
    "a=rtcp-fb:102 nack pli", "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
    "a=rtpmap:103 rtx/90000", "a=fmtp:103 apt=102", "a=rtpmap:96 VP8/90000",
    "a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
)  # fmt: skip
_AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 8 0", "a=mid:1", *_COMMON, "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1", "a=rtpmap:8 PCMA/8000", "a=rtpmap:0 PCMU/8000",
)  # fmt: skip
_ODD = (
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=video 0 RTP/AVP", "m=video", "m=", "a=mid:", "a=mid:0",
    "a=candidate:1 1 udp 1 127.0.0.1 99999999999 typ host", "a=candidate:1 99 udp x 127.0.0.1 1 typ host",
    "a=candidate:1 1 udp 1 127.0.0.1 50000 typ relay raddr x rport y", "a=setup:", "a=setup:holdconn", "a=sendonly",
    "a=fingerprint:sha-1 00", "a=fingerprint:", "a=rtpmap:102", "a=rtpmap:x y/z", "a=fmtp:102", "a=fmtp:999 a=b",
    "a=ssrc:1", "a=ssrc:x cname:y", "a=ssrc-group:FID 1 2", "a=extmap:0", "a=extmap:x y", "a=ice-ufrag:",
    "a=ice-pwd:\u00e4",
    "a=rtcp:x", "a=rtcp-fb:*", "a=group:BUNDLE 0 0 7", "a=inactive", "c=", "c=IN IP6 ::", "a=sctp-port:5000", "b=AS:x",
    "a=simulcast:recv 1", "a=rtcp-mux-only", "a=bundle-only", "a=end-of-candidates", "a=ice-lite", "a=ptime:x",
    "\x00", "x",
)  # fmt: skip


def offer(seed: int) -> str:
    """What a browser sends, more or less."""
    chance = random.Random(seed)
    lines = list(_SESSION + _VIDEO + (_AUDIO if chance.random() < 0.7 else ()))
    for _ in range(chance.choice((0, 1, 1, 2, 4, 12))):
        _change(chance, lines)
    end = chance.choice(("\r\n", "\r\n", "\r\n", "\n"))
    text = end.join(lines) + end
    if chance.random() < 0.1:
        text = text[: chance.randrange(len(text))]
    return text


def _change(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(max(1, len(lines)))
    kind = chance.randrange(7)
    if not lines or kind == 0:
        lines.insert(at, chance.choice(_ODD))
    elif kind == 1:
        del lines[at]
    elif kind == 2:
        lines.insert(chance.randrange(len(lines)), lines[at])
    elif kind == 3:
        other = chance.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == 4:
        lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
    elif kind == 5:
        lines[at] = "".join(
            chance.choice("0:/ -9x\u00e4") if chance.random() < 0.2 else char for char in lines[at]
        )
    else:
        lines[at] = chance.choice(_ODD)


def check_candidates(seed: int) -> None:
    """No offer breaks the check, and what it lets through leads to the caller alone."""
    text = offer(seed)
    try:
        kept = reachable_offer(text, CLIENT)
    except WachtelError as error:
        assert error.kind is ErrorKind.INVALID
        return
    found = [line for line in kept.splitlines() if line.startswith("a=candidate:")]
    assert len(found) <= MOST_CANDIDATES
    assert all(f" {CLIENT} " in line for line in found), found


class _Tap:
    """A camera of H.264 with sound."""

    def want(self, camera: str, stream: StreamName, take: Any) -> None:
        video = VideoFormat(Codec.H264, 320, 180, (b"\x67\x42\x00\x1e", b"\x68\xce"))
        take(TapFormat(camera, stream, StreamFormat(video, AudioFormat(Codec.PCMA, 8000, 1, b""))))
        packet: FromTap = TapPacket(
            camera,
            stream,
            b"\0\0\0\x15\x65" + b"x" * 20,
            0,
            0,
            90_000,
            True,
            Track.VIDEO,
            WallUs(10**9),
            False,
        )
        take(packet)

    def unwant(self, camera: str, stream: StreamName) -> None:
        """Nothing to close."""


class Worker:
    """The WebRTC worker in this process. ``uncaught`` is what went past everybody."""

    def __init__(self) -> None:
        self.uncaught: list[str] = []
        self.opened = 0
        self.refused = 0
        self._heard: dict[str, asyncio.Future[Message]] = {}
        self._worker = WebRtc(SystemClock(), NO_ICE_SERVERS)
        self._worker._taps = _Tap()  # type: ignore[assignment]
        self._worker._say = self._hear  # type: ignore[method-assign]
        asyncio.get_running_loop().set_exception_handler(self._lost)

    def _lost(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.uncaught.append(repr(context.get("exception") or context["message"]))

    def _end(self, opening: "asyncio.Task[None]") -> None:
        """An error that ends the task leaves the browser without an answer."""
        if not opening.cancelled() and (error := opening.exception()) is not None:
            self.uncaught.append(repr(error))
            for waiting in self._heard.values():
                waiting.cancel()

    def _hear(self, message: Message) -> None:
        if isinstance(message, ViewOpened | ViewEnded):
            waiting = self._heard.get(message.view)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)

    async def answer(self, seed: int, within_s: float) -> None:
        """Sends one offer; raises `TimeoutError` when nobody answers."""
        view = f"v{seed}"
        heard = self._heard[view] = asyncio.get_running_loop().create_future()
        self._worker._obey(OpenView(view, "garden", StreamName.MAIN, "", offer(seed), CLIENT))
        opening = self._worker._views[view].opening
        assert opening is not None
        opening.add_done_callback(self._end)
        message = await asyncio.wait_for(heard, within_s)
        self.opened += isinstance(message, ViewOpened)
        self.refused += isinstance(message, ViewEnded)
        del self._heard[view]
        self._worker._obey(CloseView(view))
        await asyncio.wait_for(self._worker._closing.done(), within_s)
        assert not self._worker._views and not self._worker._feeds
