"""Files we write are read the same by FFmpeg, by browsers' rules and by ourselves."""

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from media_samples import (
    START,
    Sample,
    complaints,
    demuxed,
    encoded,
    footage,
    identity,
    later,
    pictures,
    written,
)

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.media.fmp4 import Muxer, reference_time, wall_of_ntp
from wachtel.media.fmp4_read import Bytes, read_fragments, read_head, read_key_frames, recover
from wachtel.media.timestamps import Timeline

SAMPLES = [("libx264", 0), ("libx264", 2), ("libx265", 0), ("libx265", 2)]
FOOTAGE = [
    "cdnet_highway.mp4",
    "dvrscan_traffic_vfr.mp4",
    "intel_bottle.mp4",
    "intel_car_h265.mp4",
    "wallflower_wavingtrees.mp4",
]


def _sample(encoder: str, b_frames: int) -> Sample:
    return encoded(encoder, b_frames=b_frames)


@pytest.mark.parametrize(("encoder", "b_frames"), SAMPLES)
def test_a_written_file_shows_every_picture_at_its_time(encoder: str, b_frames: int) -> None:
    sample = _sample(encoder, b_frames)
    shown = pictures(written(sample.format, sample.placed()))
    assert len(shown) == 24
    steps = {after - before for (before, _), (after, _) in pairwise(shown)}
    assert {float(step) for step in steps} == {0.04}


@pytest.mark.parametrize(("encoder", "b_frames"), SAMPLES)
def test_our_reader_finds_what_was_written(encoder: str, b_frames: int) -> None:
    sample = _sample(encoder, b_frames)
    placed = sample.placed()
    source = Bytes(written(sample.format, placed))
    head = read_head(source)
    found = list(read_fragments(source, head))
    assert (head.format, head.identity) == (sample.format, identity(placed[0].wall))
    assert [one.decode for one in found] == [one.decode for one in placed]
    assert [one.composition for one in found] == [one.composition for one in placed]
    assert [one.key for one in found] == [one.packet.key for one in placed]
    assert [source.read_at(one.payload_offset + 8, one.payload_bytes - 8) for one in found] == [
        one.packet.data for one in placed
    ]
    assert all(abs(one.wall - two.wall) <= 1 for one, two in zip(found, placed, strict=True))


@pytest.mark.parametrize("name", FOOTAGE)
def test_ffmpeg_decodes_real_footage_without_a_complaint(name: str, tmp_path: Path) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("the ffmpeg command is not installed")
    sample = demuxed(footage(name))
    file = tmp_path / "segment.mp4"
    file.write_bytes(written(sample.format, sample.placed()))
    assert complaints(file) == ""


def test_the_index_leads_to_key_frames_and_their_wall_clock() -> None:
    sample = encoded()
    source = Bytes(written(sample.format, sample.placed()))
    head = read_head(source)
    keys = [one for one in read_fragments(source, head) if one.key]
    reached = [next(read_fragments(source, head, entry.offset)) for entry in read_key_frames(source)]
    assert reached == keys
    assert len(keys) == 3


def test_the_muxer_counts_what_a_reader_finds() -> None:
    sample = encoded(b_frames=2)
    placed = sample.placed()
    muxer = Muxer(sample.format, identity(placed[0].wall))
    data = muxer.head() + b"".join(muxer.add(one) for one in placed) + muxer.tail()
    recovered = recover(Bytes(data))
    assert recovered.complete
    assert recovered.whole_bytes == muxer.size_bytes == len(data)
    assert (recovered.frames, recovered.key_frames) == (muxer.frames, muxer.key_frames) == (24, 3)
    assert (recovered.start, recovered.end) == (muxer.start, muxer.end)
    assert muxer.duration == 24 * 3600


def test_a_file_cut_at_any_byte_keeps_every_whole_picture() -> None:
    sample = encoded(frames=6, gop=3)
    data = written(sample.format, sample.placed())
    head = read_head(Bytes(data))
    ends = [one.end for one in read_fragments(Bytes(data), head)]
    for length in range(head.size_bytes, len(data)):
        torn = Bytes(data[:length])
        whole = [end for end in ends if end <= length]
        if not whole:
            with pytest.raises(WachtelError):
                recover(torn)
            continue
        recovered = recover(torn)
        assert (recovered.whole_bytes, recovered.frames, recovered.complete) == (whole[-1], len(whole), False)
    assert recover(Bytes(data)).complete


def test_a_recovered_file_is_the_file_that_would_have_been_closed_there() -> None:
    sample = encoded(frames=20, gop=5)
    placed = sample.placed()
    torn = written(sample.format, placed, close=False)[:-10]
    recovered = recover(Bytes(torn))
    assert torn[: recovered.whole_bytes] + recovered.tail == written(sample.format, placed[:-1])


