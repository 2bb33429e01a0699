"""When a camera counts as away, and when as back."""

from dataclasses import replace

import pytest

from wachtel.automation.camera_watch import STEADY_S, CameraBack, CameraWatch
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.camera import Camera, CameraCondition, StreamState
from wachtel.storage.state.outbox_marks import Outage
from wachtel.testing.clock import FakeClock

CAMERA = Camera("garden", "home", "Garten", "rtsp://192.168.1.20/", gap_limit_s=30.0)


class Watched:
    """A camera whose state a test sets; `after` looks at it once a second."""

    def __init__(self, *outages: Outage) -> None:
        self.clock = FakeClock()
        self.watch = CameraWatch(self.clock, outages)
        self.state: StreamState | None = None
        self.be(CameraCondition.LIVE)

    def be(self, condition: CameraCondition, reason: str = "", *, pictures: bool = True) -> None:
        now = self.clock.wall_us()
        last = now if pictures else None
        if self.state is not None and self.state.last_frame is not None and condition != "live":
            last = self.state.last_frame
        self.state = StreamState(condition, now, reason, f"It is {condition}.", "", last)

    def after(self, seconds: int, camera: Camera = CAMERA) -> list[Outage | CameraBack]:
        found = []
        for _ in range(seconds):
            self.clock.advance(1)
            if self.state is not None and self.state.condition is CameraCondition.LIVE:
                self.state = replace(self.state, last_frame=self.clock.wall_us())
            found.append(self.watch.look(camera, self.state))
        return [one for one in found if one is not None]


def test_a_camera_away_for_its_limit_is_told_once_with_its_reason() -> None:
    watched = Watched()
    assert watched.after(10) == []
    last = watched.clock.wall_us()
    watched.be(CameraCondition.OFFLINE, "unreachable")
    assert watched.after(29) == []
    watched.be(CameraCondition.OFFLINE, "unreachable")
    (told,) = watched.after(60)
    assert isinstance(told, Outage)
    assert (told.since, told.reason, told.camera, told.site) == (last, "unreachable", "garden", "home")
    assert told.told - told.since == 30 * US_PER_S


def test_a_camera_that_stalls_is_counted_from_its_last_picture() -> None:
    watched = Watched()
    watched.after(5)
    for _ in range(8):
        watched.clock.advance(1)
    watched.be(CameraCondition.STALLED, "stalled")
    assert watched.after(21) == []
    assert len(watched.after(2)) == 1


def test_back_means_pictures_for_some_seconds() -> None:
    watched = Watched()
    watched.after(1)
    watched.be(CameraCondition.OFFLINE, "unreachable")
    (told,) = watched.after(40)
    assert isinstance(told, Outage)
    watched.be(CameraCondition.LIVE)
    assert watched.after(int(STEADY_S) - 1) == []
    watched.be(CameraCondition.OFFLINE, "stream_ended")
    assert watched.after(60) == []
    watched.be(CameraCondition.LIVE)
    began = watched.clock.wall_us()
    (back,) = watched.after(20)
    assert back == CameraBack(told, WallUs(began + US_PER_S))


def test_a_camera_that_flaps_every_three_seconds_is_told_once() -> None:
    watched = Watched()
    watched.after(1)
    news = []
    for _ in range(100):
        watched.be(CameraCondition.OFFLINE, "stream_ended")
        news += watched.after(3)
        watched.be(CameraCondition.LIVE)
        news += watched.after(3)
    assert len(news) == 1 and isinstance(news[0], Outage)


def test_short_breaks_are_nothing() -> None:
    watched = Watched()
    for _ in range(10):
        watched.be(CameraCondition.OFFLINE, "stream_ended")
        assert watched.after(25) == []
        watched.be(CameraCondition.LIVE)
        assert watched.after(10) == []


def test_every_camera_has_its_own_limit() -> None:
    watched = Watched()
    watched.be(CameraCondition.OFFLINE, "unreachable")
    assert watched.after(100, replace(CAMERA, gap_limit_s=120.0)) == []
    assert len(watched.after(25, replace(CAMERA, gap_limit_s=120.0))) == 1


def test_an_outage_told_before_a_restart_ends_after_it() -> None:
    outage = Outage("garden", "home", WallUs(1), WallUs(2), "unreachable", "It is away.")
    watched = Watched(outage)
    watched.be(CameraCondition.CONNECTING, pictures=False)
    assert watched.after(100) == []
    watched.be(CameraCondition.LIVE)
    (back,) = watched.after(10)
    assert isinstance(back, CameraBack) and back.outage == outage


@pytest.mark.parametrize("state", [None, StreamState(CameraCondition.OFF, WallUs(0))])
def test_a_camera_nobody_speaks_of_is_left_alone(state: StreamState | None) -> None:
    watched = Watched()
    watched.state = state
    assert watched.after(100) == []


def test_a_wall_clock_that_jumps_makes_no_outage() -> None:
    watched = Watched()
    watched.after(5)
    watched.clock.jump_wall(10 * 365 * 86_400)
    watched.be(CameraCondition.CONNECTING, pictures=False)
    assert watched.after(5) == []
    watched.clock.jump_wall(-20 * 365 * 86_400)
    assert watched.after(5) == []
    watched.be(CameraCondition.LIVE)
    assert watched.after(60) == []


def test_a_removed_camera_is_forgotten() -> None:
    watched = Watched()
    watched.be(CameraCondition.OFFLINE, "unreachable")
    assert len(watched.after(40)) == 1
    watched.watch.forget("garden")
    assert watched.watch.cameras() == []
