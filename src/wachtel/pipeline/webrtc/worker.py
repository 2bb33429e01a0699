"""The WebRTC worker process: connections to browsers. What goes wrong here costs no recording."""

import asyncio
import logging
import socket
from dataclasses import dataclass, field
from ipaddress import ip_address

import aioice.ice
from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
)

from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import Errands
from wachtel.base.wire import Message, Unpacker, pack
from wachtel.model.live import IceServers
from wachtel.model.stream import Codec, StreamName
from wachtel.pipeline.messages import FromTap, Ready
from wachtel.pipeline.tap_streams import TapStreams
from wachtel.pipeline.webrtc.feed import Feed
from wachtel.pipeline.webrtc.messages import CloseView, OpenView, ToWebRtc, ViewEnded, ViewOpened
from wachtel.pipeline.webrtc.negotiation import hang_up, negotiate
from wachtel.pipeline.webrtc.sound import carried_as
from wachtel.pipeline.webrtc.tracks import PictureTrack, SoundDesk, SoundTrack
from wachtel.protocols.ice import reachable_offer

log = logging.getLogger(__name__)

PATIENCE_S = 10.0
"""For a camera that is just connecting, and for a browser that has been answered."""

Key = tuple[str, StreamName]


class HeldFeed:
    """A feed, its sound, and the views that hold it."""

    def __init__(self) -> None:
        self.feed = Feed()
        self.views: set[str] = set()
        self.known = asyncio.Event()
        self._sound: SoundDesk | None = None

    def take(self, message: FromTap) -> None:
        """The next message of the tap."""
        self.feed.take(message)
        if self.feed.gop:
            self.known.set()

    def sound(self) -> SoundDesk:
        """One for all who listen, made anew when the camera's sound has changed."""
        if self._sound is None or not self._sound.fits(self.feed):
            self._sound = SoundDesk(self.feed)
        return self._sound


@dataclass(slots=True)
class View:
    """One browser."""

    key: Key
    connection: RTCPeerConnection
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    opening: asyncio.Task[None] | None = None
    tracks: list[PictureTrack | SoundTrack] = field(default_factory=list)