def test_pictures_that_a_power_cut_left_as_zeros_are_cut_off() -> None:
    sample = encoded(frames=10)
    data = written(sample.format, sample.placed(), close=False)
    last = list(read_fragments(Bytes(data), read_head(Bytes(data))))[-2:]
    for one in last:
        payload = slice(one.payload_offset + 8, one.payload_offset + one.payload_bytes)
        data = data[: payload.start] + bytes(one.payload_bytes - 8) + data[payload.stop :]
    assert recover(Bytes(data)).frames == 8
    assert recover(Bytes(data + bytes(4096))).frames == 8


def test_damage_inside_a_closed_file_costs_only_its_gop() -> None:
    sample = encoded()
    data = written(sample.format, sample.placed())
    head = read_head(Bytes(data))
    broken = list(read_fragments(Bytes(data), head))[10]
    damaged = Bytes(data[: broken.offset] + bytes(40) + data[broken.offset + 40 :])
    assert [one.decode // 3600 for one in read_fragments(damaged, head)] == [*range(10), *range(16, 24)]
    recovered = recover(damaged)
    assert (recovered.complete, recovered.frames, recovered.whole_bytes) == (True, 18, len(data))


def test_nothing_is_written_before_the_first_key_frame() -> None:
    sample = encoded()
    muxer = Muxer(sample.format, identity())
    placed = sample.placed()
    assert [muxer.add(one) for one in placed[1:8]] == [b""] * 7
    assert muxer.add(placed[8])
    assert muxer.frames == 1


def test_decode_time_starts_at_zero_in_every_file() -> None:
    sample = encoded()
    placed = sample.placed()[8:]
    source = Bytes(written(sample.format, placed))
    found = list(read_fragments(source, read_head(source)))
    assert found[0].decode == 0
    assert found[0].wall == placed[0].wall == START + 320_000


def test_a_segment_never_starts_before_the_end_of_the_previous_one() -> None:
    sample = encoded()
    placed = sample.placed()
    muxer = Muxer(sample.format, identity(WallUs(placed[0].wall + 30_000)))
    for one in placed:
        muxer.add(one)
    assert muxer.start == placed[0].wall + 30_000
    assert muxer.end >= placed[-1].wall


def test_a_pause_does_not_lengthen_the_picture_after_it() -> None:
    sample = encoded()
    timeline = Timeline()
    packets = [*sample.packets[:10], *later(sample.packets[10:12], 5.0)]
    data = written(sample.format, [timeline.place(packet) for packet in packets])
    found = list(read_fragments(Bytes(data), read_head(Bytes(data))))
    assert [one.duration for one in found[-2:]] == [3600, 3600]
    assert found[-2].decode == 10 * 3600 + 5 * 90_000


def test_a_live_view_goes_on_when_the_session_begins_anew() -> None:
    sample = encoded()
    muxer = Muxer(sample.format)
    data = muxer.head() + b"".join(muxer.add(one) for one in sample.placed() + sample.placed())
    source = Bytes(data)
    found = list(read_fragments(source, read_head(source)))
    assert [one.decode for one in found] == [3600 * number for number in range(48)]


def test_what_is_no_segment_is_refused_as_bad_data() -> None:
    for data in (b"", b"no film at all, just words", bytes(100)):
        with pytest.raises(WachtelError) as caught:
            read_head(Bytes(data))
        assert caught.value.kind is ErrorKind.BAD_DATA


def test_a_file_of_a_format_to_come_is_not_touched() -> None:
    sample = encoded()
    data = written(sample.format, sample.placed()).replace(b'"format":1', b'"format":2')
    with pytest.raises(WachtelError, match="archive format 2"):
        read_head(Bytes(data))


def test_a_key_frame_flag_alone_decides_about_the_index() -> None:
    sample = encoded()
    placed = [
        replace(one, packet=replace(one.packet, key=number == 0))
        for number, one in enumerate(sample.placed())
    ]
    assert len(read_key_frames(Bytes(written(sample.format, placed)))) == 1


@pytest.mark.parametrize(
    "wall", [0, 1_795_000_000_123_456, 2_085_978_495_999_999, 2_085_978_496_000_000, 4_000_000_000_000_001]
)
def test_the_time_of_a_picture_survives_the_end_of_the_ntp_era(wall: int) -> None:
    box = reference_time(7, WallUs(wall))
    assert wall_of_ntp(int.from_bytes(box[16:24], "big")) == wall
