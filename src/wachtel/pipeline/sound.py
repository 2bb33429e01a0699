"""Sound that MP4 cannot hold becomes sound that it can: G.711 is encoded as AAC, in the stream's own thread.

Whatever goes wrong costs the sound and never the pictures.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from wachtel.media.audio import storable
from wachtel.media.g711 import is_g711
from wachtel.model.stream import AudioFormat, Packet, StreamFormat, Track

if TYPE_CHECKING:
    from wachtel.pipeline.aac_encoder import AacEncoder

log = logging.getLogger(__name__)


class StoredSound:
    """Between a source and what records and shows it; one for each session."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._given: AudioFormat | None = None
        self._encoder: AacEncoder | None = None
        self._dropped = False

    def through(self, items: Iterator[StreamFormat | Packet]) -> Iterator[StreamFormat | Packet]:
        """The same with sound that can be stored, or without sound."""
        for item in items:
            if isinstance(item, StreamFormat):
                yield self._format(item)
            elif item.track is Track.VIDEO or (self._encoder is None and not self._dropped):
                yield item
            else:
                yield from self._sound(item)

    def _format(self, format: StreamFormat) -> StreamFormat:
        given = format.audio
        if given != self._given:
            self._given, self._encoder = given, None
            self._dropped = given is not None and not storable(given)
            if given is not None and is_g711(given.codec):
                self._begin(given)
        if self._dropped:
            return replace(format, audio=None)
        return replace(format, audio=self._encoder.format) if self._encoder else format

    def _begin(self, given: AudioFormat) -> None:
        # Loads FFmpeg, 13 MB that a media worker need not have for sound that is stored as it comes.
        from wachtel.pipeline.aac_encoder import AacEncoder

        try:
            self._encoder, self._dropped = AacEncoder(given), False
        except ValueError as error:
            log.warning("stream %s goes on without its sound: %r", self._name, error)

    def _sound(self, packet: Packet) -> list[Packet]:
        if self._encoder is None:
            return []
        try:
            return self._encoder.encode(packet)
        except ValueError as error:
            log.warning("stream %s goes on without its sound: %r", self._name, error)
            self._encoder, self._dropped = None, True
            return []
