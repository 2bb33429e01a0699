"""The film as JPEG pictures, for cameras' other door: HTTP."""

import bisect
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

WINDOW_S = 2.0
"""Pictures are made for so many seconds at a time."""
PICTURES_PER_S = 10.0
"""At most."""
LARGEST_WIDTH = 1280


@dataclass(frozen=True, slots=True)
class Picture:
    """``at_s`` counts from the film's start."""

    at_s: float
    jpeg: bytes


class Pictures:
    """Decodes when somebody asks. May be used by several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._window = lru_cache(maxsize=4)(self._make_window)

    def at(self, at_s: float) -> Picture:
        """The newest picture at or before a time, the first one if there is none. Raises LookupError without any."""
        number = int(at_s / WINDOW_S)
        for window in range(number, -1, -1):
            pictures = self._window(window)
            place = bisect.bisect_right(pictures, at_s + 1e-6, key=lambda picture: picture.at_s)
            if place:
                return pictures[place - 1]
            if window == 0 and pictures:
                return pictures[0]
        raise LookupError("the film has no picture")

    def _make_window(self, number: int) -> list[Picture]:
        """The pictures of one stretch, not more than `PICTURES_PER_S`."""
        first_s, end_s = number * WINDOW_S, (number + 1) * WINDOW_S
        found: list[Picture] = []
        with av.open(self._path.as_posix()) as container:
            video = container.streams.video[0]
            start_s = float((video.start_time or 0) * (video.time_base or 0))
            container.seek(int((first_s + start_s) * av.time_base))
            for frame in container.decode(video):
                at_s = (frame.time or 0.0) - start_s
                if at_s >= end_s:
                    break
                due = not found or at_s >= found[-1].at_s + 1 / PICTURES_PER_S - 0.005
                if at_s >= first_s - 1e-6 and due:
                    found.append(Picture(at_s, to_jpeg(frame)))
        return found


def to_jpeg(frame: VideoFrame) -> bytes:
    """One picture, at most `LARGEST_WIDTH` pixels wide."""
    scale = min(1.0, LARGEST_WIDTH / frame.width)
    width, height = round(frame.width * scale) & ~1, round(frame.height * scale) & ~1
    encoder = VideoCodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.qmin = encoder.qmax = 5
    scaled = frame.reformat(width, height, format="yuvj420p")
    scaled.pts, scaled.time_base = 0, encoder.time_base
    return b"".join(bytes(packet) for packet in [*encoder.encode(scaled), *encoder.encode(None)])
