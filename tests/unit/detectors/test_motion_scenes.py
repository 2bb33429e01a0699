"""The engine on drawn scenes: who is seen and how soon, and what must stay quiet."""

import itertools

import pytest
from motion_scenes import (
    BEGIN,
    Happening,
    Scene,
    cloud_shadow,
    flicker,
    headlights,
    infrared_switch,
    lamp_on,
    light_change,
    rain,
    snow,
    swaying_trees,
    thing_left,
    visitor_who_stands,
    walker,
)
from standing_people import crosses, stands, visit

from wachtel.base.units import US_PER_S
from wachtel.detectors.motion import driver
from wachtel.model.camera import MotionSettings
from wachtel.model.event import Motion
from wachtel.model.zone import Zone, ZoneKind


def motions(scene: Scene, seconds: float, settings: MotionSettings | None = None) -> list[Motion]:
    """All words of a detector on a scene."""
    detector = driver.create(settings or MotionSettings(), 2 * scene.width, 2 * scene.height)
    assert detector.picture_size == (scene.width, scene.height)
    words = [detector.look(picture) for picture in scene.pictures(seconds)]
    return [word for word in words if word is not None]


def s(moment: int) -> float:
    return (moment - BEGIN) / US_PER_S


@pytest.mark.parametrize(
    ("height", "contrast"),
    [
        (60, 1.0),
        (60, 0.35),
        (33, 1.0),
        (33, 0.35),
        (20, 1.0),
        (20, 0.35),
        (13, 1.0),
        (13, 0.35),
        (8, 1.0),
        (5, 1.0),
    ],
)
def test_walkers_are_seen_soon(height: int, contrast: float) -> None:
    scene = Scene(happenings=(walker(height, contrast, start=12.0, speed=max(12.0, height * 0.8)),))
    words = motions(scene, 17.0)
    assert words, "never seen"
    assert s(words[0].at) - 12.0 <= (0.7 if height >= 20 else 2.0)
    assert 11.95 <= s(words[0].since) <= s(words[0].at)
    assert words[-1].why.travel > 0.05


@pytest.mark.parametrize(
    "scene",
    [
        Scene(sigma=2.5),
        Scene(sigma=8.0, light=0.35, seed=2),
        Scene(happenings=(light_change(10, 12, 0.6),)),
        Scene(happenings=(light_change(10, 10.2, 1.5),)),
        Scene(happenings=(light_change(5, 60, 0.3),)),
        Scene(sigma=0.0),
        Scene(happenings=(cloud_shadow(10, 60, 0.3),)),
        Scene(happenings=(headlights(10),)),
        Scene(happenings=(lamp_on(10, 250, 60, 70, 0.8),)),
        Scene(happenings=(infrared_switch(10),)),
        Scene(happenings=(flicker(0.03, 1.0),)),
    ],
    ids=[
        "day",
        "night",
        "cloud over all",
        "lamp over all",
        "dusk",
        "no noise",
        "edge of a cloud",
        "headlights",
        "lamp",
        "infrared",
        "flicker",
    ],
)
def test_nothing_is_said_of_a_quiet_scene(scene: Scene) -> None:
    assert motions(scene, 40.0) == []


def test_leaves_that_always_sway_are_quiet_and_hide_nobody() -> None:
    leaves = swaying_trees(150, 310, amplitude=2.0)
    words = motions(Scene(happenings=(leaves, walker(40, 1.0, start=30.0, speed=30.0))), 35.0)
    assert [word for word in words if 20 < s(word.at) < 29.9] == []
    assert any(s(word.at) < 30.8 for word in words if s(word.at) >= 30)


def test_what_stops_falls_silent_and_leaves_no_ghost() -> None:
    words = motions(Scene(happenings=(thing_left(150, 80, 24, start=10.0, end=40.0),)), 60.0)
    assert [word for word in words if 11.5 < s(word.at) < 39.9 or s(word.at) > 41.5] == []


def test_a_visitor_who_stands_is_seen_coming_and_going() -> None:
    words = motions(Scene(happenings=(visitor_who_stands(10, 15),)), 40.0)
    seen = [s(word.at) for word in words]
    assert any(10 < moment < 11 for moment in seen)
    assert any(29 < moment < 30 for moment in seen)
    assert not any(15 < moment < 28.9 or moment > 35 for moment in seen)


def test_who_stands_still_for_long_is_there_until_he_left() -> None:
    seen = visit(stands(30.0, 12.0), 1.0, seed=1)
    words = [s(word.at) for word in motions(seen.scene, seen.end_s + 5.0)]
    assert words[0] < seen.begin_s + 0.5
    assert seen.end_s - 0.5 < words[-1] < seen.end_s + 1.0
    assert all(later - earlier < 1.5 for earlier, later in itertools.pairwise(words))