class WebRtc:
    """Everything in one loop."""

    def __init__(self, clock: Clock, servers: IceServers) -> None:
        self._clock = clock
        self._servers = servers
        self._views: dict[str, View] = {}
        self._feeds: dict[Key, HeldFeed] = {}
        self._paths: dict[str, str] = {}
        self._taps = TapStreams(clock, self._paths.get)
        self._closing = Errands()
        self._control: asyncio.StreamWriter | None = None

    async def run(self, control: socket.socket) -> None:
        """Works until main closes the control socket."""
        reader, self._control = await asyncio.open_unix_connection(sock=control)
        self._say(Ready())
        unpacker: Unpacker[ToWebRtc] = Unpacker(ToWebRtc)
        while data := await reader.read(1 << 18):
            for order in unpacker.feed(data):
                self._obey(order)
        for view in tuple(self._views):
            self._close(view)
        await self._closing.done()

    def _say(self, message: Message) -> None:
        if self._control is not None and not self._control.is_closing():
            self._control.write(pack(message))

    def _obey(self, order: ToWebRtc) -> None:
        match order:
            case OpenView():
                self._open(order)
            case CloseView(view):
                self._close(view)

    def _open(self, order: OpenView) -> None:
        key = (order.camera, order.stream)
        servers = [
            RTCIceServer(url, self._servers.user, self._servers.password) for url in self._servers.urls
        ]
        view = View(key, RTCPeerConnection(RTCConfiguration(iceServers=servers)))
        self._views[order.view] = view
        held = self._hold(order, key)
        view.opening = asyncio.get_running_loop().create_task(
            self._answer(order, view, held), name="whep offer"
        )

    def _hold(self, order: OpenView, key: Key) -> HeldFeed:
        held = self._feeds.get(key)
        if held is None:
            held = self._feeds[key] = HeldFeed()
            self._paths[order.camera] = order.tap
            self._taps.want(*key, held.take)
        held.views.add(order.view)
        return held

    async def _answer(self, order: OpenView, view: View, held: HeldFeed) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await held.known.wait()
                answer = await self._agree(order, view, held)
        except TimeoutError:
            self._refuse(order.view, ErrorKind.TIMEOUT, "The camera sends nothing at present.")
        except WachtelError as error:
            self._refuse(order.view, error.kind, error.what)
        else:
            self._say(ViewOpened(order.view, answer))
            await self._await_browser(order.view, view)

    async def _await_browser(self, name: str, view: View) -> None:
        """One that never connects would keep its place for as long as ICE goes on trying: a minute."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await view.connected.wait()
        except TimeoutError:
            self._close(name)

    async def _agree(self, order: OpenView, view: View, held: HeldFeed) -> str:
        check_carried(held.feed)
        offer = reachable_offer(order.offer, order.client, with_servers=bool(self._servers.urls))
        connection = view.connection
        connection.add_listener("connectionstatechange", lambda: self._look(order.view, view))
        self._add_pictures(order, view, held)
        if "\nm=audio" in offer:
            self._add_sound(view, held)
        return await negotiate(connection, offer)

    def _add_pictures(self, order: OpenView, view: View, held: HeldFeed) -> None:
        track = PictureTrack(held.feed, lambda: self._close(order.view))
        view.tracks.append(track)
        _prefer(view.connection.addTransceiver(track, "sendonly"), "video", "video/H264")

    def _add_sound(self, view: View, held: HeldFeed) -> None:
        kind = carried_as(held.feed.format.audio if held.feed.format else None)
        if kind is not None:
            track = SoundTrack(held.sound())
            view.tracks.append(track)
            _prefer(view.connection.addTransceiver(track, "sendonly"), "audio", kind)

    def _look(self, name: str, view: View) -> None:
        state = view.connection.connectionState
        if state == "connected":
            view.connected.set()
        elif state in ("failed", "closed"):
            self._close(name)

    def _refuse(self, name: str, kind: ErrorKind, what: str) -> None:
        self._say(ViewEnded(name, kind, what))
        self._close(name, told=True)

    def _close(self, name: str, *, told: bool = False) -> None:
        view = self._views.pop(name, None)
        if view is None:
            return
        if not told:
            self._say(ViewEnded(name))
        for track in view.tracks:
            track.stop()
        held = self._feeds.get(view.key)
        if held is not None:
            held.views.discard(name)
            if not held.views:
                del self._feeds[view.key]
                self._taps.unwant(*view.key)
        self._closing.run("whep end", self._hang_up(view))

    async def _hang_up(self, view: View) -> None:
        if view.opening is not None and not view.opening.done():
            view.opening.cancel()
        await hang_up(view.connection)


def check_carried(feed: Feed) -> None:
    """Raises `WachtelError` (unsupported_codec) for a stream that WebRTC cannot carry as it is."""
    assert feed.format is not None
    codec = feed.format.video.codec
    hint = "Watch it by the live WebSocket instead."
    if codec is not Codec.H264:
        raise WachtelError(
            ErrorKind.UNSUPPORTED_CODEC,
            f"By WebRTC we send H.264 only; this camera sends {codec.upper()}.",
            hint=hint,
        )
    if feed.reordered:
        raise WachtelError(
            ErrorKind.UNSUPPORTED_CODEC,
            "The camera's pictures do not come in the order they are shown in (B-frames); WebRTC cannot carry that.",
            hint=hint,
        )


def _prefer(transceiver: RTCRtpTransceiver, kind: str, wanted: str) -> None:
    """Before the offer is looked at; afterwards it would be too late."""
    codecs = RTCRtpSender.getCapabilities(kind).codecs
    helpers = ("video/rtx",)
    transceiver.setCodecPreferences(
        [one for one in codecs if one.mimeType.lower() == wanted.lower()]
        + [one for one in codecs if one.mimeType.lower() in helpers]
    )


def bind_to(host: str) -> None:
    """Offers browsers only the address the server listens on; all of this machine's when that is every address.

    aioice asks this one function which addresses there are and leaves out loopback, which is all that is served
    unless the owner says otherwise.
    """
    address = ip_address(host)
    if address.is_unspecified:
        return

    def only_ours(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return [host] if (use_ipv6 if address.version == 6 else use_ipv4) else []

    aioice.ice.get_host_addresses = only_ours


def webrtc_worker(control: socket.socket, host: str, servers: IceServers) -> None:
    """Entry of the process."""
    bind_to(host)
    asyncio.run(WebRtc(SystemClock(), servers).run(control))
