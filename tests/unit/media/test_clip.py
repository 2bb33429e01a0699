"""Clips play from their first picture, show what was asked for, and can be had in any part."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import pytest
from media_samples import START, complaints, demuxed, encoded, footage, later, pictures, sound, written

from wachtel.base.units import WallUs
from wachtel.media.clip import ClipPlan, ClipSource, FileRange, GrowingClip, Piece, plan_clips
from wachtel.media.fmp4_read import Bytes, read_fragments, read_head, recover
from wachtel.media.timestamps import Timeline
from wachtel.model.stream import Packet, StreamFormat


def after(seconds: float) -> WallUs:
    return WallUs(START + round(seconds * 1_000_000))


def segments(format: StreamFormat, *parts: Sequence[Packet]) -> list[ClipSource]:
    """One closed file per part, all of one session."""
    timeline = Timeline()
    sources = []
    for part in parts:
        source = Bytes(written(format, [timeline.place(packet) for packet in part]))
        whole = recover(source)
        sources.append(ClipSource(source, whole.start, whole.end))
    return sources


def minutes(count: int = 3, gap_s: float = 0.0) -> list[ClipSource]:
    """Segments of 0.96 s (three GOPs), one after the other."""
    sample = encoded()
    return segments(
        sample.format, *(later(sample.packets, number * (0.96 + gap_s)) for number in range(count))
    )


def joined(pieces: Iterable[Piece], sources: Sequence[ClipSource]) -> bytes:
    return b"".join(
        sources[piece.source].source.read_at(piece.offset, piece.size)
        if isinstance(piece, FileRange)
        else piece
        for piece in pieces
    )


def whole(plan: ClipPlan, sources: Sequence[ClipSource]) -> bytes:
    data = joined(plan.pieces(), sources)
    assert len(data) == plan.size_bytes
    return data


def test_a_clip_over_three_segments_shows_every_picture_in_even_steps() -> None:
    sources = minutes()
    (plan,) = plan_clips(sources, after(0), after(10))
    shown = pictures(whole(plan, sources))
    assert len(shown) == 72
    assert {float(two - one) for (one, _), (two, _) in pairwise(shown)} == {0.04}
    assert [luma for _, luma in shown] == [
        luma for _, luma in pictures(sources[0].source.read_at(0, 1 << 20))
    ] * 3
    assert (plan.start, plan.end, plan.gaps) == (after(0), after(2.88), ())


def test_a_clip_starts_with_the_key_frame_at_or_before_and_ends_where_asked() -> None:
    sources = minutes()
    (plan,) = plan_clips(sources, after(0.5), after(1.2))
    assert (plan.start, plan.end) == (after(0.32), after(1.2))
    data = whole(plan, sources)
    found = list(read_fragments(Bytes(data), read_head(Bytes(data))))
    assert found[0].key
    assert [one.decode for one in found] == [3600 * number for number in range(22)]
    assert [int.from_bytes(one.header[20:24], "big") for one in found] == list(range(1, 23))
    assert len(pictures(data)) == 22


def test_the_wall_clock_stays_in_the_clip() -> None:
    sources = minutes()
    (plan,) = plan_clips(sources, after(1.0), after(2.0))
    data = Bytes(whole(plan, sources))
    found = list(read_fragments(data, read_head(data)))
    assert found[0].wall == plan.start == after(0.96)
    assert abs(found[-1].wall_end - plan.end) <= 1


def test_any_part_of_a_clip_can_be_had() -> None:
    sources = minutes()
    (plan,) = plan_clips(sources, after(0.3), after(2.5))
    data = whole(plan, sources)
    for first in (0, 1, 100, 700, 1000, len(data) // 2, len(data) - 3):
        for size in (1, 50, 3000, len(data)):
            assert joined(plan.pieces(first, first + size - 1), sources) == data[first : first + size]


def test_long_pauses_are_closed_up_and_reported() -> None:
    sources = minutes(gap_s=5.0)
    (plan,) = plan_clips(sources, after(0), after(30))
    assert plan.gaps == ((after(0.96), after(5.96)), (after(6.92), after(11.92)))
    shown = pictures(whole(plan, sources))
    assert float(shown[-1][0]) == pytest.approx(2.84)


def test_a_pause_inside_a_segment_is_closed_up_too() -> None:
    sample = encoded()
    sources = segments(sample.format, [*sample.packets, *later(sample.packets, 6.0)])
    (plan,) = plan_clips(sources, after(0), after(30))
    assert plan.gaps == ((after(0.96), after(6.0)),)
    shown = pictures(whole(plan, sources))
    assert float(shown[-1][0]) == pytest.approx(1.88)


def test_short_pauses_stay() -> None:
    sources = minutes(count=2, gap_s=1.5)
    (plan,) = plan_clips(sources, after(0), after(30))
    assert plan.gaps == ()
    assert float(pictures(whole(plan, sources))[24][0]) == pytest.approx(2.46)


@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_a_clip_goes_on_where_the_size_changes(encoder: str, tmp_path: Path) -> None:
    small, large = encoded(encoder), encoded(encoder, size=(128, 96))
    sources = [
        *segments(small.format, small.packets),
        *segments(large.format, later(large.packets, 0.96)),
        *segments(small.format, later(small.packets, 1.92)),
    ]
    (plan,) = plan_clips(sources, after(0), after(10))
    assert plan.formats == (small.format, large.format)
    data = whole(plan, sources)
    assert [len(luma) for _, luma in pictures(data)] == [96 * 64] * 24 + [128 * 96] * 24 + [96 * 64] * 24
    file = tmp_path / "clip.mp4"
    file.write_bytes(data)
    assert complaints(file) == ""
    for first in range(0, len(data), 997):
        assert joined(plan.pieces(first, first + 499), sources) == data[first : first + 500]
    (later_half,) = plan_clips(sources, after(1.7), after(2.5))
    assert len(pictures(whole(later_half, sources))) > 10


def test_sound_stays_with_the_pictures_where_the_size_changes() -> None:
    sound_format, sounds = sound()
    sources: list[ClipSource] = []
    for size in ((96, 64), (128, 96)):
        sample = encoded(size=size)
        packets = sorted([*sample.packets, *sounds[:40]], key=lambda packet: packet.arrival)
        moved = later(packets, len(sources) * 0.96)
        sources += segments(StreamFormat(sample.video, sound_format), moved)
    (plan,) = plan_clips(sources, after(0), after(10))
    data = whole(plan, sources)
    assert len(pictures(data)) == 48
    with av.open(BytesIO(data), "r") as container:
        heard = [frame.samples for frame in container.decode(container.streams.audio[0])]
    assert sum(heard) > 1.5 * 48_000


def test_a_change_of_codec_makes_a_second_clip() -> None:
    one, other = encoded(), encoded("libx265")
    sources = [
        *segments(one.format, one.packets),
        *segments(other.format, later(other.packets, 0.96)),
    ]
    plans = plan_clips(sources, after(0), after(10))
    assert [plan.formats for plan in plans] == [(one.format,), (other.format,)]
    assert [len(pictures(whole(plan, sources))) for plan in plans] == [24, 24]
    assert plans[0].end == plans[1].start == after(0.96)


def test_nothing_recorded_gives_no_clip() -> None:
    assert plan_clips(minutes(), after(100), after(110)) == ()
    assert plan_clips([], after(0), after(10)) == ()


def test_the_tag_changes_with_the_content_only() -> None:
    sources = minutes()
    tags = [plan_clips(sources, after(0), after(end))[0].etag for end in (1.0, 1.0, 1.1)]
    assert tags[0] == tags[1] != tags[2]


def test_a_segment_without_index_gives_the_same_clip() -> None:
    sources = minutes()
    torn = [replace(one, source=Bytes(one.source.read_at(0, recovered_end(one)))) for one in sources]
    wanted = (after(0.7), after(2.2))
    assert whole(plan_clips(torn, *wanted)[0], torn) == whole(plan_clips(sources, *wanted)[0], sources)


def without_index(clip: bytes) -> bytes:
    """The clip without the sidx box, which one that grows cannot have."""
    at = clip.index(b"sidx") - 4
    return clip[:at] + clip[at + int.from_bytes(clip[at : at + 4], "big") :]


def test_players_find_their_way_by_the_index(tmp_path: Path) -> None:
    sources = minutes()
    (plan,) = plan_clips(sources, after(0.5), after(2.5))
    data = whole(plan, sources)
    at = data.index(b"sidx") - 4
    count = int.from_bytes(data[at + 38 : at + 40], "big")
    position, time = at + 40 + 12 * count, 0
    fragments = {one.offset: one for one in read_fragments(Bytes(data), read_head(Bytes(data)))}
    for entry in range(at + 40, at + 40 + 12 * count, 12):
        assert (fragments[position].key, fragments[position].decode) == (True, time)
        position += int.from_bytes(data[entry : entry + 4], "big")
        time += int.from_bytes(data[entry + 4 : entry + 8], "big")
    assert (position, time) == (len(data), 55 * 3600)


def recovered_end(segment: ClipSource) -> int:
    return max(one.end for one in read_fragments(segment.source, read_head(segment.source)))


class Growing:
    """A file that is being written."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = 0

    def read_at(self, offset: int, size: int) -> bytes:
        return self._data[: self.size][offset : offset + size]


