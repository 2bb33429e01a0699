"""The demo's scene: drawn once, in a process of its own, and kept."""

import asyncio
import multiprocessing
import os
from multiprocessing.connection import Connection
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError


def scene_folder() -> Path:
    """``~/.cache/wachtel/scene``, or below ``XDG_CACHE_HOME``."""
    home = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(home) if home else Path.home() / ".cache") / "wachtel/scene"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def drawn_scene() -> tuple[Path, Path]:
    """Main and sub stream of the scene as files; takes some seconds when it has to be drawn."""
    return await asyncio.to_thread(_draw_in_process, scene_folder())


def _draw_in_process(folder: Path) -> tuple[Path, Path]:
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_draw, args=(theirs, folder), daemon=True)
    process.start()
    theirs.close()
    try:
        main, sub = ours.recv()
    except EOFError as error:
        raise WachtelError(
            ErrorKind.INTERNAL,
            f"The demo's garden could not be drawn into {folder}.",
            hint="Is its disk full?",
        ) from error
    finally:
        ours.close()
        process.join()
    return Path(main), Path(sub)


def _draw(answer: Connection, folder: Path) -> None:
    from wachtel.testing.scene.render import render_scene  # imports PyAV, which main never does

    answer.send([str(path) for path in render_scene(folder)])
