"""An import into a data folder: by its running server, else by this process alone."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wachtel.app.api_client import Api, open_api, server_runs
from wachtel.app.archive_reader import index_of
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import SLUG, slug
from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.model.camera import Camera, Site
from wachtel.pipeline.importing.importer import Adopter, Importer, Progress, Target
from wachtel.pipeline.importing.local import LocalAdopter
from wachtel.pipeline.importing.reader import ForeignReader
from wachtel.storage.data_folder import DataFolder, places
from wachtel.storage.files import Volume, write_camera, write_site
from wachtel.storage.files.adoption import Adoptable
from wachtel.storage.index import Index
from wachtel.storage.index.filling import open_or_rebuild
from wachtel.storage.space import usual_keep_free, volume_space

DAY_S = 86_400
PATH = "/api/v1/archive/import"


@dataclass(frozen=True, slots=True)
class House:
    """What an import must know of the installation: its sites, and its cameras with what they keep."""

    sites: tuple[Site, ...]
    cameras: Mapping[str, Mapping[str, Any]]


def house_of(data: Path) -> House:
    """Asks the installation. Raises `WachtelError`."""
    with open_api(data) as api:
        sites = api.call("GET", "/api/v1/sites")
        cameras = api.call("GET", "/api/v1/cameras")
    return House(
        tuple(Site(one["id"], one["name"], one["time_zone"]) for one in sites),
        {one["id"]: one for one in cameras},
    )


def targets_of(
    house: House, names: Sequence[str], chosen: Mapping[str, str], site: str | None, zone: str | None
) -> dict[str, Target]:
    """Where each foreign camera goes: where it was said to, else to the camera of that name, else to a new id.

    Raises `WachtelError` (not_found, conflict, invalid).
    """
    missing = sorted(set(chosen) - set(names))
    if missing:
        raise WachtelError(
            ErrorKind.NOT_FOUND,
            f"There are no recordings of a camera {missing[0]!r} here.",
            hint=f"There are some of: {', '.join(names)}.",
        )
    wanted = {name: chosen.get(name) or _id_of(house, name) for name in (chosen or names)}
    for id in wanted.values():
        same = [name for name, other in wanted.items() if other == id]
        if len(same) > 1:
            raise WachtelError(
                ErrorKind.CONFLICT,
                f"{' and '.join(same)} would both become the camera {id}.",
                hint="Say which is which with --camera NAME=ID.",
            )
    return {name: _target(house, id, site, zone) for name, id in wanted.items()}


def _id_of(house: House, name: str) -> str:
    return next((id for id, camera in house.cameras.items() if camera["name"] == name), slug(name))


def _target(house: House, id: str, site: str | None, zone: str | None) -> Target:
    if not SLUG.fullmatch(id):
        raise WachtelError(
            ErrorKind.INVALID,
            f"{id!r} is no id of a camera.",
            hint="Small letters, digits and inner hyphens.",
        )
    camera = house.cameras.get(id)
    where = _site(house, site if camera is None else str(camera["site"]))
    if camera is not None and site not in (None, where.id):
        raise WachtelError(ErrorKind.CONFLICT, f"The camera {id} belongs to the site {where.id}, not {site}.")
    keep_us = None if camera is None else microseconds(float(camera["keep_days"]) * DAY_S)
    return Target(where.id, id, _zone(zone or where.time_zone), keep_us)


def _site(house: House, wanted: str | None) -> Site:
    for site in house.sites:
        if wanted in (None, site.id):
            return site
    raise WachtelError(
        ErrorKind.NOT_FOUND, f"There is no site {wanted!r}.", hint="`wachtel site list` shows them."
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WachtelError(
            ErrorKind.INVALID, f"{name!r} is no time zone.", hint="Such as Europe/Berlin."
        ) from error


@contextmanager
def importer(data: Path, house: House, clock: Clock, progress: Progress) -> Iterator[Importer]:
    """An importer for the data folder. Raises `WachtelError`: busy when another program without a server has it."""
    _must_not_be_root(data)
    with ForeignReader() as reader, _hands(data, clock) as (archive, volume, index, adopter):
        for site in house.sites:
            write_site(volume, site)
        yield Importer(archive, volume, index, reader, adopter, clock, progress)


def _must_not_be_root(data: Path) -> None:
    """Files of root in a folder of somebody else could not be recorded to, nor deleted, by its server."""
    archive = places(data).archive
    if os.geteuid() == 0 and archive.exists() and archive.stat().st_uid != 0:
        raise WachtelError(
            ErrorKind.DENIED,
            f"The archive in {archive} belongs to another user than root.",
            hint="Run the import as that user, and let him read the recordings.",
        )


@contextmanager
def _hands(data: Path, clock: Clock) -> Iterator[tuple[Path, Volume, Index, Adopter]]:
    if server_runs(data):
        where = places(data)
        volume = Volume.open(where.archive, where.keys)
        with open_api(data, patience_s=None) as api, index_of(data) as index:
            yield where.archive, volume, index, ServerAdopter(api)
        return
    folder = DataFolder.open(data, clock)
    try:
        index = open_or_rebuild(folder.index_path, folder.archive)
        local = LocalAdopter(folder.volume, index, clock)
        try:
            yield folder.archive, folder.volume, index, local
        finally:
            local.close()
            index.close()
    finally:
        folder.close()


class ServerAdopter:
    """Lets the running server take files in: the camera's media worker writes its journal."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def adopt(
        self, target: Target, files: Sequence[Adoptable], holes: Sequence[tuple[WallUs, WallUs]]
    ) -> Mapping[str, str]:
        """See `Adopter`."""
        body = {
            "site": target.site,
            "camera": target.camera,
            "files": [{"name": one.name, "imported": one.imported} for one in files],
            "holes": [{"start_us": start, "end_us": end} for start, end in holes],
        }
        answer = self._api.call("POST", PATH, body)
        return {one["name"]: one["what"] for one in answer["refused"]}


