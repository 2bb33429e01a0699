"""What the machine says about where it stands, for the first site."""

import os
from pathlib import Path

_ZONES = "/zoneinfo/"


def system_time_zone() -> str:
    """The IANA name of the machine's time zone; ``UTC`` when it cannot be told."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if _looks_like_zone(named):
        return named
    linked = os.path.realpath("/etc/localtime")
    if _ZONES in linked:
        return linked.partition(_ZONES)[2]
    try:
        written = Path("/etc/timezone").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return "UTC"
    return written if _looks_like_zone(written) else "UTC"


def first_site_name() -> str:
    """What most people call the place where they live, in the machine's language."""
    language = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "Zuhause" if language.startswith("de") else "Home"


def _looks_like_zone(name: str) -> bool:
    return name == "UTC" or ("/" in name and not name.startswith("/") and ".." not in name)
