"""The WebRTC worker as main sees it: started with the first view, and told when somebody may no longer look."""

import asyncio
import secrets
from collections.abc import Callable

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import TaskSupervisor
from wachtel.model.live import IceServers
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import Ready
from wachtel.pipeline.webrtc.messages import CloseView, FromWebRtc, OpenView, ViewEnded, ViewOpened
from wachtel.pipeline.worker_process import WorkerProcess

STOP_PATIENCE_S = 6.0
ANSWER_PATIENCE_S = 15.0
MOST_VIEWS = 64

TapOf = Callable[[str], str | None]


class WebRtcView:
    """One browser that watches."""

    def __init__(self, id: str, close: Callable[[str], None]) -> None:
        self.id = id
        self.ended = asyncio.Event()
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._close = close

    def close(self) -> None:
        """Ends it at once."""
        self._close(self.id)


class WebRtcDesk:
    """Created inside the loop. ``host`` is the address we listen on."""

    def __init__(self, host: str, servers: IceServers, tap_of: TapOf, clock: Clock) -> None:
        self.views: dict[str, WebRtcView] = {}
        self.servers = servers
        self._tap_of = tap_of
        self._tasks = TaskSupervisor(clock)
        self._started = False
        self._waiting: dict[str, OpenView] = {}
        self.worker: WorkerProcess[FromWebRtc] = WorkerProcess(
            "webrtc-0",
            "wachtel.pipeline.webrtc.worker:webrtc_worker",
            (host, servers),
            FromWebRtc,
            clock,
            on_start=lambda: self.worker.send_all(self._waiting.values()),
            on_message=self._heard,
            on_death=self._died,
        )

    async def open(self, camera: str, stream: StreamName, offer: str, client: str) -> tuple[WebRtcView, str]:
        """The view, and the SDP answer for the browser.

        Raises `WachtelError`: not_found for no such camera, busy, timeout, invalid, unsupported_codec.
        """
        tap = self._tap_of(camera)
        if tap is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no camera {camera!r} at work.")
        if len(self.views) >= MOST_VIEWS:
            raise WachtelError(
                ErrorKind.BUSY, f"{MOST_VIEWS} browsers watch already.", hint="Close one of them."
            )
        view = WebRtcView(secrets.token_urlsafe(12), self._close)
        self.views[view.id] = view
        order = self._waiting[view.id] = OpenView(view.id, camera, stream, tap, offer, client)
        self._start()
        self.worker.send(order)
        try:
            return view, await asyncio.wait_for(asyncio.shield(view.answer), ANSWER_PATIENCE_S)
        except TimeoutError:
            raise WachtelError(ErrorKind.TIMEOUT, "The browser could not be answered in time.") from None
        finally:
            if not view.answer.done() or view.answer.cancelled() or view.answer.exception() is not None:
                self._close(view.id)

    def _start(self) -> None:
        if not self._started:
            self._started = True
            self._tasks.keep(self.worker.name, self.worker.run)

    def _heard(self, message: FromWebRtc) -> None:
        match message:
            case Ready():
                pass
            case ViewOpened(name, answer):
                self._waiting.pop(name, None)
                view = self.views.get(name)
                if view is None:
                    self.worker.send(CloseView(name))
                elif not view.answer.done():
                    view.answer.set_result(answer)
            case ViewEnded(name, kind, what):
                self._end(name, WachtelError(kind or ErrorKind.STREAM_ENDED, what or "The view ended."))

    def _end(self, name: str, error: WachtelError) -> None:
        self._waiting.pop(name, None)
        view = self.views.pop(name, None)
        if view is not None:
            view.ended.set()
            if not view.answer.done():
                view.answer.set_exception(error)

    def _close(self, name: str) -> None:
        if name in self.views:
            self.worker.send(CloseView(name))
            self._end(name, WachtelError(ErrorKind.STREAM_ENDED, "The view was closed."))

    def _died(self) -> None:
        for name in [one for one in self.views if one not in self._waiting]:
            self._end(name, WachtelError(ErrorKind.STREAM_ENDED, "The process for live pictures ended."))

    async def stop(self) -> None:
        """Ends all views and the worker."""
        for name in tuple(self.views):
            self._close(name)
        if self._started:
            await self.worker.end(STOP_PATIENCE_S)
        await self._tasks.close()
