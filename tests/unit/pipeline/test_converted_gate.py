"""Motion JPEG on its way to the archive as H.264: whatever the worker does, every picture is written once, in order."""

from contextlib import AbstractContextManager
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.draft import Draft
from wachtel.media.timestamps import Placed
from wachtel.model.stream import (
    VIDEO_TICKS_PER_S,
    AudioFormat,
    Codec,
    Packet,
    StreamFormat,
    StreamName,
    Track,
    VideoFormat,
)
from wachtel.pipeline.converted_gate import FIRST_RETRY_S, MOST_BEHIND_S, ConvertedGate
from wachtel.pipeline.messages import TapFormat, TapPacket
from wachtel.testing.clock import FakeClock

START = WallUs(1_795_000_000 * US_PER_S)
FPS = 10
GOP = 20
JPEG = StreamFormat(VideoFormat(Codec.MJPEG, 64, 48), AudioFormat(Codec.PCMA, 8000, 1))
MADE = VideoFormat(Codec.H264, 64, 48, (b"\x67", b"\x68"))
LOST = WachtelError(ErrorKind.STREAM_ENDED, "The camera is gone.")


class Written:
    """A gate that only remembers: the number of each picture, in which codec, and its place in time."""

    def __init__(self) -> None:
        self.format_now: StreamFormat | None = None
        self.pictures: list[tuple[int, Codec, bool, WallUs]] = []
        self.order: list[Track] = []
        self.ended = self.stopped = False

    def keep(self, start: WallUs, until: WallUs | None) -> None:
        """Nothing to do."""

    def draft(self) -> AbstractContextManager[Draft | None]:
        raise AssertionError("what is converted has no drafts")

    def begin_session(self, run: str) -> None:
        """Nothing to do."""

    def format(self, format: StreamFormat) -> None:
        self.format_now = format

    def add(self, placed: Placed) -> None:
        self.order.append(placed.packet.track)
        if placed.packet.track is Track.VIDEO:
            assert self.format_now is not None
            codec = self.format_now.video.codec
            assert placed.packet.data.startswith(b"J" if codec is Codec.MJPEG else b"H")
            number = int(placed.packet.data[1:])
            self.pictures.append((number, codec, placed.packet.key, placed.wall))

    def clock_was_set(self, before: WallUs, after: WallUs) -> None:
        """Nothing to do."""

    def end_session(self, error: WachtelError) -> None:
        self.ended = True

    def stop(self) -> None:
        self.stopped = True


class Rig:
    """A camera with ten pictures a second, and a worker that answers when it is told to."""

    def __init__(self) -> None:
        self.clock = FakeClock(START)
        self.written = Written()
        self.troubles: list[WachtelError] = []
        self.gate = ConvertedGate(self.written, self.clock, self.troubles.append, last_pictures_s=0.001)
        self.sent = 0
        self.asked: list[Placed] = []
        self.last_key = -GOP
        self.gate.begin_session("run")
        self.gate.format(JPEG)

    def picture(self, *, wait_s: float = 1 / FPS, early: bool = False) -> None:
        self.clock.advance(wait_s)
        now, ticks = self.clock.wall_us(), self.sent * VIDEO_TICKS_PER_S // FPS
        data = b"J%d" % self.sent
        packet = Packet(data, ticks, ticks, Fraction(1, VIDEO_TICKS_PER_S), True, Track.VIDEO, now)
        placed = Placed(packet, ticks, 0, now)
        self.sent += 1
        self.asked.append(placed)
        if early:
            self.answer()
        self.gate.add(placed)

    def sound(self) -> None:
        now = self.clock.wall_us()
        self.gate.add(Placed(Packet(b"s", 0, 0, Fraction(1, 8000), True, Track.AUDIO, now), 0, 0, now))

    def answer(self) -> None:
        """The worker makes the oldest picture that it was asked for."""
        if not self.asked:
            return
        placed = self.asked.pop(0)
        number = int(placed.packet.data[1:])
        key = number - self.last_key >= GOP
        if key:
            self.last_key = number
            self.gate.take(TapFormat("door", StreamName.MAIN, StreamFormat(MADE)))
        self.gate.take(
            TapPacket("door", StreamName.MAIN, b"H%d" % number, placed.packet.pts, placed.packet.pts,
                      VIDEO_TICKS_PER_S, key, Track.VIDEO, placed.wall, False)
        )  # fmt: skip

    def die(self) -> None:
        """The worker is killed; the next one makes what comes from now on, and begins with a key frame."""
        self.asked.clear()
        self.last_key = self.sent - GOP
        self.gate.worker_gone()

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * FPS)):
            self.picture()
            self.answer()

    def numbers(self) -> list[int]:
        return [number for number, _, _, _ in self.written.pictures]

    def codecs(self) -> list[Codec]:
        return [codec for _, codec, _, _ in self.written.pictures]

    def check(self) -> None:
        """Every picture once, in order, and each change of codec at a key frame."""
        self.gate.stop()
        assert self.numbers() == list(range(self.sent))
        walls = [wall for _, _, _, wall in self.written.pictures]
        assert walls == sorted(walls)
        for (_, before, _, _), (_, codec, key, _) in pairwise(self.written.pictures):
            assert key or codec is before


