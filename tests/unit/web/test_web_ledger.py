"""Accounts by the days of a site, the timeline, and gaps of this moment."""

import base64
import json
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from conftest import House
from web_client import AppClient
from web_fakes import START

from wachtel.base.errors import WachtelError
from wachtel.base.time_zones import zone_of
from wachtel.base.units import HOUR_US, WallUs
from wachtel.model.access import Scope
from wachtel.model.footage import GapReason, LastingGap
from wachtel.model.live import GapAlarm
from wachtel.web.local_days import local_day, local_month, today

LEDGER = "/api/v1/cameras/vorzelt/ledger"
COVERAGE = "/api/v1/cameras/vorzelt/coverage"
RANGE = {"from": "2026-11-21T14:00:00Z", "to": "2026-11-21T15:00:00Z"}


@pytest.fixture
def viewer(house: House) -> AppClient:
    return house.client(house.token(Scope.VIEW))


def test_a_day_of_the_site(viewer: AppClient) -> None:
    found = viewer.get(LEDGER, params={"day": "2026-11-21"}).json()
    assert (found["time_zone"], found["day"]) == ("Europe/Berlin", "2026-11-21")
    assert (found["start"], found["end"]) == ("2026-11-20T23:00:00.000000Z", "2026-11-21T23:00:00.000000Z")
    assert [(one["state"], one["reason"]) for one in found["stretches"]] == [
        ("recorded", None),
        ("gap", "crash"),
    ]
    assert found["stretches"][-1]["end"] == found["until"]
    recorded_s = 15.5 * 3600
    assert found["coverage"]["recorded_s"] == recorded_s
    assert found["coverage"]["share"] == pytest.approx(recorded_s / (recorded_s + 600), abs=1e-6)


def test_without_a_day_it_is_today_at_the_site(house: House, viewer: AppClient) -> None:
    house.clock.advance(9 * 3600)
    assert viewer.get(LEDGER).json()["day"] == "2026-11-22"


@pytest.mark.parametrize("day", ["21.11.2026", "0001-01-01", "9999-12-31", "1969-12-31", "2026-02-30", "x"])
def test_days_that_are_none(viewer: AppClient, day: str) -> None:
    assert viewer.get(LEDGER, params={"day": day}).status_code == 422


def test_a_month_and_its_days_so_far(viewer: AppClient) -> None:
    found = viewer.get(COVERAGE, params={"month": "2026-11"}).json()
    assert [day["day"] for day in found["days"]] == [f"2026-11-{day:02d}" for day in range(1, 22)]
    assert found["days"][0]["coverage"]["share"] == 1.0
    assert found["coverage"]["gap_s"] == 600
    assert viewer.get(COVERAGE).json() == found
    assert viewer.get(COVERAGE, params={"month": "2027-01"}).json()["days"] == []
    assert viewer.get(COVERAGE, params={"month": "2027-01"}).json()["coverage"]["share"] is None


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "November", "0000-01"])
def test_months_that_are_none(viewer: AppClient, month: str) -> None:
    assert viewer.get(COVERAGE, params={"month": month}).status_code == 422


def test_the_timeline_of_all_cameras_and_of_one(viewer: AppClient) -> None:
    found = viewer.get("/api/v1/timeline", params=RANGE).json()
    assert [line["camera"] for line in found["cameras"]] == ["vorzelt", "flur"]
    flur = found["cameras"][1]
    assert [event["start"] for event in flur["events"]] == sorted(event["start"] for event in flur["events"])
    assert len(flur["events"]) == 2 and flur["more_events"] is False
    assert [one["state"] for one in flur["stretches"]] == ["recorded", "gap"]
    one = viewer.get("/api/v1/timeline", params=RANGE | {"camera": "flur"}).json()
    assert one["cameras"] == [flur]


def test_the_timeline_hides_what_somebody_may_not_see(house: House) -> None:
    client = house.client(house.token(Scope.VIEW, frozenset({"home"})))
    found = client.get("/api/v1/timeline", params=RANGE).json()
    assert [line["camera"] for line in found["cameras"]] == ["flur"]
    assert client.get("/api/v1/timeline", params=RANGE | {"camera": "vorzelt"}).status_code == 404


def test_a_year_by_the_hour(viewer: AppClient) -> None:
    year = {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z", "camera": "flur"}
    (line,) = viewer.get("/api/v1/timeline/hours", params=year).json()["cameras"]
    assert base64.b64decode(line["hours"][0]["presence"]) == b"\xff" * 45
    assert viewer.get("/api/v1/timeline", params=year).status_code == 422
    assert (
        viewer.get("/api/v1/timeline", params={"from": RANGE["to"], "to": RANGE["from"]}).status_code == 422
    )


def test_a_gap_of_this_moment_stands_in_the_camera(house: House, viewer: AppClient) -> None:
    assert viewer.get("/api/v1/cameras/flur").json()["gap"] is None
    house.engine.missing["flur"] = LastingGap(START, GapReason.NO_PACKETS)
    assert viewer.get("/api/v1/cameras/flur").json()["gap"] == {
        "since": "2026-11-21T14:30:00.000000Z",
        "reason": "no_packets",
        "alarm": True,
    }


def test_an_alarm_is_told_to_those_who_may_see_the_camera(house: House) -> None:
    near = house.client(house.token(Scope.VIEW)).listen("/api/v1/stream")
    assert near.receive()["status"] == 200
    near.receive()
    house.engine.news.put_nowait(GapAlarm("flur", "home", START, GapReason.DISK_FULL))
    body = near.receive()["body"].decode()
    near.end()
    assert body.startswith("event: gap\n")
    assert json.loads(body.split("data: ")[1]) == {
        "camera": "flur",
        "site": "home",
        "since": "2026-11-21T14:30:00.000000Z",
        "reason": "disk_full",
        "until": None,
    }
    far = house.client(house.token(Scope.VIEW, frozenset({"caravan"}))).listen("/api/v1/stream")
    far.receive()
    far.receive()
    house.engine.news.put_nowait(GapAlarm("flur", "home", START, GapReason.DISK_FULL))
    assert far.silent()
    far.end()


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24), ("2024-02-29", 24)],
)
def test_days_have_23_to_25_hours(day: str, hours: int) -> None:
    found = local_day(date.fromisoformat(day), ZoneInfo("Europe/Berlin"))
    assert (found.end - found.start) / HOUR_US == hours


def test_days_follow_each_other_without_a_hole_even_where_midnight_is_left_out() -> None:
    days = local_month(date(2018, 11, 1), ZoneInfo("America/Sao_Paulo"))
    assert all(one.end == two.start for one, two in pairwise(days))
    assert sum(day.end - day.start for day in days) == (30 * 24 - 1) * HOUR_US


def test_zones_that_the_machine_does_not_know() -> None:
    assert today(WallUs(0), zone_of("Mars/Base")) == date(1970, 1, 1)
    with pytest.raises(WachtelError):
        local_day(date(1969, 1, 1), zone_of("UTC"))
