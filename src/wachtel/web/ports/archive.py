"""The archive as a whole, and figures of the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from wachtel.base.units import WallUs
from wachtel.model.camera import Camera
from wachtel.pipeline.archive_care import Work, WorkKind
from wachtel.pipeline.storage_report import StorageReport
from wachtel.pipeline.storage_shares import Effect, Share
from wachtel.storage.files.adoption import Adoptable
from wachtel.web.ports.engine_off import not_running


@dataclass(frozen=True, slots=True)
class Reading:
    """One number of the engine for ``/metrics``, once per set of labels. ``name`` comes without
    ``wachtel_``.
    """

    name: str
    help: str
    samples: Sequence[tuple[Mapping[str, str], float]]
    counter: bool = False


class Readings(Protocol):
    """What the engine can count."""

    def read(self) -> Sequence[Reading]: ...


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How much a new index holds."""

    segments: int
    gaps: int
    events: int


class Archive(Protocol):
    """Care of the archive."""

    async def rebuild(self) -> Rebuilt:
        """Makes the index anew from the files alone and takes it into use."""
        ...


class Care(Protocol):
    """Work on the whole archive that takes a while, one after the other."""

    def start(self, kind: WorkKind) -> Work:
        """Begins. Raises `WachtelError` (busy) while something runs."""
        ...

    def stop(self) -> None:
        """Ends what runs as soon as that can be; harmless when nothing does."""
        ...

    def last(self) -> Work | None:
        """What runs or ran last, None when nothing did since the start of the server."""
        ...


class NoCare:
    """Care of an engine that is off; the command line does it itself."""

    def start(self, kind: WorkKind) -> Work:  # noqa: ARG002 (nobody does it)
        raise not_running()

    def stop(self) -> None:
        return None

    def last(self) -> Work | None:
        return None


class StorageKeeping(Protocol):
    """The archive's volume."""

    async def report(self) -> StorageReport:
        """How full it is, and for how long it lasts. Raises `WachtelError` (disk_error)."""
        ...

    async def keep_free(self, size_bytes: int | None) -> None:
        """So much stays free from now on; None: the usual part. Told after it was stored."""
        ...

    async def believe_clock(self) -> None:
        """A person says that the machine's clock is right."""
        ...


class NoStorage:
    """The volume of an engine that is off."""

    async def report(self) -> StorageReport:
        raise not_running()

    async def keep_free(self, size_bytes: int | None) -> None:  # noqa: ARG002 (it is read at the next start)
        return None

    async def believe_clock(self) -> None:
        raise not_running()


class Shares(Protocol):
    """What footage is there for, and what a setting would delete."""

    async def shares(self) -> Sequence[Share]:
        """How much of each camera's footage is there for which reason; may be some minutes old."""
        ...

    async def preview(self, camera: Camera) -> Effect:
        """What would be deleted now if the camera's settings were these."""
        ...


class NoShares:
    """Of an engine that is off."""

    async def shares(self) -> Sequence[Share]:
        raise not_running()

    async def preview(self, camera: Camera) -> Effect:  # noqa: ARG002 (nobody knows)
        raise not_running()


class Imports(Protocol):
    """Footage of other programs."""

    async def adopt(
        self, site: str, camera: str, files: Sequence[Adoptable], holes: Sequence[tuple[WallUs, WallUs]]
    ) -> Mapping[str, str]:
        """Takes waiting files in; gives the names of those that were refused, with the reason."""
        ...


class NoImports:
    """Imports of an engine that is off: the command does them itself."""

    async def adopt(self, *_: object) -> Mapping[str, str]:
        raise not_running()