def test_all_pictures_are_written_as_h264_with_their_own_times() -> None:
    rig = Rig()
    rig.run(5)
    rig.check()
    assert set(rig.codecs()) == {Codec.H264}
    assert [wall for _, _, _, wall in rig.written.pictures][:2] == [
        START + US_PER_S // FPS,
        START + 2 * US_PER_S // FPS,
    ]
    assert rig.written.format_now == StreamFormat(MADE, JPEG.audio)
    assert not rig.troubles


def test_a_worker_may_be_quicker_than_the_recorder() -> None:
    rig = Rig()
    for _ in range(50):
        rig.picture(early=True)
    assert len(rig.written.pictures) == 50
    rig.check()
    assert set(rig.codecs()) == {Codec.H264}


def test_sound_keeps_its_place_among_the_pictures() -> None:
    rig = Rig()
    for _ in range(5):
        rig.picture()
        rig.sound()
        rig.answer()
    rig.check()
    assert rig.written.order == [Track.VIDEO, Track.AUDIO] * 5


def test_a_worker_that_is_killed_costs_no_picture_and_is_tried_again() -> None:
    rig = Rig()
    rig.run(3)
    for _ in range(5):
        rig.picture()
    rig.die()
    rig.run(1)
    assert rig.codecs()[-1] is Codec.MJPEG
    rig.run(FIRST_RETRY_S + 3)
    assert rig.codecs()[-1] is Codec.H264
    assert rig.gate.written_as is Codec.H264
    rig.check()
    assert [one.kind for one in rig.troubles] == [ErrorKind.INTERNAL]


def test_a_worker_that_never_comes_delays_the_first_pictures_only() -> None:
    rig = Rig()
    while not rig.written.pictures:
        rig.picture()
    assert rig.sent / FPS < MOST_BEHIND_S + 0.5
    rig.picture()
    assert rig.numbers()[-1] == rig.sent - 1
    rig.check()
    assert set(rig.codecs()) == {Codec.MJPEG}


def test_a_worker_that_falls_behind_is_left_alone_for_longer_each_time() -> None:
    rig = Rig()
    rig.run(1)
    for number in range(3000):
        rig.picture()
        if number % 2:
            rig.answer()
        if len(rig.asked) > 40:
            del rig.asked[:40]
            rig.last_key = rig.sent - 2 * GOP
    rig.check()
    changes = sum(a is not b for a, b in pairwise(rig.codecs()))
    assert 1 <= changes <= 16
    assert rig.troubles[0].kind is ErrorKind.BUSY


def test_the_end_of_a_connection_leaves_nothing_behind() -> None:
    rig = Rig()
    rig.run(2)
    rig.picture()
    rig.gate.end_session(LOST)
    assert rig.written.ended
    assert rig.numbers() == list(range(rig.sent))


def test_other_streams_pass_unchanged() -> None:
    written = Written()
    troubles: list[WachtelError] = []
    gate = ConvertedGate(written, FakeClock(START), troubles.append)
    other = StreamFormat(VideoFormat(Codec.H264, 64, 48))
    gate.format(other)
    packet = Packet(b"H0", 0, 0, Fraction(1, VIDEO_TICKS_PER_S), True, Track.VIDEO, START)
    gate.add(Placed(packet, 0, 0, START))
    assert written.format_now == other
    assert len(written.pictures) == 1


@given(
    st.lists(st.sampled_from(["picture", "early", "answer", "die", "pause", "skip", "format"]), max_size=200)
)
def test_whatever_the_worker_does_every_picture_is_written_once(steps: list[str]) -> None:
    rig = Rig()
    for step in steps:
        match step:
            case "picture":
                rig.picture()
            case "early":
                rig.picture(early=True)
            case "answer":
                rig.answer()
            case "die":
                rig.die()
            case "pause":
                rig.picture(wait_s=3.0)
            case "skip":
                del rig.asked[:1]
            case _:
                rig.asked.clear()
                rig.last_key = rig.sent - GOP
                rig.gate.format(JPEG)
    rig.check()
