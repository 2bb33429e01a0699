"""Reads the index of a data folder beside a server or without one; writes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.event import Event
from wachtel.pipeline.assembler import EventTiming, clip_range
from wachtel.storage.data_folder import places
from wachtel.storage.index import Index


@contextmanager
def index_of(data: Path) -> Iterator[Index]:
    """The index of a data folder, to be read only.

    Raises `WachtelError` (not_found) when there is none that can be read.
    """
    where = places(data)
    index = Index.look(where.index_path, where.archive)
    if index is None:
        raise WachtelError(
            ErrorKind.NOT_FOUND, f"There is no index in {data} that can be read.", hint="Run: wachtel rebuild"
        )
    try:
        yield index
    finally:
        index.close()


def event_in(data: Path, event: str) -> tuple[Event, WallUs, WallUs]:
    """An event that has ended, and where its clip begins and ends. Raises `WachtelError` (not_found, busy)."""
    with index_of(data) as index:
        found = index.event(event)
    if found is None:
        raise WachtelError(ErrorKind.NOT_FOUND, f"There is no event {event!r}.")
    start, end = clip_range(found, EventTiming())
    if end is None:
        raise WachtelError(ErrorKind.BUSY, "This event still runs.", hint="Try again when it is over.")
    return found, start, end
