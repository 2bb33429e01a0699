"""Drivers are found by entry points, our own by the same way as strangers'."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from wachtel.base.errors import ErrorKind, WachtelError

GROUPS = (
    "wachtel.cameras",
    "wachtel.sources",
    "wachtel.detectors",
    "wachtel.notifiers",
    "wachtel.actuators",
    "wachtel.storage",
)


@cache
def available(group: str) -> dict[str, EntryPoint]:
    """The drivers installed for a group, by name; nothing is imported yet."""
    return {point.name: point for point in entry_points(group=group)}


def load(group: str, name: str) -> Any:
    """Imports one driver. Raises `WachtelError` (not_found) that lists the ones there are."""
    point = available(group).get(name)
    if point is None:
        names = ", ".join(sorted(available(group))) or "none"
        raise WachtelError(
            ErrorKind.NOT_FOUND, f"There is no driver {name!r} in {group} (installed: {names})."
        )
    return point.load()
