"""A camera's own word on motion as signals."""

from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.device import MotionReport
from wachtel.pipeline.camera_motion import LONGEST_S, CameraWord
from wachtel.pipeline.watching import Edge


def at(seconds: float) -> WallUs:
    return WallUs(round(1_000_000 * US_PER_S + seconds * US_PER_S))


def always(_: WallUs) -> bool:
    return True


def test_two_places_make_one_signal_from_the_first_beginning_to_the_last_end() -> None:
    word = CameraWord(always)
    began = word.take(MotionReport(at(0), True, "cells"))
    assert began is not None and (began.edge, began.since) == (Edge.ON, at(0))
    assert word.take(MotionReport(at(1), True, "alarm")) is None
    assert word.take(MotionReport(at(2), False, "cells")) is None
    ended = word.take(MotionReport(at(3), False, "alarm"))
    assert ended is not None and (ended.edge, ended.since, ended.last) == (Edge.OFF, at(0), at(3))


def test_the_end_of_what_never_began_is_nothing() -> None:
    assert CameraWord(always).take(MotionReport(at(0), False, "cells")) is None


def test_a_motion_that_goes_on_is_told_every_second() -> None:
    word = CameraWord(always)
    word.take(MotionReport(at(0), True, "cells"))
    assert word.tick(at(0.5)) is None
    told = word.tick(at(1))
    assert told is not None and (told.edge, told.since, told.last) == (Edge.UPDATE, at(0), at(1))


def test_a_camera_that_falls_silent_or_never_ends_is_ended() -> None:
    word = CameraWord(always)
    word.take(MotionReport(at(0), True, "cells"))
    lost = word.lost(at(4))
    assert lost is not None and lost.edge is Edge.OFF
    assert word.lost(at(5)) is None
    word.take(MotionReport(at(10), True, "cells"))
    over = word.tick(at(11 + LONGEST_S))
    assert over is not None and over.edge is Edge.OFF


def test_outside_of_the_schedule_nothing_counts() -> None:
    word = CameraWord(lambda when: when < at(5))
    word.take(MotionReport(at(0), True, "cells"))
    over = word.tick(at(6))
    assert over is not None and over.edge is Edge.OFF
    assert word.take(MotionReport(at(7), True, "cells")) is None
