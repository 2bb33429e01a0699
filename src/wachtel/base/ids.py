"""Names for things: slugs for cameras and sites, ids for events, random secrets."""

import re
import secrets
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime

from wachtel.base.units import US_PER_S, WallUs

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def slug(name: str, taken: Collection[str] = (), fallback: str = "camera") -> str:
    """An id for a new thing from the name a person gave it: ``Küche & Flur`` becomes ``kueche-flur``.

    A name in a script without Latin letters becomes ``fallback``; a name already ``taken`` gets ``-2``, ``-3`` ...
    """
    folded = unicodedata.normalize("NFKD", name.lower().translate(_GERMAN)).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:40].strip("-") or fallback
    candidate, number = base, 1
    while candidate in taken:
        number += 1
        candidate = f"{base}-{number}"
    return candidate


def compact_time(at: WallUs) -> str:
    """``20261121T143000250Z``: a moment in UTC with milliseconds, sortable, safe in file names and URLs."""
    moment = datetime.fromtimestamp(at // US_PER_S, UTC)
    return f"{moment:%Y%m%dT%H%M%S}{at // 1000 % 1000:03d}Z"


def event_id(camera: str, start: WallUs) -> str:
    """The id of the event that starts at ``start``; the same for the same event, so making it twice is harmless."""
    return f"{compact_time(start)}-{camera}"


def secret(bits: int = 128) -> str:
    """A random secret for links and tokens, URL-safe."""
    return secrets.token_urlsafe(bits // 8)