def test_who_goes_slowly_is_followed() -> None:
    seen = visit(crosses(40.0, 5.0), 0.8, seed=1)
    words = [s(word.at) for word in motions(seen.scene, 45.0)]
    assert words[0] < seen.begin_s + 1.0
    assert words[-1] > 44.5
    pauses = [later for earlier, later in itertools.pairwise(words) if later - earlier > 1.5]
    assert len(pauses) <= 2
    assert not [moment for moment in pauses if moment > seen.begin_s + 15.0]


def test_rain_calms_itself() -> None:
    words = motions(Scene(happenings=(rain(10, 60),)), 60.0)
    assert len([word for word in words if s(word.at) > 35]) < 30


@pytest.mark.parametrize(
    "scene",
    [
        Scene(happenings=(swaying_trees(150, 310, 2.0, start=10.0),)),
        Scene(seed=2, happenings=(swaying_trees(20, 120, 3.0, start=10.0),)),
        Scene(happenings=(snow(0, 40),)),
    ],
    ids=["trees begin to sway", "other trees", "snow"],
)
def test_nothing_is_said_when_wind_rises_or_snow_falls(scene: Scene) -> None:
    assert motions(scene, 25.0) == []


@pytest.mark.parametrize(
    "weather", [rain(0, 60), snow(0, 60), swaying_trees(100, 280, 2.0)], ids=["rain", "snow", "trees"]
)
def test_weather_hides_nobody(weather: Happening) -> None:
    words = motions(Scene(happenings=(weather, walker(40, 1.0, start=12.0, speed=32.0))), 16.0)
    assert any(12 < s(word.at) < 14 for word in words)


def test_motion_outside_the_zone_is_none_and_entering_it_starts_then() -> None:
    scene = Scene(happenings=(walker(40, 1.0, start=10.0, speed=40.0),))
    zone = Zone("right", ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
    words = motions(scene, 20.0, MotionSettings(zones=(zone,)))
    assert words[0].zones == ("right",)
    assert 13.7 <= s(words[0].since) <= s(words[0].at) <= 15.0


def test_motion_that_stays_outside_all_zones_is_no_motion() -> None:
    scene = Scene(happenings=(walker(40, 1.0, start=5.0, speed=40.0, foot=80),))
    zone = Zone("below", ((0.0, 0.6), (1.0, 0.6), (1.0, 1.0), (0.0, 1.0)))
    assert motions(scene, 15.0, MotionSettings(zones=(zone,))) == []


def test_a_mask_hides_what_is_in_it() -> None:
    scene = Scene(happenings=(walker(40, 1.0, start=5.0, speed=40.0, foot=80),))
    mask = Zone("street", ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5)), ZoneKind.MASK)
    assert motions(scene, 15.0, MotionSettings(zones=(mask,))) == []


def test_sensitivity_orders_what_is_found() -> None:
    scene = Scene(sigma=4.0, happenings=(walker(8, 0.6, start=8.0, speed=12.0),))
    counts = [len(motions(scene, 20.0, MotionSettings(sensitivity=level))) for level in (0, 50, 100)]
    assert counts[0] <= counts[1] <= counts[2]
    assert counts[2] > 0


@pytest.mark.parametrize("fps", [1.0, 4.0, 15.0, 25.0])
def test_pictures_may_come_at_any_rate(fps: float) -> None:
    scene = Scene(fps=fps, happenings=(walker(60, 1.0, start=12.0, speed=40.0),))
    words = motions(scene, 20.0)
    assert words
    assert s(words[0].at) >= 12


def test_it_is_suspicious_before_it_is_sure() -> None:
    detector = driver.create(MotionSettings(), 640, 360)
    scene = Scene(fps=0.5, happenings=(walker(60, 1.0, start=19.0, speed=40.0),))
    suspicious = []
    for picture in scene.pictures(22.0):
        detector.look(picture)
        suspicious.append(detector.suspicious())
    assert suspicious[5:10] == [False] * 5
    assert suspicious[10]


def test_the_same_pictures_give_the_same_answers() -> None:
    scene = Scene(happenings=(swaying_trees(200, 300, 2.0), walker(40, 1.0, start=4.0, speed=30.0)))
    assert motions(scene, 8.0) == motions(scene, 8.0)


def test_somebody_is_seen_in_a_dark_and_grainy_picture() -> None:
    dark = Scene(sigma=8.0, light=0.35, happenings=(walker(60, 1.0, start=12.0, speed=48.0),))
    words = motions(dark, 15.0)
    assert words, "grain was taken for an upheaval for ever"
    assert 12 <= s(words[0].at) <= 13
