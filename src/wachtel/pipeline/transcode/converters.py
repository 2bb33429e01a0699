"""Workers that make H.264 of Motion JPEG for the archive, as main sees them: one for each camera that is to have it."""

import asyncio
from collections.abc import Sequence

from wachtel.base.clock import Clock
from wachtel.base.tasks import TaskSupervisor
from wachtel.model.camera import Camera
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import Ready
from wachtel.pipeline.worker_process import Worker, WorkerProcess

STOP_PATIENCE_S = 5.0


class Converters:
    """Each works at the tap of its camera's media worker, and gives there what it made. One that dies comes back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks = TaskSupervisor(clock)
        self._workers: dict[str, WorkerProcess[Ready]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def workers(self) -> Sequence[Worker]:
        """Those that run now."""
        return tuple(self._workers.values())

    def run(self, camera: Camera, tap: str | None) -> None:
        """A camera is recorded from now on; ``tap`` is the Unix socket where its packets are had."""
        if not camera.converted or tap is None:
            self.end(camera.id)
        elif camera.id not in self._workers:
            worker: WorkerProcess[Ready] = WorkerProcess(
                f"convert-{camera.id}",
                "wachtel.pipeline.transcode.worker:recording_worker",
                (camera.id, StreamName.MAIN, tap),
                Ready,
                self._clock,
                on_start=lambda: None,
                on_message=lambda _ready: None,
                on_death=lambda: None,
            )
            self._workers[camera.id] = worker
            self._tasks.keep(worker.name, worker.run)

    def end(self, camera: str) -> None:
        """Nothing of this camera is converted any more."""
        worker = self._workers.pop(camera, None)
        if worker is not None:
            task = asyncio.get_running_loop().create_task(
                worker.end(STOP_PATIENCE_S), name=f"end {worker.name}"
            )
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """Ends all of them."""
        for camera in tuple(self._workers):
            self.end(camera)
        await asyncio.gather(*self._ending)
        await self._tasks.close()
