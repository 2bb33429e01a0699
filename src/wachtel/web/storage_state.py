"""``/api/v1/storage``: how full the volume is, how long it lasts, and what is wrong with it."""

from dataclasses import asdict

from pydantic import Field

from wachtel.model.access import Permission
from wachtel.pipeline.storage_report import StorageReport
from wachtel.storage.state.settings import KEEP_FREE_BYTES, Settings
from wachtel.web.answers import Answer, Question, moment_or_none
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.news import StorageNews, storage_news
from wachtel.web.ports.archive import StorageKeeping
from wachtel.web.threads import OneThread


class StorageChange(Question):
    """``keep_free_bytes``: so much of the volume stays free; null: a tenth of it, 5 GB at most."""

    keep_free_bytes: int | None = Field(ge=0, le=1 << 60)


class CameraStorageAnswer(Answer):
    """``oldest`` is the hour of its oldest footage; ``holds`` counts what is held."""

    camera: str
    size_bytes: int
    bytes_per_day: int
    oldest: str | None
    holds: int


class DiskPaceAnswer(Answer):
    """Since the recorder started: ``rounds`` in which all open files were saved, ``late_rounds`` that took longer than
    two seconds (the disk is too slow), ``abandoned`` files that the disk refused to save."""

    rounds: int
    late_rounds: int
    last_round_s: float
    abandoned: int
    waiting: int


class StorageAnswer(Answer):
    """``size_bytes`` and ``free_bytes`` are of the volume, ``footage_bytes`` is what we put there.

    ``days_kept``: so many days of footage have room, null when nothing is recorded. ``days_until_full``: so long
    until old footage must go to make room; null when age alone keeps the volume from filling.
    """

    size_bytes: int
    free_bytes: int
    keep_free_bytes: int
    footage_bytes: int
    bytes_per_day: int
    days_kept: float | None
    days_until_full: float | None
    clock_trusted: bool
    cameras: list[CameraStorageAnswer]
    alarms: list[StorageNews]
    disk: DiskPaceAnswer


class StorageRoutes:
    """The archive's volume."""

    def __init__(self, storage: StorageKeeping, settings: Settings, database: OneThread) -> None:
        self._storage = storage
        self._settings = settings
        self._database = database

    def add_to(self, door: Door) -> None:
        path = "/api/v1/storage"
        door.route("GET", path, self.state, needs=Permission.VIEW, on=On.INSTALLATION)
        door.route("PATCH", path, self.change, needs=Permission.ADMIN, on=On.INSTALLATION)
        door.route(
            "POST", f"{path}/clock", self.believe, needs=Permission.ADMIN, on=On.INSTALLATION, status=204
        )

    async def state(self) -> StorageAnswer:
        """The state of the volume, and a forecast."""
        return _answer(await self._storage.report())

    async def change(self, asked: StorageChange) -> StorageAnswer:
        """Changes how much stays free; holds at once."""
        await self._database.run(self._settings.put, KEEP_FREE_BYTES, asked.keep_free_bytes)
        await self._storage.keep_free(asked.keep_free_bytes)
        return await self.state()

    async def believe(self) -> None:
        """Says that the machine's clock is right now: deleting by age goes on."""
        await self._storage.believe_clock()


def _answer(report: StorageReport) -> StorageAnswer:
    return StorageAnswer(
        size_bytes=report.space.size_bytes,
        free_bytes=report.space.free_bytes,
        keep_free_bytes=report.keep_free_bytes,
        footage_bytes=report.size_bytes,
        bytes_per_day=report.bytes_per_day,
        days_kept=report.forecast.days_kept,
        days_until_full=report.forecast.days_until_full,
        clock_trusted=report.clock_trusted,
        cameras=[
            CameraStorageAnswer(
                camera=one.camera,
                size_bytes=one.size_bytes,
                bytes_per_day=one.bytes_per_day,
                oldest=moment_or_none(one.oldest),
                holds=one.holds,
            )
            for one in report.cameras
        ],
        alarms=[storage_news(alarm) for alarm in report.alarms],
        disk=DiskPaceAnswer(**asdict(report.pace)),
    )
