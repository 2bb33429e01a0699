"""What recording a camera as H.264 would cost here, found out with its own pictures in a process of its own."""

import asyncio
from collections.abc import Callable

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.conversion import ConversionPrice
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import PriceFound, Ready
from wachtel.pipeline.worker_process import WorkerProcess

PATIENCE_S = 15.0


class PriceDesk:
    """One camera at a time, so that nothing disturbs the measurement and nobody the machine."""

    def __init__(self, clock: Clock, tap_of: Callable[[str], str | None]) -> None:
        self._clock = clock
        self._tap_of = tap_of
        self._one = asyncio.Lock()

    async def price(self, camera: str) -> ConversionPrice:
        """Takes a few seconds. Raises `WachtelError`: not_found, busy, timeout when no Motion JPEG comes."""
        tap = self._tap_of(camera)
        if tap is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no camera {camera!r} at work.")
        if self._one.locked():
            raise WachtelError(
                ErrorKind.BUSY,
                "What another camera would cost is being measured.",
                code="price_busy",
                hint="Try again in a moment.",
            )
        async with self._one:
            return _price(await self._measure(camera, tap))

    async def _measure(self, camera: str, tap: str) -> PriceFound:
        found: asyncio.Future[PriceFound] = asyncio.get_running_loop().create_future()

        def take(message: Ready | PriceFound) -> None:
            if isinstance(message, PriceFound) and not found.done():
                found.set_result(message)

        worker: WorkerProcess[Ready | PriceFound] = WorkerProcess(
            f"price-{camera}",
            "wachtel.pipeline.transcode.worker:pricing_worker",
            (camera, StreamName.MAIN, tap),
            Ready | PriceFound,
            self._clock,
            on_start=lambda: None,
            on_message=take,
            on_death=lambda: None,
        )
        running = asyncio.get_running_loop().create_task(worker.run(), name=worker.name)
        try:
            return await asyncio.wait_for(found, PATIENCE_S)
        except TimeoutError as error:
            raise WachtelError(
                ErrorKind.TIMEOUT,
                "No Motion JPEG came from this camera within 15 seconds.",
                code="no_motion_jpeg_now",
                hint="Try again when its picture is there.",
            ) from error
        finally:
            await worker.stop()
            await running


def _price(found: PriceFound) -> ConversionPrice:
    seconds = found.seconds
    return ConversionPrice(
        found.pictures, seconds, found.cpu_s / seconds, found.sent_bytes / seconds, found.made_bytes / seconds
    )
