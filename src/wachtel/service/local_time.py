"""The day it was where the customer lives: a deadline is over at midnight there.

A time without an offset is local already. An offset that the customer's region has at that moment says where the
customer was. Any other offset, such as ``Z`` from Berlin, is turned into local time; where a region has several time
zones, into the westernmost, because doubt favours the customer.
"""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wachtel.base.errors import ErrorKind, WachtelError

_CAPITALS = {
    "AD": "Andorra", "AL": "Tirane", "AT": "Vienna", "BE": "Brussels", "BG": "Sofia", "CH": "Zurich",
    "CZ": "Prague", "DE": "Berlin", "DK": "Copenhagen", "EE": "Tallinn", "FI": "Helsinki", "FR": "Paris",
    "GB": "London", "UK": "London", "GR": "Athens", "HR": "Zagreb", "HU": "Budapest", "IE": "Dublin",
    "IT": "Rome", "LI": "Vaduz", "LT": "Vilnius", "LU": "Luxembourg", "LV": "Riga", "MC": "Monaco",
    "MT": "Malta", "NL": "Amsterdam", "NO": "Oslo", "PL": "Warsaw", "RO": "Bucharest", "SE": "Stockholm",
    "SI": "Ljubljana", "SK": "Bratislava", "AX": "Mariehamn",
}  # fmt: skip

_ZONES = {
    **{region: (f"Europe/{city}",) for region, city in _CAPITALS.items()},
    "CY": ("Asia/Nicosia",),
    "IS": ("Atlantic/Reykjavik",),
    "ES": ("Atlantic/Canary", "Europe/Madrid"),
    "PT": ("Atlantic/Azores", "Europe/Lisbon"),
    "GF": ("America/Cayenne",),
    "GP": ("America/Guadeloupe",),
    "MF": ("America/Guadeloupe",),
    "MQ": ("America/Martinique",),
    "RE": ("Indian/Reunion",),
    "YT": ("Indian/Mayotte",),
    "US": (
        "Pacific/Honolulu", "America/Adak", "America/Anchorage", "America/Los_Angeles", "America/Phoenix",
        "America/Denver", "America/Chicago", "America/New_York",
    ),
    "CA": (
        "America/Vancouver", "America/Edmonton", "America/Winnipeg", "America/Toronto", "America/Halifax",
        "America/St_Johns",
    ),
    "AU": ("Australia/Perth", "Australia/Darwin", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney"),
    "JP": ("Asia/Tokyo",), "CN": ("Asia/Shanghai",), "KR": ("Asia/Seoul",), "IN": ("Asia/Kolkata",),
    "NZ": ("Pacific/Auckland",), "TR": ("Europe/Istanbul",), "SG": ("Asia/Singapore",),
    "HK": ("Asia/Hong_Kong",), "IL": ("Asia/Jerusalem",), "ZA": ("Africa/Johannesburg",),
}  # fmt: skip


def local_time(moment: datetime, region: str) -> datetime:
    """The time on the customer's clock, without an offset. Raises `WachtelError` (internal) where this machine does
    not know time zones."""
    if moment.utcoffset() is None or region not in _ZONES:
        return moment.replace(tzinfo=None)
    there = [moment.astimezone(_zone(name)) for name in _ZONES[region]]
    same = any(each.utcoffset() == moment.utcoffset() for each in there)
    return (moment if same else there[0]).replace(tzinfo=None)


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        raise WachtelError(
            ErrorKind.INTERNAL,
            f"This machine does not know the time zone {name}.",
            hint="Install its time zone data (the package tzdata), or write local times without an offset.",
        ) from None
