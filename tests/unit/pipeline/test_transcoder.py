"""Pictures made H.264: real H.265 and Motion JPEG in, pictures that FFmpeg decodes without a word out."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.nal import join_annexb, split_lengths
from wachtel.media.video import normalise, read_extradata, video_format
from wachtel.model.stream import VIDEO_TICKS_PER_S, Codec, StreamFormat, VideoFormat
from wachtel.pipeline.transcode.encoder import MOST_FPS, MOST_PIXELS, Encoded, Transcoder, fitting
from wachtel.testing.sample_film import SampleFilm, make_film


def converted(path: Path, codec: Codec) -> list[Encoded]:
    """The whole film through a transcoder."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        sets = (
            read_extradata(codec, bytes(stream.codec_context.extradata or b""))
            if codec is Codec.H265
            else None
        )
        format = (
            video_format(codec, sets.parameter_sets)
            if sets
            else VideoFormat(codec, stream.width, stream.height)
        )
        transcoder = Transcoder(format)
        found: list[Encoded] = []
        for packet in container.demux(stream):
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                continue
            at = WallUs(int(packet.pts * packet.time_base * US_PER_S))
            data = normalise(codec, bytes(packet), sets.length_size)[0] if sets else bytes(packet)
            found += transcoder.encode(data, packet.pts, packet.dts, Fraction(packet.time_base), at)
    return found


def decoded(pictures: list[Encoded]) -> int:
    """How many pictures FFmpeg gets out of them."""
    decoder = av.CodecContext.create("h264", "r")
    count, format = 0, StreamFormat(VideoFormat(Codec.H264, 0, 0))
    for one in pictures:
        format = one.format or format
        sets = format.video.parameter_sets if one.key else ()
        count += len(decoder.decode(av.Packet(join_annexb([*sets, *split_lengths(one.data)]))))
    return count + len(decoder.decode(None))


@pytest.mark.parametrize(
    ("codec", "b_frames", "fps"),
    [(Codec.H265, 0, 10), (Codec.H265, 2, 10), (Codec.MJPEG, 0, 10), (Codec.H265, 0, 30)],
)
def test_every_picture_is_there_in_order(tmp_path: Path, codec: Codec, b_frames: int, fps: int) -> None:
    film = SampleFilm(seconds=5, codec=codec, b_frames=b_frames, fps=fps)
    found = converted(make_film(tmp_path / "film.mp4", film), codec)
    assert found[0].key
    assert found[0].format is not None
    assert found[0].format.video.codec is Codec.H264
    assert sum(one.key for one in found) == 3
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert all(two.pts > one.pts for one, two in pairwise(found))
    assert decoded(found) == len(found)
    least = 5 * min(fps, MOST_FPS) - 6
    assert least <= len(found) <= 5 * (MOST_FPS / 0.9) + 1


def test_large_pictures_become_smaller_and_keep_their_shape() -> None:
    assert fitting(320, 240) == (320, 240)
    assert fitting(3840, 2160) == (1280, 720)
    width, height = fitting(2560, 1920)
    assert width * height <= MOST_PIXELS
    assert abs(width / height - 4 / 3) < 0.01
    assert fitting(1, 1) == (2, 2)


def test_damage_costs_pictures_and_nothing_else() -> None:
    transcoder = Transcoder(VideoFormat(Codec.MJPEG, 64, 48))
    tick = Fraction(1, VIDEO_TICKS_PER_S)
    for number, data in enumerate((b"", b"\xff\xd8\xff", b"nonsense" * 100)):
        assert transcoder.encode(data, number, number, tick, WallUs(number)) == []
