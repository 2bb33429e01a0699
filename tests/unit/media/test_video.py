"""NAL units, parameter sets and what they say about the picture."""

from fractions import Fraction
from io import BytesIO

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from media_samples import demuxed, encoded, footage

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media import h264, h265, video
from wachtel.media.mime import mime
from wachtel.media.nal import BitReader, join_annexb, join_lengths, split_annexb, split_lengths, unescape
from wachtel.model.stream import Codec, StreamFormat, VideoFormat

SPS_1080P = bytes.fromhex("67640028acd940780227e5c044000003000400000300c83c60c658")
PPS = bytes.fromhex("68ebe3cb22c0")
AUD, SEI, IDR, SLICE = b"\x09\xf0", b"\x06\x05\x01\x41\x80", b"\x65\x88\x84\x21", b"\x41\x9a\x02\x03"

nal_units = st.lists(
    st.binary(min_size=1, max_size=40).filter(
        lambda nal: b"\0\0" not in nal and nal[-1] != 0 and nal[0] != 0
    ),
    max_size=8,
)


def test_a_sequence_parameter_set_of_a_camera_is_understood() -> None:
    sps = h264.parse_sps(SPS_1080P)
    assert (sps.width, sps.height, sps.profile, sps.level) == (1920, 1080, 100, 40)
    assert sps.fps == Fraction(25)
    assert h264.codec_string(SPS_1080P) == "avc1.640028"


def test_the_stated_frame_rate_is_told() -> None:
    assert video.stated_fps(encoded().video) == 25
    assert video.stated_fps(encoded("libx265").video) is None


@pytest.mark.parametrize("size", [(64, 64), (98, 66), (162, 90), (1278, 718)])
@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_width_and_height_are_those_of_the_picture_shown(encoder: str, size: tuple[int, int]) -> None:
    found = encoded(encoder, frames=2, size=size).video
    assert (found.width, found.height) == size


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("cdnet_highway.mp4", "avc1.64000d"),
        ("dvrscan_traffic_vfr.mp4", "avc1.64001f"),
        ("intel_car_h265.mp4", "hvc1.1.6.L90.90"),
    ],
)
def test_real_footage_is_named_as_browsers_expect(name: str, codec: str) -> None:
    assert mime(StreamFormat(demuxed(footage(name)).video)) == f'video/mp4; codecs="{codec}"'


def test_the_decoder_configuration_is_the_one_ffmpeg_writes() -> None:
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode())
    file.seek(0)
    with av.open(file, "r") as container:
        extradata = container.streams.video[0].codec_context.extradata or b""
    found = video.read_extradata(Codec.H264, extradata)
    assert found.length_size == 4
    assert video.decoder_configuration(video.video_format(Codec.H264, found.parameter_sets)) == extradata


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
def test_the_decoder_configuration_is_read_back(codec: Codec) -> None:
    found = encoded("libx264" if codec is Codec.H264 else "libx265").video
    again = video.read_extradata(codec, video.decoder_configuration(found))
    assert again == video.Extradata(found.parameter_sets, 4)
    annexb = video.read_extradata(codec, join_annexb([*found.parameter_sets, SEI]))
    assert annexb.length_size == 0
    assert set(found.parameter_sets) <= set(annexb.parameter_sets)


def test_normalising_keeps_pictures_and_collects_parameter_sets() -> None:
    annexb = join_annexb([AUD, SPS_1080P, PPS, SEI, IDR])
    data, found = video.normalise(Codec.H264, annexb)
    assert data == join_lengths([SEI, IDR])
    assert found == (SPS_1080P, PPS)
    assert video.is_key(Codec.H264, data)
    assert not video.is_key(Codec.H264, join_lengths([SLICE]))


@pytest.mark.parametrize("length_size", [1, 2, 3, 4])
def test_lengths_of_any_size_become_four_bytes(length_size: int) -> None:
    data = b"".join(len(nal).to_bytes(length_size, "big") + nal for nal in (AUD, SLICE, SEI))
    assert video.normalise(Codec.H264, data, length_size) == (join_lengths([SLICE, SEI]), ())