@pytest.mark.parametrize("step", [700, 5000])
def test_a_growing_clip_ends_up_as_the_planned_one(step: int) -> None:
    sources = minutes()
    (plan,) = plan_clips(sources, after(0.5), after(2.5))
    clip = GrowingClip(after(0.5))
    data = b""
    for number, segment in enumerate(sources):
        file = Growing(segment.source.read_at(0, 1 << 20))
        file.size = 800
        while file.size < segment.source.size:
            file.size = min(file.size + step, segment.source.size)
            for piece in clip.extend(str(number), file, after(2.5)):
                data += file.read_at(piece.offset, piece.size) if isinstance(piece, FileRange) else piece
    assert data == without_index(whole(plan, sources))
    assert (clip.start, clip.end, clip.gaps, clip.cut) == (plan.start, plan.end, (), False)


def test_a_growing_clip_goes_on_where_the_size_changes_and_ends_at_another_codec() -> None:
    small, large, other = encoded(), encoded(size=(128, 96)), encoded("libx265")
    sources = [
        *segments(small.format, small.packets),
        *segments(large.format, later(large.packets, 0.96)),
        *segments(other.format, later(other.packets, 1.92)),
    ]
    clip = GrowingClip(after(0))
    data = b""
    for number, one in enumerate(sources):
        pieces = clip.extend(str(number), one.source)
        data += joined(
            (replace(p, source=number) if isinstance(p, FileRange) else p for p in pieces), sources
        )
    assert clip.cut
    assert [len(luma) for _, luma in pictures(data)] == [96 * 64] * 24 + [128 * 96] * 24


@pytest.mark.parametrize("name", ["dvrscan_traffic_vfr.mp4", "intel_car_h265.mp4", "cdnet_highway.mp4"])
def test_a_clip_of_real_footage_plays_without_a_complaint(name: str, tmp_path: Path) -> None:
    sample = demuxed(footage(name))
    keys = [number for number, packet in enumerate(sample.packets) if packet.key]
    middle = keys[len(keys) // 2]
    sources = segments(sample.format, sample.packets[:middle], sample.packets[middle:])
    begin = sample.packets[keys[len(keys) // 2 - 1]].arrival
    (plan,) = plan_clips(sources, WallUs(begin + 100_000), WallUs(begin + 9_000_000))
    assert plan.start == begin
    file = tmp_path / "clip.mp4"
    file.write_bytes(whole(plan, sources))
    assert complaints(file) == ""
