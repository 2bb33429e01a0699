"""A real engine with its workers, recording fake cameras for some seconds."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from wachtel.base.clock import SystemClock
from wachtel.model.camera import Camera
from wachtel.pipeline.engine import Engine
from wachtel.storage.data_folder import DataFolder
from wachtel.storage.index.filling import open_or_rebuild

Script = Callable[[Engine], Awaitable[None]]


def record(data: Path, cameras: Sequence[Camera], script: Script) -> None:
    """Runs an engine with these cameras while ``script`` runs, and stops it in good order."""
    asyncio.run(_record(data, cameras, script))


async def _record(data: Path, cameras: Sequence[Camera], script: Script) -> None:
    clock = SystemClock()
    folder = DataFolder.open(data, clock)
    index = await asyncio.to_thread(open_or_rebuild, folder.index_path, folder.archive)
    engine = Engine(folder, index, clock)
    try:
        engine.start(list(cameras))
        await script(engine)
        await engine.stop()
    finally:
        index.close()
        folder.close()


def files_of(data: Path, camera: str, stream: str = "main") -> list[Path]:
    """The files of a stream, in order of time."""
    return sorted((data / "archive" / "home" / camera / stream).glob("*/*.mp4"))
