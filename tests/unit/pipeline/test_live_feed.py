"""What a live viewer gets: one line of time, whatever happens to the camera."""

import asyncio
from collections.abc import Iterable
from itertools import pairwise

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.fmp4_read import Bytes, Fragment, read_fragments, read_head
from wachtel.model.live import LiveFragment, LiveInit
from wachtel.model.stream import Codec, StreamFormat, StreamName, Track, VideoFormat
from wachtel.pipeline.live import LiveFeed, LiveItem, Viewer
from wachtel.pipeline.messages import TapFormat, TapLoss, TapPacket

_PPS = bytes.fromhex("68ce0fc8")
LARGE = StreamFormat(
    VideoFormat(Codec.H264, 96, 64, (bytes.fromhex("6742c00ada189a1000000300100000030320f1226a"), _PPS))
)
SMALL = StreamFormat(
    VideoFormat(Codec.H264, 64, 48, (bytes.fromhex("6742c00ada11e840000003004000000c83c489a8"), _PPS))
)
START = 1_795_000_000 * US_PER_S
FRAME = 3600
GOP = 5


class Feed:
    """A feed with one viewer, and a camera of 25 pictures a second."""

    def __init__(self) -> None:
        self.feed = LiveFeed()
        self.viewer = Viewer(lambda _: None)
        self.feed.join(self.viewer)
        self.now = START

    def format(self, format: StreamFormat) -> None:
        self.feed.take(TapFormat("tor", StreamName.MAIN, format))

    def play(self, frames: Iterable[int]) -> None:
        for number in frames:
            self.now += US_PER_S // 25
            ticks = number * FRAME
            self.feed.take(
                TapPacket(
                    "tor",
                    StreamName.MAIN,
                    b"\0\0\0\2\x65x",
                    ticks,
                    ticks,
                    90_000,
                    number % GOP == 0,
                    Track.VIDEO,
                    WallUs(self.now),
                    False,
                )
            )

    def seen(self) -> list[LiveItem]:
        return list(self.viewer._queue)

    def fragments(self) -> list[Fragment]:
        """Everything the viewer got, read as one stream of each init in turn."""
        found: list[Fragment] = []
        init = b""
        for item in self.seen():
            if isinstance(item, LiveInit):
                init = item.init_segment
            elif isinstance(item, LiveFragment):
                source = Bytes(init + item.data)
                found += read_fragments(source, read_head(source))
        return found

    def decode_steps(self) -> set[int]:
        return {two.decode - one.decode for one, two in pairwise(self.fragments())}


def test_a_camera_that_comes_back_goes_on_where_it_was() -> None:
    feed = Feed()
    feed.format(LARGE)
    feed.play(range(12))
    feed.now += 7 * US_PER_S
    feed.format(LARGE)
    feed.play(range(10))
    assert [type(item) for item in feed.seen()].count(LiveInit) == 1
    assert feed.decode_steps() == {FRAME}
    assert feed.fragments()[12].key


def test_another_format_brings_an_init_and_the_time_goes_on() -> None:
    feed = Feed()
    feed.format(LARGE)
    feed.play(range(10))
    feed.format(SMALL)
    feed.play(range(100, 110))
    feed.format(LARGE)
    feed.play(range(10))
    inits = [item for item in feed.seen() if isinstance(item, LiveInit)]
    assert [(init.width, init.height) for init in inits] == [(96, 64), (64, 48), (96, 64)]
    assert feed.decode_steps() == {FRAME}
    assert len(feed.fragments()) == 30


def test_the_machines_clock_set_back_does_not_turn_the_picture_back() -> None:
    feed = Feed()
    feed.format(LARGE)
    feed.play(range(10))
    feed.now -= 3600 * US_PER_S
    feed.play(range(10, 20))
    assert feed.decode_steps() == {FRAME}


def test_who_joins_later_begins_with_a_key_frame_on_the_same_line_of_time() -> None:
    feed = Feed()
    feed.format(LARGE)
    feed.play(range(GOP * 2 + 3))
    feed.format(SMALL)
    feed.play(range(GOP + 2))
    late = Feed()
    late.feed = feed.feed
    feed.feed.join(late.viewer)
    assert late.fragments()[0].key
    assert [one.decode for one in late.fragments()] == [one.decode for one in feed.fragments()[-2:]]


def test_after_a_loss_nobody_new_begins_in_the_middle() -> None:
    feed = Feed()
    feed.format(LARGE)
    feed.play(range(3))
    feed.feed.take(TapLoss("tor", StreamName.MAIN, 2))
    late = Viewer(lambda _: None)
    feed.feed.join(late)
    feed.play(range(GOP, GOP + 1))
    assert [item.key for item in late._queue if isinstance(item, LiveFragment)] == [True]


def test_a_viewer_who_does_not_read_loses_whole_gops() -> None:
    async def story() -> None:
        viewer = Viewer(lambda _: None)
        big = bytes(3 << 20)
        for number in range(7):
            viewer.put(LiveFragment(big, number % 5 == 0, WallUs(number)))
        assert viewer.lost > 0
        kept = [item.key for item in viewer._queue if isinstance(item, LiveFragment)]
        assert kept[0]

    asyncio.run(story())


def test_pictures_of_motion_jpeg_reach_the_viewer_as_they_are() -> None:
    feed = Feed()
    feed.format(StreamFormat(VideoFormat(Codec.MJPEG, 640, 480)))
    feed.play([0, 5, 10])
    init, *fragments = feed.seen()
    assert isinstance(init, LiveInit)
    assert (init.mime, init.width, init.init_segment) == ("image/jpeg", 640, b"")
    assert [one.data for one in fragments if isinstance(one, LiveFragment)] == [b"\0\0\0\2\x65x"] * 3
    late = Viewer(lambda _: None)
    feed.feed.join(late)
    assert len(late._queue) == 2
    feed.format(LARGE)
    feed.play([0])
    assert isinstance(feed.seen()[-2], LiveInit)
