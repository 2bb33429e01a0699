"""Sunrise and sunset against what almanacs print, and against the formula of the sun's height itself."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.model.rule import Place
from wachtel.model.sun import elevation, is_dark, sunrise, sunset

BERLIN, SYDNEY, NEW_YORK, TROMSO = (
    Place(52.52, 13.405), Place(-33.87, 151.21), Place(40.71, -74.01), Place(69.65, 18.95)
)  # fmt: skip


@pytest.mark.parametrize(
    ("place", "zone", "day", "rise", "set_"),
    [
        (BERLIN, "Europe/Berlin", date(2026, 6, 21), "04:43", "21:33"),
        (BERLIN, "Europe/Berlin", date(2026, 12, 21), "08:15", "15:54"),
        (SYDNEY, "Australia/Sydney", date(2026, 1, 1), "05:47", "20:09"),
        (NEW_YORK, "America/New_York", date(2026, 3, 20), "06:59", "19:08"),
    ],
)
def test_it_is_right_to_a_minute(place: Place, zone: str, day: date, rise: str, set_: str) -> None:
    for found, printed in ((sunrise(place, day), rise), (sunset(place, day), set_)):
        assert found is not None
        there = found.astimezone(ZoneInfo(zone))
        assert there.date() == day
        hour, minute = map(int, printed.split(":"))
        assert abs((there - there.replace(hour=hour, minute=minute, second=30)).total_seconds()) <= 90


def test_far_north_there_are_days_without_either() -> None:
    for day in (date(2026, 6, 21), date(2026, 12, 21)):
        assert sunrise(TROMSO, day) is None and sunset(TROMSO, day) is None
    assert is_dark(TROMSO, datetime(2026, 12, 21, 11, tzinfo=UTC))
    assert not is_dark(TROMSO, datetime(2026, 6, 21, 23, tzinfo=UTC))


@given(st.floats(-64, 64), st.floats(-180, 180), st.dates(date(2020, 1, 1), date(2049, 12, 31)))
def test_the_sun_is_on_the_horizon_then_and_up_in_between(
    latitude: float, longitude: float, day: date
) -> None:
    place = Place(latitude, longitude)
    rises, sets = sunrise(place, day), sunset(place, day)
    assert rises is not None and sets is not None
    assert timedelta() < sets - rises < timedelta(days=1)
    for at in (rises, sets):
        assert abs(elevation(place, at) + 0.833) < 0.05
    assert not is_dark(place, rises + (sets - rises) / 2)
    assert is_dark(place, rises - timedelta(minutes=10)) and is_dark(place, sets + timedelta(minutes=10))
