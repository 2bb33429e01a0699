"""Transcode workers as main sees them: one for each stream that somebody cannot play, ended with the last viewer."""

from collections.abc import Callable

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import FromTap, Ready, TapFormat, TapLoss, TapPacket
from wachtel.pipeline.transcode.keyed_workers import KeyedWorkers
from wachtel.pipeline.worker_process import WorkerProcess

MOST_AT_ONCE = 2
"""Each takes up to a core; recording and analysis need the others."""

Key = tuple[str, StreamName]
Take = Callable[[FromTap], None]
FromTranscode = Ready | TapFormat | TapPacket | TapLoss


class TranscodeDesk(KeyedWorkers[Key, FromTranscode]):
    """Speaks like `TapStreams`: whoever wants a stream gets its packets, but always as H.264."""

    def __init__(self, clock: Clock, tap_of: Callable[[str], str | None]) -> None:
        super().__init__(clock)
        self._tap_of = tap_of

    def want(self, camera: str, stream: StreamName, take: Take) -> None:
        """All pictures of a stream as H.264, from the cached key frame on.

        Raises `WachtelError`: not_found for no such camera, busy when no more can be made.
        """
        tap = self._tap_of(camera)
        if tap is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no camera {camera!r} at work.")
        if len(self._running) >= MOST_AT_ONCE:
            raise WachtelError(
                ErrorKind.BUSY,
                f"{MOST_AT_ONCE} pictures are being converted already, which is all this machine is asked for.",
                hint="Close another picture, or use a browser that plays H.265.",
            )
        self.keep((camera, stream), self._worker(camera, stream, tap, take))

    def _worker(self, camera: str, stream: StreamName, tap: str, take: Take) -> WorkerProcess[FromTranscode]:
        return WorkerProcess(
            f"transcode-{camera}-{stream}",
            "wachtel.pipeline.transcode.worker:transcode_worker",
            (camera, stream, tap),
            FromTranscode,
            self._clock,
            on_start=lambda: None,
            on_message=lambda message: None if isinstance(message, Ready) else take(message),
            on_death=lambda: take(TapLoss(camera, stream, 0)),
        )

    def unwant(self, camera: str, stream: StreamName) -> None:
        """No more of this stream; its worker ends."""
        self.end((camera, stream))
