"""Which of a device's streams to record, which to look for motion in, and how to set the latter up. Pure."""

from collections.abc import Sequence
from math import log

from wachtel.model.device import EncoderSettings, StreamOffer
from wachtel.protocols.onvif.media import EncoderOptions

SUB_SIZE = (640, 360)
SUB_FPS = 10
SUB_GOP_S = 2
LARGEST_SUB = 1280 * 720
NARROWEST_SUB = 160
_UNREADABLE = frozenset({"mjpeg", "mpeg4"})
"""What our RTSP client cannot take, though over HTTP it may come."""


def main_and_sub(offers: Sequence[StreamOffer]) -> tuple[StreamOffer | None, StreamOffer | None]:
    """The largest stream, and the one nearest to 640x360 among the smaller ones, H.264 first."""
    readable = [offer for offer in offers if offer.codec not in _UNREADABLE] or list(offers)
    if not readable:
        return None, None
    main = max(readable, key=_area)
    small = [offer for offer in readable if offer.width >= NARROWEST_SUB and _area(offer) < _area(main)]
    small = [offer for offer in small if _area(offer) <= LARGEST_SUB]
    sub = min(
        small, key=lambda offer: (offer.codec != "h264", _distance(offer.width, offer.height)), default=None
    )
    return main, sub


def sub_settings(options: EncoderOptions) -> EncoderSettings | None:
    """What a sub stream should be, as far as the encoder offers it; None without sizes."""
    if not options.sizes:
        return None
    width, height = min(options.sizes, key=lambda one: _distance(*one))
    fps = _within(SUB_FPS, options.fps)
    return EncoderSettings(width, height, fps, _within(fps * SUB_GOP_S, options.gop))


def is_fine(now: EncoderSettings) -> bool:
    """Whether a sub stream needs no change: neither large nor tiny, some pictures a second, key frames soon."""
    small = now.width > NARROWEST_SUB and now.width * now.height <= 2 * SUB_SIZE[0] * SUB_SIZE[1]
    return small and 5 <= now.fps <= 15 and 0 < now.gop <= 2 * SUB_GOP_S * now.fps


def _area(offer: StreamOffer) -> int:
    return offer.width * offer.height


def _distance(width: int, height: int) -> float:
    return abs(log(max(1, width * height) / (SUB_SIZE[0] * SUB_SIZE[1])))


def _within(wanted: int, limits: tuple[int, int] | None) -> int:
    return wanted if limits is None else max(limits[0], min(limits[1], wanted))
