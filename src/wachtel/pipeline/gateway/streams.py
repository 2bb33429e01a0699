"""What the gateway serves: one tap for each stream that somebody asks for, however many do."""

import asyncio

from wachtel.base.clock import Clock
from wachtel.model.stream import StreamName
from wachtel.pipeline.gateway.conversation import Place
from wachtel.pipeline.gateway.feed import Feed
from wachtel.pipeline.gateway.messages import OfferCamera
from wachtel.pipeline.messages import FromTap
from wachtel.pipeline.tap_streams import TapStreams

FORMAT_PATIENCE_S = 8.0
"""How long a client waits for a camera that is just connecting."""

Key = tuple[str, StreamName]


class HeldFeed:
    """A feed, how many connections hold it, and whether its camera has said yet what it sends."""

    def __init__(self, key: Key, clock: Clock) -> None:
        self.key = key
        self.feed = Feed(clock)
        self.holders = 0
        self.ended = False
        self._known = asyncio.Event()

    def take(self, message: FromTap) -> None:
        """The next message of the tap."""
        self.feed.take(message)
        if self.feed.format is not None:
            self._known.set()

    async def is_known(self) -> bool:
        """Waits a little for the format; False when the camera sends nothing."""
        try:
            await asyncio.wait_for(self._known.wait(), FORMAT_PATIENCE_S)
        except TimeoutError:
            return False
        return True


class Streams:
    """Feeds by camera and stream."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offers: dict[str, OfferCamera] = {}
        self._feeds: dict[Key, HeldFeed] = {}
        self._taps = TapStreams(clock, self._tap_of)

    def _tap_of(self, camera: str) -> str | None:
        offer = self._offers.get(camera)
        return None if offer is None else offer.tap

    def offer(self, offer: OfferCamera) -> None:
        """This camera is served from now on; streams it has no more end."""
        self._offers[offer.camera] = offer
        self._end([key for key in self._feeds if key[0] == offer.camera and key[1] not in offer.streams])

    def withdraw(self, camera: str) -> None:
        """This camera is served no more."""
        self._offers.pop(camera, None)
        self._end([key for key in self._feeds if key[0] == camera])

    def _end(self, keys: list[Key]) -> None:
        for key in keys:
            self._taps.unwant(*key)
            held = self._feeds.pop(key)
            held.ended = True
            held.feed.end()

    def hold(self, place: Place) -> HeldFeed | None:
        """The feed of a place until `release`; None when there is no such stream."""
        offer = self._offers.get(place.camera)
        if offer is None or place.stream not in offer.streams:
            return None
        key = (place.camera, place.stream)
        held = self._feeds.get(key)
        if held is None:
            held = self._feeds[key] = HeldFeed(key, self._clock)
            self._taps.want(*key, held.take)
        held.holders += 1
        return held

    def release(self, held: HeldFeed) -> None:
        """One connection less; the last one closes the tap."""
        held.holders -= 1
        if held.holders == 0 and self._feeds.get(held.key) is held:
            del self._feeds[held.key]
            self._taps.unwant(*held.key)