def introduce(volume: Volume, targets: Mapping[str, Target], house: House) -> None:
    """Lets whoever opens the archive read the name of a camera that only the other program knew."""
    for name, target in targets.items():
        path = f"{target.site}/{target.camera}/camera.json"
        if target.camera not in house.cameras and not volume.disk.exists(path):
            write_camera(volume, Camera(target.camera, target.site, name, main_url=""))


def must_not_lie_elsewhere(volume: Volume, targets: Mapping[str, Target]) -> None:
    """Raises `WachtelError` (conflict) for a camera whose footage lies at another site."""
    for target in targets.values():
        for site in volume.disk.folders(""):
            if site != target.site and volume.disk.exists(f"{site}/{target.camera}/journal"):
                raise WachtelError(
                    ErrorKind.CONFLICT,
                    f"The footage of the camera {target.camera} lies at the site {site}.",
                    hint=f"Say --site {site}, or give the recordings another id with --camera NAME=ID.",
                )


def must_have_room(archive: Path, size_bytes: int) -> None:
    """Raises `WachtelError` (disk_full) when so much does not fit beside what is kept free."""
    space = volume_space(archive)
    free = space.free_bytes - usual_keep_free(space)
    if size_bytes > free:
        raise WachtelError(
            ErrorKind.DISK_FULL,
            f"{gigabytes(size_bytes)} are to be imported, and the disk has room for {gigabytes(max(free, 0))}.",
            hint="Free some space, or import one camera after the other with --camera NAME.",
        )


def gigabytes(size_bytes: int) -> str:
    """For people: ``1.25 GB``, ``80 MB``."""
    return f"{size_bytes / 1e9:.2f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.1f} MB"


def hours(length_us: int) -> str:
    """For people: ``12:03:10``."""
    whole = length_us // US_PER_S
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


__all__ = [
    "House",
    "gigabytes",
    "hours",
    "house_of",
    "importer",
    "introduce",
    "must_have_room",
    "must_not_lie_elsewhere",
    "targets_of",
]
