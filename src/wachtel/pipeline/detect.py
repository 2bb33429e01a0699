"""The motion engine and the event assembler over a file, as if its pictures came live at their file time."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.codec.context import ThreadType
from av.video.frame import VideoFrame

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs, microseconds, seconds
from wachtel.detectors.api import Detector, DetectorDriver, Picture
from wachtel.model.camera import MotionSettings
from wachtel.model.event import Event
from wachtel.pipeline.assembler import EventAssembler, EventChange, EventEnded, EventTiming
from wachtel.pipeline.decoding import GrayScaler, PictureRate
from wachtel.pipeline.watching import Watching

_CAMERA = "file"
_BEGIN = WallUs(1_000_000_000 * US_PER_S)
"""Where file time 0 lies on the wall clock; any moment will do."""
_MS_US = 1000
_FORMATS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,m4v,h264,hevc,mjpeg,yuv4mpegpipe"
_ONLY_THIS_FILE = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
"""A playlist must not make FFmpeg open other files."""


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """Times in seconds from the beginning of the file, start and end without pre- and post-roll.

    ``reported_s`` is the time of the frame at which the event was known, rounded up to the next millisecond,
    so that the file cut there contains this frame.
    """

    start_s: float
    end_s: float
    reported_s: float
    score: float
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found; ``fps`` and ``frames`` are those of the file, ``cpu_s`` what it cost."""

    events: tuple[FoundEvent, ...]
    fps: float
    frames: int
    cpu_s: float

    def as_json(self) -> dict[str, Any]:
        """The object that ``wachtel detect --json`` prints."""
        return {
            "events": [_event_json(event) for event in self.events],
            "fps": round(self.fps, 3),
            "frames": self.frames,
            "cpu_s": round(self.cpu_s, 3),
        }


class VideoFile:
    """A video file, decoded on one thread. Raises `WachtelError` (not_found, bad_data)."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no file {path}.")
        self._path = path
        try:
            self._container = av.open(str(path), options=_ONLY_THIS_FILE)
        except av.FFmpegError as error:
            raise self._unreadable() from error
        if not self._container.streams.video:
            raise WachtelError(ErrorKind.BAD_DATA, f"There is no video in {path}.")
        self._stream = self._container.streams.video[0]
        self._stream.thread_count = 1
        self._stream.thread_type = ThreadType.NONE
        self.width, self.height = self._stream.width, self._stream.height
        rate = self._stream.average_rate or self._stream.guessed_rate
        self.fps = float(rate) if rate else 0.0
        self._frame_s = 1 / self.fps if self.fps else 0.04

    def frames(self) -> Iterator[tuple[WallUs, VideoFrame]]:
        """Every frame with its time; times always rise, also where the file's own do not."""
        first_s: float | None = None
        last = WallUs(_BEGIN - 1)
        for number, frame in enumerate(self._decoded()):
            time_s = self._time_s(frame, number)
            first_s = time_s if first_s is None else first_s
            at = WallUs(_BEGIN + microseconds(time_s - first_s))
            last = at if at > last else WallUs(last + microseconds(self._frame_s))
            yield last, frame

    def close(self) -> None:
        """Closes the file."""
        self._container.close()

    def _time_s(self, frame: VideoFrame, number: int) -> float:
        """AVI stores no presentation times: what FFmpeg gives is the order of decoding."""
        if frame.time is None or self._container.format.name == "avi":
            return number * self._frame_s
        return float(frame.time)

    def _decoded(self) -> Iterator[VideoFrame]:
        """All frames that can be decoded; damaged packets are left out as a live stream would."""
        for packet in self._container.demux(self._stream):
            try:
                yield from packet.decode()
            except av.FFmpegError:
                continue

    def _unreadable(self) -> WachtelError:
        return WachtelError(ErrorKind.BAD_DATA, f"{self._path} is not a video that can be read.")


def detect_file(
    path: Path, settings: MotionSettings, driver: DetectorDriver, timing: EventTiming | None = None
) -> Detection:
    """The events in a file.

    Raises `WachtelError`: not_found, bad_data, invalid (a zone that cannot be used).
    """
    begun_s = time.process_time()
    video = VideoFile(path)
    try:
        detector = driver.create(settings, video.width, video.height)
        frames, events = _watch(video, detector, timing or EventTiming())
    finally:
        video.close()
    return Detection(tuple(map(_found, events)), video.fps, frames, time.process_time() - begun_s)


def _watch(video: VideoFile, detector: Detector, timing: EventTiming) -> tuple[int, list[Event]]:
    """The number of frames in the file and the finished events."""
    assembler, watching = EventAssembler(), Watching()
    assembler.watch(_CAMERA, _CAMERA, timing)
    scaler, rate = GrayScaler(detector.picture_size), PictureRate(detector.most_fps)
    changes: list[EventChange] = []
    frames, at = 0, _BEGIN
    for at, frame in video.frames():
        frames += 1
        if rate.wants(at):
            signal = watching.answer(at, detector.look(Picture(at, scaler.scale(frame))))
            changes += assembler.take(_CAMERA, signal) if signal else []
            rate.allow(detector.most_fps)
        changes += assembler.tick(at)
    signal = watching.stop()
    changes += assembler.take(_CAMERA, signal) if signal else []
    changes += assembler.stop(at)
    return frames, [change.event for change in changes if isinstance(change, EventEnded)]


def _found(event: Event) -> FoundEvent:
    return FoundEvent(
        start_s=seconds(event.start - _BEGIN),
        end_s=seconds((event.end or event.start) - _BEGIN),
        reported_s=((event.reported - _BEGIN) // _MS_US + 1) / 1000,
        score=event.score,
        zones=event.zones,
    )


def _event_json(event: FoundEvent) -> dict[str, Any]:
    return {
        "start_s": round(event.start_s, 3),
        "end_s": round(event.end_s, 3),
        "reported_s": event.reported_s,
        "score": round(event.score, 3),
        "zones": list(event.zones),
    }


def video_size(path: Path) -> tuple[int, int]:
    """Width and height of the pictures in a file. Raises `WachtelError` (not_found, bad_data)."""
    video = VideoFile(path)
    video.close()
    return video.width, video.height