def test_a_packet_already_in_our_form_is_not_copied() -> None:
    data = join_lengths([SEI, SLICE])
    assert video.normalise(Codec.H264, data, 4)[0] is data


def test_motion_jpeg_passes_unchanged() -> None:
    assert video.normalise(Codec.MJPEG, b"\xff\xd8 picture") == (b"\xff\xd8 picture", ())
    assert video.to_annexb(VideoFormat(Codec.MJPEG, 8, 8), b"\xff\xd8", True) == b"\xff\xd8"


def test_decoders_get_the_parameter_sets_when_they_need_them() -> None:
    format = VideoFormat(Codec.H264, 1920, 1080, (SPS_1080P, PPS))
    data = join_lengths([IDR])
    assert video.to_annexb(format, data, True) == join_annexb([SPS_1080P, PPS, IDR])
    assert video.to_annexb(format, data, False) == join_annexb([IDR])


def test_a_new_parameter_set_replaces_the_one_with_its_id() -> None:
    known = (SPS_1080P, PPS)
    assert video.merge_parameter_sets(Codec.H264, known, (PPS, SPS_1080P)) == known
    changed = PPS + b"\x11"
    assert video.merge_parameter_sets(Codec.H264, known, (changed,)) == (SPS_1080P, changed)
    second = b"\x68\x5f\x80"
    assert len(video.merge_parameter_sets(Codec.H264, known, (second,))) == 3


def test_a_damaged_parameter_set_is_ignored() -> None:
    known = (SPS_1080P, PPS)
    for damaged in (b"\x67", SPS_1080P[:6], b"\x67" + bytes(30), b"\x68" + bytes(9), b"\x67" + bytes(9000)):
        assert video.merge_parameter_sets(Codec.H264, known, (damaged,)) == known


@pytest.mark.parametrize("sets", [(), (SPS_1080P,), (PPS,), (b"", PPS)])
def test_a_format_needs_all_its_parameter_sets(sets: tuple[bytes, ...]) -> None:
    with pytest.raises(WachtelError) as caught:
        video.video_format(Codec.H264, sets)
    assert caught.value.kind is ErrorKind.BAD_DATA


def test_a_codec_we_cannot_store_is_named() -> None:
    with pytest.raises(WachtelError, match=r"opus.*H\.264"):
        video.codec_string(VideoFormat(Codec.OPUS, 8, 8))


def test_key_pictures_of_h265_are_known() -> None:
    sample = encoded("libx265")
    assert [video.is_key(Codec.H265, packet.data) for packet in sample.packets] == [
        packet.key for packet in sample.packets
    ]


def test_sub_layers_of_h265_are_passed_over() -> None:
    sps = encoded("libx265").video.parameter_sets[1]
    parsed = h265.parse_sps(sps)
    assert (parsed.temporal_layers, parsed.luma_depth, parsed.chroma_format) == (1, 8, 1)


@given(nal_units)
def test_annexb_splits_into_what_was_joined(nals: list[bytes]) -> None:
    assert split_annexb(join_annexb(nals)) == nals
    assert split_annexb(b"".join(b"\0\0\1" + nal for nal in nals)) == nals


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8))
def test_lengths_split_into_what_was_joined(nals: list[bytes]) -> None:
    assert split_lengths(join_lengths(nals)) == nals


@given(st.lists(st.integers(0, (1 << 32) - 2), max_size=20))
def test_exp_golomb_numbers_are_read_back(numbers: list[int]) -> None:
    bits = "".join("0" * ((number + 1).bit_length() - 1) + f"{number + 1:b}" for number in numbers)
    bits += "1" * (-len(bits) % 8)
    reader = BitReader(int(bits or "1", 2).to_bytes(len(bits) // 8 or 1, "big"))
    assert [reader.ue() for _ in numbers] == numbers


def test_emulation_prevention_is_undone() -> None:
    assert unescape(b"\1\0\0\3\1\0\0\3\0\0\3") == b"\1\0\0\1\0\0\0\0"
