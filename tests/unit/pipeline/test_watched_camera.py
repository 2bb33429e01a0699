"""One camera under analysis: how much is decoded, and what comes of damage."""

import pytest
from media_samples import encoded
from msgspec import structs

from wachtel.base.units import US_PER_S, WallUs
from wachtel.detectors.api import Detector, Picture
from wachtel.model.camera import Analysis, MotionSettings
from wachtel.model.event import Motion, Why
from wachtel.model.stream import Codec, StreamFormat, StreamName, VideoFormat
from wachtel.model.watch import Policy
from wachtel.pipeline.messages import TapPacket, tap_packet
from wachtel.pipeline.watched_camera import WatchedCamera, choice_for
from wachtel.pipeline.watching import Edge


class Eye:
    """A detector that sees motion from one picture to another."""

    picture_size = (48, 32)
    most_fps = 100.0

    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last
        self.looks = 0

    def look(self, picture: Picture) -> Motion | None:
        self.looks += 1
        if self._first <= self.looks <= self._last:
            return Motion(picture.at, picture.at, 0.9, why=Why(area=self.looks / 100))
        return None

    def suspicious(self) -> bool:
        return False


class Eyes:
    """A driver that makes the eye given."""

    def __init__(self, eye: Eye) -> None:
        self._eye = eye

    def create(self, settings: MotionSettings, width: int, height: int) -> Detector:
        return self._eye


SAMPLE = encoded(frames=60, gop=10)


def packets() -> list[TapPacket]:
    return [
        tap_packet("tor", StreamName.SUB, packet, packet.arrival, cached=False) for packet in SAMPLE.packets
    ]


def watched(eye: Eye, settings: MotionSettings | None = None) -> WatchedCamera:
    camera = WatchedCamera("tor", StreamName.SUB, settings or MotionSettings(), Eyes(eye))
    camera.format(SAMPLE.format)
    return camera


def test_motion_gives_a_signal_with_a_picture() -> None:
    camera = watched(Eye(10, 20))
    seen = [one for packet in packets() for one in camera.packet(packet)]
    assert next(one.signal.edge for one in seen) is Edge.ON
    assert seen[-1].signal.edge is Edge.OFF
    assert seen[0].snapshot.startswith(b"\xff\xd8")


class Growing(Eye):
    """What it sees is as large as told for each look, 0 for nothing."""

    def __init__(self, areas: list[int]) -> None:
        super().__init__(0, 0)
        self._areas = areas

    def look(self, picture: Picture) -> Motion | None:
        self.looks += 1
        area = self._areas[self.looks - 1] if self.looks <= len(self._areas) else 0
        return Motion(picture.at, picture.at, 0.9, why=Why(area=area / 100)) if area else None


def pictures_told(areas: list[int], fps: float) -> list[tuple[Edge, float]]:
    """Of each signal with a picture the edge and how good it is, in hundredths."""
    camera, apart = watched(Growing(areas)), round(US_PER_S / fps)
    told = [
        one
        for number, packet in enumerate(packets())
        for one in camera.packet(structs.replace(packet, at=WallUs(US_PER_S + number * apart)))
    ]
    return [(one.signal.edge, round(one.quality * 100)) for one in told if one.snapshot]


def test_a_better_picture_is_told_every_few_seconds_and_the_best_in_the_end() -> None:
    told = pictures_told([0, *range(1, 50)], fps=5.0)
    assert told == [(Edge.ON, 1), (Edge.UPDATE, 29), (Edge.OFF, 46)]


def test_after_a_short_pause_the_best_picture_still_is_and_after_a_long_one_it_is_not() -> None:
    short = [0, 40, 40, *[0] * 9, 20, 20, *[0] * 9, 60]
    long = [0, 40, 40, *[0] * 20, 20, 20, *[0] * 9]
    assert pictures_told(short, fps=10.0) == [(Edge.ON, 40), (Edge.ON, 60)]
    assert pictures_told(long, fps=10.0) == [(Edge.ON, 40), (Edge.ON, 20)]


