"""Reads an MP4 of another program and writes its packets into segments of ours. Runs in a process of its own only:
native code meets foreign bytes here."""

import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media import audio as audio_codecs
from wachtel.media import video as video_codecs
from wachtel.media.video import Extradata
from wachtel.model.stream import (
    VIDEO_TICKS_PER_S,
    AudioFormat,
    Codec,
    Packet,
    StreamFormat,
    Track,
    VideoFormat,
)
from wachtel.pipeline.importing.orders import Examined, Remux, Remuxed
from wachtel.pipeline.importing.segment_writer import SegmentWriter

_CODECS = {"h264": Codec.H264, "hevc": Codec.H265, "mjpeg": Codec.MJPEG}
_SOUNDS = {"aac": Codec.AAC, "opus": Codec.OPUS}
_SOUND_LAG = 2 * VIDEO_TICKS_PER_S
"""Sound may stand so much later in a file, in ticks, than the pictures it belongs to."""

_SHORT_BY_US = US_PER_S
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def examine(path: str) -> Examined:
    """What the head of a file says. Raises `WachtelError` (bad_data, unsupported_codec)."""
    with _opened(path) as container:
        source = _Source(container)
        return Examined(
            length_us=source.length_us,
            video=source.video.codec_context.name,
            width=source.format.video.width,
            height=source.format.video.height,
            sound="" if source.sound is None else source.sound.codec_context.name,
            sound_stored=source.format.audio is not None,
            created=_created(container),
        )


def remux(order: Remux) -> Remuxed:
    """Writes all segments of a file. Raises `WachtelError`: bad_data, unsupported_codec, disk_full, disk_error;
    what was written until then is removed."""
    writer = SegmentWriter(order)
    try:
        with _opened(order.path) as container:
            source = _Source(container, sound=order.sound)
            writer.take(source.format)
            for item in source.packets():
                writer.take(item)
            source.must_be_whole()
        return Remuxed(writer.finish(), writer.sound_end)
    except BaseException:
        writer.discard()
        raise


@contextmanager
def _opened(path: str) -> Iterator[InputContainer]:
    try:
        with av.open(path, "r", format="mov", options={"protocol_whitelist": "file"}) as container:
            yield container
    except av.FFmpegError as error:
        raise _broken(f"it cannot be read as MP4 ({error.strerror or 'invalid data'})") from error
    except (ValueError, OverflowError) as error:
        raise _broken(f"what it says of itself makes no sense ({error})") from error


