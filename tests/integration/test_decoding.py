"""Packets as sources make them, through the real decoders."""

import io
from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
import pytest

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.stream import Codec, Packet, Track, VideoFormat
from wachtel.pipeline.decoding import PictureDecoder

WIDTH, HEIGHT, FPS = 320, 192, 10
BEGIN = 1_000_000_000_000_000
_PARAMETER_SETS = {Codec.H264: {7, 8}, Codec.H265: {32, 33, 34}}


def nal_units(stream: bytes) -> list[bytes]:
    """The NAL units of a byte stream."""
    return [
        unit for unit in stream.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01") if unit
    ]


def nal_type(codec: Codec, unit: bytes) -> int:
    return unit[0] & 31 if codec is Codec.H264 else unit[0] >> 1 & 63


def gray_level(number: int) -> int:
    return 40 + 10 * number


def encode(encoder_name: str, count: int) -> Iterator[bytes]:
    encoder = av.CodecContext.create(encoder_name, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = WIDTH, HEIGHT
    encoder.pix_fmt = "yuvj420p" if encoder_name == "mjpeg" else "yuv420p"
    encoder.time_base = Fraction(1, FPS)
    if encoder_name != "mjpeg":
        encoder.options = {"tune": "zerolatency", "x265-params": "log-level=none"}
    for number in range(count):
        frame = av.VideoFrame(WIDTH, HEIGHT, encoder.pix_fmt)
        for plane, level in zip(frame.planes, (gray_level(number), 128, 128), strict=True):
            plane.update(bytes([level]) * plane.buffer_size)
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        for packet in encoder.encode(frame):
            yield bytes(packet)
    for packet in encoder.encode(None):
        yield bytes(packet)


def camera(codec: Codec, encoder_name: str, count: int = 8) -> tuple[VideoFormat, list[Packet]]:
    sets: list[bytes] = []
    packets = []
    for number, data in enumerate(encode(encoder_name, count)):
        if codec is not Codec.MJPEG:
            units = nal_units(data)
            sets = sets or [unit for unit in units if nal_type(codec, unit) in _PARAMETER_SETS[codec]]
            pictures = [unit for unit in units if nal_type(codec, unit) not in _PARAMETER_SETS[codec]]
            data = b"".join(len(unit).to_bytes(4, "big") + unit for unit in pictures)
        pts, arrival = number * 9000, WallUs(BEGIN + number * 100_000)
        packets.append(Packet(data, pts, pts, Fraction(1, 90_000), number == 0, Track.VIDEO, arrival))
    return VideoFormat(codec, WIDTH, HEIGHT, tuple(sets)), packets


@pytest.mark.parametrize(
    ("codec", "encoder"), [(Codec.H264, "libx264"), (Codec.H265, "libx265"), (Codec.MJPEG, "mjpeg")]
)
def test_packets_become_small_gray_pictures_with_their_times(codec: Codec, encoder: str) -> None:
    format, packets = camera(codec, encoder)
    decoder = PictureDecoder(format, (160, 96), most_fps=50)
    assert decoder.jpeg() is None
    pictures = [picture for packet in packets for picture in decoder.decode(packet)] + decoder.flush()
    assert [picture.at for picture in pictures] == [packet.arrival for packet in packets]
    for picture in pictures:
        assert picture.gray.shape == (96, 160)
        assert picture.gray.dtype == np.uint8
    means = [float(picture.gray.mean()) for picture in pictures]
    assert means == sorted(means)
    assert means[-1] - means[0] > 60


def test_no_more_pictures_than_wished() -> None:
    format, packets = camera(Codec.H264, "libx264", 20)
    decoder = PictureDecoder(format, (160, 96), most_fps=5)
    pictures = [picture for packet in packets for picture in decoder.decode(packet)] + decoder.flush()
    assert len(pictures) == 10


def test_the_callers_time_wins() -> None:
    format, packets = camera(Codec.H264, "libx264", 2)
    decoder = PictureDecoder(format, (160, 96), most_fps=50)
    assert [picture.at for picture in decoder.decode(packets[0], at=WallUs(5))] == [5]


def test_the_last_frame_as_a_jpeg() -> None:
    format, packets = camera(Codec.H264, "libx264", 3)
    decoder = PictureDecoder(format, (160, 96), most_fps=50)
    for packet in packets:
        decoder.decode(packet)
    jpeg = decoder.jpeg(widest=200)
    assert jpeg is not None
    assert jpeg[:2] == b"\xff\xd8"
    with av.open(io.BytesIO(jpeg), "r", format="jpeg_pipe") as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height) == (200, 120)


def test_damage_costs_pictures_but_no_error() -> None:
    format, packets = camera(Codec.H264, "libx264", 8)
    decoder = PictureDecoder(format, (160, 96), most_fps=50)
    dice = np.random.default_rng(1)
    for packet in packets:
        broken = bytes(dice.integers(0, 256, len(packet.data), dtype=np.uint8))
        decoder.decode(
            Packet(broken, packet.pts, packet.dts, packet.time_base, packet.key, packet.track, packet.arrival)
        )
    found = [picture for packet in packets for picture in decoder.decode(packet)]
    assert found


def test_sound_cannot_be_looked_at() -> None:
    with pytest.raises(WachtelError) as caught:
        PictureDecoder(VideoFormat(Codec.AAC, 0, 0), (160, 96), 10)
    assert caught.value.kind is ErrorKind.UNSUPPORTED_CODEC
