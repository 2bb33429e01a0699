"""Workers that make H.264 of Motion JPEG for the archive, as main sees them: one for each camera that is to have it."""

from wachtel.model.camera import Camera
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import Ready
from wachtel.pipeline.transcode.keyed_workers import KeyedWorkers
from wachtel.pipeline.worker_process import WorkerProcess


class Converters(KeyedWorkers[str, Ready]):
    """Each works at the tap of its camera's media worker, and gives there what it made. One that dies comes back."""

    def run(self, camera: Camera, tap: str | None) -> None:
        """A camera is recorded from now on; ``tap`` is the Unix socket where its packets are had."""
        if not camera.converted or tap is None:
            self.end(camera.id)
        elif camera.id not in self._running:
            self.keep(camera.id, self._worker(camera.id, tap))

    def _worker(self, camera: str, tap: str) -> WorkerProcess[Ready]:
        return WorkerProcess(
            f"convert-{camera}",
            "wachtel.pipeline.transcode.worker:recording_worker",
            (camera, StreamName.MAIN, tap),
            Ready,
            self._clock,
            on_start=lambda: None,
            on_message=lambda _ready: None,
            on_death=lambda: None,
        )