class _Source:
    """A foreign file as packets in the form of the archive."""

    def __init__(self, container: InputContainer, *, sound: bool = True) -> None:
        self._container = container
        self.video = _video_stream(container)
        self.sound = container.streams.audio[0] if container.streams.audio else None
        self._codec = _CODECS[self.video.codec_context.name]
        self._extradata = _extradata(self._codec, self.video)
        self._sets = self._extradata.parameter_sets
        self._audio = _audio_format(self.sound) if sound and self.sound is not None else None
        self.format = StreamFormat(self._video_format(), self._audio)
        self._pictures = 0
        self._seen_us = 0

    @property
    def length_us(self) -> int:
        """Of the video, as the file's head says it."""
        video, length = self.video, self._container.duration or 0
        if video.duration and video.time_base:
            return round(video.duration * video.time_base * US_PER_S)
        return round(length * US_PER_S / av.time_base)

    def packets(self) -> Iterator[Packet | StreamFormat]:
        """Pictures in decode order with the sound that belongs to them; a format in front of what has a new one."""
        waiting: list[tuple[int, int, Packet | StreamFormat]] = []
        order, newest = count(), 0
        wanted = [self.video] if self._audio is None else [self.video, self.sound]
        for raw in self._container.demux(wanted):
            for at, item in self._read(raw):
                heapq.heappush(waiting, (at, next(order), item))
                newest = max(newest, at)
            while waiting and newest - waiting[0][0] > _SOUND_LAG:
                yield heapq.heappop(waiting)[2]
        while waiting:
            yield heapq.heappop(waiting)[2]

    def _read(self, raw: "av.Packet[Any]") -> list[tuple[int, Packet | StreamFormat]]:
        if raw.size == 0 or raw.dts is None or raw.pts is None or raw.time_base is None:
            return []
        if raw.is_corrupt:
            raise _broken("it ends in the middle of a picture or is damaged there")
        at = int(raw.dts * raw.time_base * VIDEO_TICKS_PER_S)
        if raw.stream.type == "audio":
            return [(at, _packet(raw, bytes(raw), Track.AUDIO, key=True))]
        return [(at, item) for item in self._picture(raw)]

    def _picture(self, raw: "av.Packet[Any]") -> Iterator[Packet | StreamFormat]:
        data, found = video_codecs.normalise(self._codec, bytes(raw), self._extradata.length_size)
        self._pictures += 1
        assert raw.dts is not None and raw.time_base is not None
        self._seen_us = int((raw.dts + (raw.duration or 0)) * raw.time_base * US_PER_S)
        sets = video_codecs.merge_parameter_sets(self._codec, self._sets, found)
        if sets != self._sets:
            self._sets = sets
            self.format = StreamFormat(self._video_format(), self._audio)
            yield self.format
        if data:
            if not video_codecs.is_whole(self.format.video, data):
                raise _broken("a picture in it is damaged")
            yield _packet(raw, data, Track.VIDEO, key=video_codecs.is_key(self._codec, data))

    def must_be_whole(self) -> None:
        """Raises `WachtelError` (bad_data) when fewer pictures came than the head promised."""
        promised = self.video.frames
        if promised and self._pictures < promised:
            raise _broken(f"it was cut short: {self._pictures} of {promised} pictures are there")
        first = self.video.start_time or 0
        end_us = self.length_us + int(first * (self.video.time_base or 0) * US_PER_S)
        if self._seen_us < end_us - max(_SHORT_BY_US, self.length_us // 10):
            raise _broken("it was cut short")

    def _video_format(self) -> VideoFormat:
        if self._codec is Codec.MJPEG:
            return VideoFormat(Codec.MJPEG, self.video.codec_context.width, self.video.codec_context.height)
        return video_codecs.video_format(self._codec, self._sets)


def _packet(raw: "av.Packet[Any]", data: bytes, track: Track, *, key: bool) -> Packet:
    assert raw.pts is not None and raw.dts is not None and raw.time_base is not None
    return Packet(data, raw.pts, raw.dts, Fraction(raw.time_base), key, track, WallUs(0))


def _video_stream(container: InputContainer) -> VideoStream:
    for stream in container.streams.video:
        name = stream.codec_context.name
        if name not in _CODECS:
            raise WachtelError(
                ErrorKind.UNSUPPORTED_CODEC,
                f"Its pictures are {_spoken(name)}, which the archive cannot hold without encoding them anew.",
                hint="Keep the file where it is, or convert it to H.264 first.",
            )
        return stream
    raise _broken("there are no pictures in it")


def _spoken(name: str) -> str:
    return {"mpeg4": "MPEG-4 Part 2", "msmpeg4v2": "MS-MPEG-4", "vp8": "VP8", "vp9": "VP9", "av1": "AV1"}.get(
        name, name
    )


def _extradata(codec: Codec, stream: VideoStream) -> Extradata:
    return video_codecs.read_extradata(codec, stream.codec_context.extradata or b"")


def _audio_format(stream: AudioStream) -> AudioFormat | None:
    context = stream.codec_context
    codec = _SOUNDS.get(context.name)
    if codec is None:
        return None
    found = AudioFormat(codec, context.sample_rate, context.channels, context.extradata or b"")
    return found if audio_codecs.storable(found) else None


def _created(container: InputContainer) -> int | None:
    """The creation time of the mvhd box; programs that do not know the time leave it out or write a year long ago."""
    text = container.metadata.get("creation_time", "")
    try:
        at = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None
    return (at - _EPOCH) // timedelta(microseconds=1)


def _broken(why: str) -> WachtelError:
    return WachtelError(ErrorKind.BAD_DATA, f"The file is broken: {why}.")
