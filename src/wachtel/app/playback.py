"""Plays a file to its end, in a process of its own: main never imports the decoder."""

import asyncio
import io
import multiprocessing
from multiprocessing.connection import Connection

from wachtel.pipeline.worker_process import start_forkserver

PATIENCE_S = 30.0


async def count_pictures(mp4: bytes) -> int:
    """How many pictures decode without an error; 0 when one does not."""
    return await asyncio.to_thread(_in_process, mp4)


def _in_process(mp4: bytes) -> int:
    start_forkserver()
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe()
    process = context.Process(target=_count, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        ours.send_bytes(mp4)
        return int(ours.recv()) if ours.poll(PATIENCE_S) else 0
    except (EOFError, OSError):
        return 0
    finally:
        ours.close()
        process.join(1.0)
        if process.is_alive():
            process.kill()
            process.join()


def _count(connection: Connection) -> None:
    import av

    body = io.BytesIO(connection.recv_bytes())
    try:
        with av.open(body, "r", format="mp4") as container:
            connection.send(sum(1 for _ in container.decode(video=0)))
    except av.FFmpegError:
        connection.send(0)