def test_a_lost_gop_costs_nothing_but_itself() -> None:
    eye = Eye(0, 0)
    camera = watched(eye)
    for number, packet in enumerate(packets()):
        if number == 15:
            camera.lost(5)
        elif not 15 <= number < 20:
            camera.packet(packet)
    assert camera.losses == 5
    assert eye.looks >= 50


@pytest.mark.parametrize(
    "settings", [MotionSettings(enabled=False), MotionSettings(analysis=Analysis.CAMERA)]
)
def test_who_is_not_watched_is_not_decoded_until_somebody_asks(settings: MotionSettings) -> None:
    eye = Eye(0, 0)
    camera = watched(eye, settings)
    assert camera.want == "keys"
    for packet in packets():
        if packet.key:
            assert camera.packet(packet) == []
    assert (eye.looks, camera.pictures) == (0, 0)
    assert camera.snapshot().startswith(b"\xff\xd8")


def test_a_picture_seen_twice_is_looked_at_once() -> None:
    eye = Eye(0, 0)
    camera = watched(eye)
    for packet in packets():
        camera.packet(packet)
    looks = eye.looks
    camera.lost(1)
    for packet in packets()[:30]:
        camera.packet(packet)
    assert eye.looks == looks


def test_a_clock_set_back_makes_nobody_blind() -> None:
    eye = Eye(10, 1000)
    camera = watched(eye)
    hour_us = 3600 * 1_000_000
    later = [structs.replace(packet, at=WallUs(packet.at + hour_us)) for packet in packets()]
    before = [one for packet in later for one in camera.packet(packet)]
    looks = eye.looks
    after = [one for packet in packets() for one in camera.packet(packet)]
    assert eye.looks > looks + 50
    assert before[0].signal.edge is Edge.ON
    assert [one.signal.edge for one in after][:2] == [Edge.OFF, Edge.ON]


@pytest.mark.parametrize(
    ("width", "height", "policy"),
    [
        (640, 360, Policy.EVERY_FRAME),
        (1280, 720, Policy.EVERY_FRAME),
        (1920, 1080, Policy.KEY_FRAMES),
        (0, 0, Policy.KEY_FRAMES),
    ],
)
def test_large_pictures_are_looked_at_by_key_frames(width: int, height: int, policy: Policy) -> None:
    assert choice_for(VideoFormat(Codec.H264, width, height))[0] is policy


def test_a_new_size_ends_what_was_seen() -> None:
    camera = watched(Eye(5, 1000))
    for packet in packets():
        camera.packet(packet)
    other = StreamFormat(VideoFormat(Codec.H264, 320, 240, SAMPLE.video.parameter_sets))
    assert [one.signal.edge for one in camera.format(other)] == [Edge.OFF]
    assert camera.elapsed(WallUs(1 << 60)) == []


class WaryEye(Eye):
    """Finds the pictures suspicious in which something moves, and some before."""

    def suspicious(self) -> bool:
        return self._first - 3 <= self.looks <= self._last


def test_only_what_is_not_known_yet_is_urgent() -> None:
    camera = watched(WaryEye(20, 30))
    wanted: list[str] = []
    for packet in packets():
        camera.packet(packet)
        if wanted[-1:] != [camera.want]:
            wanted.append(camera.want)
    assert wanted[:3] == ["soon", "all", "soon"]
    assert camera.pictures > 30


def test_in_economy_nothing_but_key_frames_is_wanted_until_something_is_suspicious() -> None:
    camera = watched(WaryEye(20, 30), MotionSettings(analysis=Analysis.ECONOMY))
    wanted = {camera.want}
    for number, packet in enumerate(packets()):
        camera.packet(packet)
        wanted.add(camera.want)
        if number == 10:
            assert wanted == {"keys"}
    assert wanted == {"keys", "all", "soon"}
