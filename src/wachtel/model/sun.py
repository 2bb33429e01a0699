"""Sunrise and sunset for a place and a day, computed: no service is asked. Good to about a minute below 65 degrees.

After the low-precision formulas of the Astronomical Almanac (mean longitude and anomaly of the sun, good to 0.01
degrees from 1950 to 2050); the hour angle is solved three times, each with the sun where it was at the last answer.
"""

from datetime import UTC, date, datetime, timedelta
from math import acos, asin, atan2, cos, degrees, pi, radians, sin

from wachtel.model.rule import Place

HORIZON = radians(-0.833)
"""The upper edge of the sun on the horizon: refraction and half its width."""

_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
_ROUNDS = 3


def sunrise(place: Place, day: date) -> datetime | None:
    """When the sun rises on this day of the place's own calendar; None when it does not."""
    return _crossing(place, day, -1)


def sunset(place: Place, day: date) -> datetime | None:
    """When it sets; None when it does not."""
    return _crossing(place, day, 1)


def elevation(place: Place, at: datetime) -> float:
    """How high the middle of the sun stands, in degrees; negative below the horizon. Without refraction."""
    right_ascension, declination = _sun(at)
    hour_angle = _sidereal(at) + radians(place.longitude) - right_ascension
    latitude = radians(place.latitude)
    height = sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(hour_angle)
    return degrees(asin(max(-1.0, min(1.0, height))))


def is_dark(place: Place, at: datetime) -> bool:
    """True between sunset and sunrise."""
    return elevation(place, at) < degrees(HORIZON)


def _crossing(place: Place, day: date, side: int) -> datetime | None:
    """``side`` -1 before noon, 1 after it."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(days=place.longitude / 360)
    at = noon + timedelta(days=side / 4)
    for _ in range(_ROUNDS):
        reach = _reach(place, at)
        if reach is None:
            return None
        right_ascension, _ = _sun(at)
        angle = _sidereal(at) + radians(place.longitude) - right_ascension - side * reach
        at -= timedelta(days=_wrapped(angle) / (2 * pi) / 1.00273790935)
    return at


def _reach(place: Place, at: datetime) -> float | None:
    """The hour angle at which the sun meets the horizon; None when it stays above or below."""
    _, declination = _sun(at)
    latitude = radians(place.latitude)
    below = cos(latitude) * cos(declination)
    if abs(below) < 1e-9:
        return None
    cosine = (sin(HORIZON) - sin(latitude) * sin(declination)) / below
    return acos(cosine) if -1 < cosine < 1 else None


def _sun(at: datetime) -> tuple[float, float]:
    """Right ascension and declination in radians."""
    days = (at - _J2000).total_seconds() / 86_400
    longitude = radians((280.460 + 0.9856474 * days) % 360)
    anomaly = radians((357.528 + 0.9856003 * days) % 360)
    ecliptic = longitude + radians(1.915) * sin(anomaly) + radians(0.020) * sin(2 * anomaly)
    tilt = radians(23.439 - 0.0000004 * days)
    return atan2(cos(tilt) * sin(ecliptic), cos(ecliptic)), asin(sin(tilt) * sin(ecliptic))


def _sidereal(at: datetime) -> float:
    """Greenwich mean sidereal time in radians."""
    days = (at - _J2000).total_seconds() / 86_400
    return radians((280.46061837 + 360.98564736629 * days) % 360)


def _wrapped(angle: float) -> float:
    """The same angle between -pi and pi."""
    return (angle + pi) % (2 * pi) - pi
