"""Transcode workers as main sees them: one for each stream that somebody cannot play, ended with the last viewer."""

import asyncio
from collections.abc import Callable, Sequence

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import TaskSupervisor
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import FromTap, Ready, TapFormat, TapLoss, TapPacket
from wachtel.pipeline.worker_process import Worker, WorkerProcess

MOST_AT_ONCE = 2
"""Each takes up to a core; recording and analysis need the others."""

STOP_PATIENCE_S = 5.0

Key = tuple[str, StreamName]
Take = Callable[[FromTap], None]
FromTranscode = Ready | TapFormat | TapPacket | TapLoss


class TranscodeDesk:
    """Speaks like `TapStreams`: whoever wants a stream gets its packets, but always as H.264."""

    def __init__(self, clock: Clock, tap_of: Callable[[str], str | None]) -> None:
        self._clock = clock
        self._tap_of = tap_of
        self._tasks = TaskSupervisor(clock)
        self._workers: dict[Key, WorkerProcess[FromTranscode]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def workers(self) -> Sequence[Worker]:
        """Those that run now."""
        return tuple(self._workers.values())

    def want(self, camera: str, stream: StreamName, take: Take) -> None:
        """All pictures of a stream as H.264, from the cached key frame on.

        Raises `WachtelError`: not_found for no such camera, busy when no more can be made.
        """
        tap = self._tap_of(camera)
        if tap is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no camera {camera!r} at work.")
        if len(self._workers) >= MOST_AT_ONCE:
            raise WachtelError(
                ErrorKind.BUSY,
                f"{MOST_AT_ONCE} pictures are being converted already, which is all this machine is asked for.",
                hint="Close another picture, or use a browser that plays H.265.",
            )
        worker: WorkerProcess[FromTranscode] = WorkerProcess(
            f"transcode-{camera}-{stream}",
            "wachtel.pipeline.transcode.worker:transcode_worker",
            (camera, stream, tap),
            FromTranscode,
            self._clock,
            on_start=lambda: None,
            on_message=lambda message: None if isinstance(message, Ready) else take(message),
            on_death=lambda: take(TapLoss(camera, stream, 0)),
        )
        self._workers[camera, stream] = worker
        self._tasks.keep(worker.name, worker.run)

    def unwant(self, camera: str, stream: StreamName) -> None:
        """No more of this stream; its worker ends."""
        worker = self._workers.pop((camera, stream), None)
        if worker is not None:
            task = asyncio.get_running_loop().create_task(
                worker.end(STOP_PATIENCE_S), name=f"end {worker.name}"
            )
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """Ends all workers."""
        for key in tuple(self._workers):
            self.unwant(*key)
        await asyncio.gather(*self._ending)
        await self._tasks.close()
