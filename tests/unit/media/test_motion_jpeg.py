"""Cameras that send JPEGs: stored in MP4 as they are, and played by FFmpeg."""

from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from media_samples import START, Sample, complaints, later, pictures, written
from test_clip import after, segments, whole

from wachtel.base.units import WallUs
from wachtel.media import video
from wachtel.media.clip import plan_clips
from wachtel.media.fmp4_read import Bytes, read_fragments, read_head, read_key_frames, recover
from wachtel.media.mime import mime
from wachtel.media.timestamps import Timeline
from wachtel.model.stream import Codec, Packet, StreamFormat, Track, VideoFormat

FRAMES = 30


@cache
def jpegs() -> Sample:
    """Pictures at an uneven pace, ten a second or so."""
    encoder = VideoCodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 96, 64, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    packets, at = [], 0
    for number in range(FRAMES):
        column = np.arange(96, dtype=np.uint8) * 2 + number * 5
        picture = np.ascontiguousarray(np.broadcast_to(column[None, :, None], (64, 96, 3)))
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuvj420p")
        frame.pts = number
        data = b"".join(bytes(packet) for packet in encoder.encode(frame))
        at += 9000 + number * 37
        arrival = WallUs(START + at * 100 // 9)
        packets.append(Packet(data, at, at, Fraction(1, 90_000), True, Track.VIDEO, arrival))
    return Sample(VideoFormat(Codec.MJPEG, 96, 64), tuple(packets))


def test_ffmpeg_plays_every_picture_at_its_time(tmp_path: Path) -> None:
    data = written(jpegs().format, jpegs().placed())
    (tmp_path / "segment.mp4").write_bytes(data)
    assert complaints(tmp_path / "segment.mp4") == ""
    times = [round(time * 90_000) for time, _ in pictures(data)]
    stamps = [packet.pts for packet in jpegs().packets]
    assert times == [stamp - stamps[0] for stamp in stamps]
    with av.open(str(tmp_path / "segment.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("mjpeg", 96, 64)
        assert [bytes(packet) for packet in container.demux(stream) if packet.size] == [
            packet.data for packet in jpegs().packets
        ]


def test_the_format_is_read_back_and_every_picture_is_a_key_frame() -> None:
    source = Bytes(written(jpegs().format, jpegs().placed()))
    head = read_head(source)
    assert head.format == jpegs().format
    assert all(one.key for one in read_fragments(source, head))
    assert len(read_key_frames(source)) == FRAMES


def test_a_torn_file_is_cut_behind_its_last_whole_picture() -> None:
    data = written(jpegs().format, jpegs().placed(), close=False)
    last = list(read_fragments(Bytes(data), read_head(Bytes(data))))[-2:]
    assert recover(Bytes(data[:-5])).frames == FRAMES - 1
    for one in last:
        begin, end = one.payload_offset + 8, one.payload_offset + one.payload_bytes
        data = data[:begin] + bytes(end - begin) + data[end:]
    assert recover(Bytes(data)).frames == FRAMES - 2


def test_padding_behind_a_picture_is_no_damage() -> None:
    assert video.is_whole(jpegs().video, jpegs().packets[0].data + bytes(40))


def test_a_clip_begins_with_the_very_picture(tmp_path: Path) -> None:
    again = later(jpegs().packets, 4.2)
    sources = segments(jpegs().format, jpegs().packets, again)
    (plan,) = plan_clips(sources, after(1.0), after(6.0))
    file = tmp_path / "clip.mp4"
    file.write_bytes(whole(plan, sources))
    assert complaints(file) == ""
    assert plan.start <= after(1.0) < plan.start + 200_000
    assert abs(plan.end - after(6.0)) < 400_000


def test_browsers_are_told_the_truth() -> None:
    assert mime(StreamFormat(jpegs().video)) == 'video/mp4; codecs="mp4v.6C"'


def test_stamps_by_a_clock_set_back_do_not_stop_the_pictures() -> None:
    timeline = Timeline()
    placed = []
    for number in range(400):
        stamp = number * 9000 if number < 50 else 50 * 9000 + number
        packet = Packet(b"", stamp, stamp, Fraction(1, 90_000), True, Track.VIDEO, after(number * 0.1))
        placed.append(timeline.place(packet))
    assert abs(placed[-1].decode - 399 * 9000) < 90_000
