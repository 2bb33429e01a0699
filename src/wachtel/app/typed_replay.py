"""What ``wachtel replay`` was asked: the camera as it is stored, the days, and the settings to try."""

import argparse
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from wachtel.app.api_client import named, open_api
from wachtel.app.typed_zone import zones_from_text
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.time_zones import zone_of
from wachtel.base.units import WallUs
from wachtel.model.camera import Camera, MotionSettings
from wachtel.model.zone_checks import check_motion
from wachtel.pipeline.replay import Wanted
from wachtel.web.local_days import local_day, today
from wachtel.web.motion_questions import MotionQuestion


def replay_asked(options: argparse.Namespace, now: WallUs) -> tuple[Camera, Wanted]:
    """Raises `WachtelError` (not_found, invalid)."""
    with open_api(options.data) as api:
        found = api.call("GET", f"/api/v1/cameras/{named(options.camera)}")
        sites = api.call("GET", "/api/v1/sites")
    time_zone = next((site["time_zone"] for site in sites if site["id"] == found["site"]), "UTC")
    camera = _camera(found)
    zone = zone_of(time_zone)
    last = _day(options.day) if options.day else today(now, zone)
    start = local_day(last - timedelta(days=options.days - 1), zone).start
    motion = replace(_tried(options, camera.motion), time_zone=time_zone)
    check_motion(motion)
    return camera, Wanted(start, local_day(last, zone).end, motion)


def _camera(found: dict[str, Any]) -> Camera:
    motion = MotionQuestion.model_validate(found["motion"]).settings()
    return Camera(
        id=found["id"], site=found["site"], name=found["name"], main_url=found["url"],
        pre_roll_s=found["pre_roll_s"], post_roll_s=found["post_roll_s"], motion=motion,
    )  # fmt: skip


def _tried(options: argparse.Namespace, motion: MotionSettings) -> MotionSettings:
    if options.sensitivity is not None:
        motion = replace(motion, sensitivity=options.sensitivity)
    if options.zone:
        motion = replace(motion, zones=zones_from_text(options.zone, 1, 1), lines=())
    return motion


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WachtelError(ErrorKind.INVALID, f"{text[:40]!r} is not a day such as 2026-11-21.") from error
