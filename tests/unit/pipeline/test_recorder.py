"""When files begin and end, and which sound goes where."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from recording_rig import FORMAT, FPS, GOP, PIECE, RATE, START, WITH_SOUND, RecordingRig

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S
from wachtel.media.video import video_format
from wachtel.model.footage import GapReason
from wachtel.model.stream import Codec, StreamFormat, VideoFormat

LOST = WachtelError(ErrorKind.STREAM_ENDED, "The camera is gone.")
SMALLER = StreamFormat(
    video_format(
        Codec.H264, (bytes.fromhex("6742c00ada11e840000003004000000c83c489a8"), bytes.fromhex("68ce0fc8"))
    )
)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[RecordingRig]:
    made = RecordingRig(tmp_path)
    yield made
    made.close()


def test_a_file_lasts_a_minute_and_the_next_one_begins_where_it_ends(rig: RecordingRig) -> None:
    rig.play([150 * FPS])
    assert [segment.closed for segment in rig.segments()] == ["rotate", "rotate", "lost"]
    assert [segment.frames for segment in rig.segments()] == [60 * FPS, 60 * FPS, 30 * FPS]
    assert all(one.end == two.start for one, two in pairwise(rig.segments()))
    assert [gap.reason for gap in rig.gaps() if gap.start < rig.segments()[-1].end][1:] == []
    assert rig.pictures() == 150 * FPS


@pytest.mark.parametrize("lag_s", [0.0, 0.15, 0.4, 0.9])
def test_sound_that_comes_later_than_its_pictures_goes_into_their_file(
    rig: RecordingRig, lag_s: float
) -> None:
    rig.play([150 * FPS], format=WITH_SOUND, sound_lag_s=lag_s)
    begun, numbers = 0.0, []
    for segment in rig.segments():
        for number, at in rig.pieces(segment):
            assert begun + at == pytest.approx(number * PIECE / RATE, abs=0.001)
            numbers.append(number)
        begun += segment.frames / FPS
    assert numbers == list(range(len(numbers)))
    assert len(numbers) == pytest.approx((150 - lag_s) * RATE / PIECE, abs=2)
    assert [segment.closed for segment in rig.segments()] == ["rotate", "rotate", "lost"]


def test_another_format_begins_another_file(rig: RecordingRig) -> None:
    rig.play([2 * GOP, SMALLER, 2 * GOP, SMALLER, GOP])
    assert [(segment.closed, segment.frames) for segment in rig.segments()] == [
        ("format", 2 * GOP),
        ("lost", 3 * GOP),
    ]


def test_pictures_and_jpegs_may_alternate(rig: RecordingRig) -> None:
    jpeg = StreamFormat(VideoFormat(Codec.MJPEG, 640, 480))
    rig.play([GOP, jpeg, GOP, FORMAT, GOP])
    assert [segment.frames for segment in rig.segments()] == [GOP, GOP, GOP]


def test_every_session_has_its_file_and_what_lies_between_has_its_reason(rig: RecordingRig) -> None:
    rig.play([30, LOST], [30, LOST], [WachtelError(ErrorKind.STALLED, "Nothing comes.")], [30])
    assert [segment.frames for segment in rig.segments()] == [30, 30, 30]
    assert len({segment.run for segment in rig.segments()}) == 3
    stretches = sorted(
        [(segment.start, segment.end) for segment in rig.segments()]
        + [(gap.start, gap.end) for gap in rig.gaps()]
    )
    assert stretches[0][0] == START
    assert all(two - one < 0.1 * US_PER_S for (_, one), (two, _) in pairwise(stretches))
    assert {gap.reason for gap in rig.gaps()} <= {"restart", GapReason.CAMERA_OFFLINE, GapReason.NO_PACKETS}


def test_the_run_of_a_year_keeps_no_memory_of_its_pictures(rig: RecordingRig) -> None:
    rig.play([70 * FPS])
    assert not rig.troubles
    assert len(rig.opened) == 2
