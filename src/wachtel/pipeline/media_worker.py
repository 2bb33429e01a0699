"""The media worker process: ingest, archive, ring and journal of its cameras.

It decodes nothing and never waits for main.
"""

import logging
import multiprocessing
import queue
import socket
import threading
from contextlib import suppress
from pathlib import Path

from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import WachtelError
from wachtel.base.heap import keep_pictures
from wachtel.base.wire import Channel, Message, pack
from wachtel.pipeline.keeper import Keeper
from wachtel.pipeline.messages import (
    AdoptFootage,
    DiskFigures,
    KeepFootage,
    KeepSnapshot,
    Ready,
    RemoveFootage,
    RunCamera,
    StopCamera,
    ToMedia,
    WriteLine,
)
from wachtel.pipeline.recorded_camera import RecordedCamera, Workplace
from wachtel.pipeline.tap import TapServer
from wachtel.sources.beat import Beat
from wachtel.storage.files import Flusher, JournalWriter, VolumeDoor

log = logging.getLogger(__name__)

FIGURES_EVERY_S = 1.0
LAST_SYNC_S = 10.0
LAST_WORDS_S = 2.0


class MainLine:
    """What the worker says to main, sent by a thread of its own so that no camera waits for main."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._sender = threading.Thread(target=self._send, name="to-main", daemon=True)
        self._sender.start()

    def say(self, *messages: Message) -> None:
        """Queues messages, to be sent in one go; called by any thread."""
        self._queue.put(b"".join(map(pack, messages)))

    def _send(self) -> None:
        with suppress(OSError):
            while (message := self._queue.get()) is not None:
                self._connection.sendall(message)

    def finish(self, timeout_s: float) -> None:
        """Says what is still to be said; main may be gone, then nobody hears it."""
        self._queue.put(None)
        self._sender.join(timeout_s)


class MediaWorker:
    """Takes orders in its main thread until main closes the control socket."""

    def __init__(self, control: socket.socket, workplace: Workplace, main: MainLine) -> None:
        self._control: Channel[ToMedia] = Channel(control, ToMedia)
        self._at = workplace
        self._main = main
        self._cameras: dict[str, RecordedCamera] = {}
        self._stop = threading.Event()
        self._keeper = Keeper(workplace.door, workplace.clock, main.say, self._journal_of)

    def _journal_of(self, camera: str) -> JournalWriter | None:
        recorded = self._cameras.get(camera)
        return None if recorded is None else recorded.journal

    def run(self) -> None:
        """Works, and at the end closes every file."""
        self._at.flusher.start()
        self._at.taps.start()
        self._keeper.start()
        threading.Thread(target=self._tell_figures, name="figures", daemon=True).start()
        self._main.say(Ready())
        try:
            while True:
                for order in self._control.receive():
                    self._obey(order)
        except (EOFError, OSError, WachtelError) as error:
            log.debug("main is gone: %r", error)
        self._finish()

    def _obey(self, order: ToMedia) -> None:
        match order:
            case RunCamera(camera):
                self._stop_camera(camera.id)
                recorded = self._cameras[camera.id] = RecordedCamera(camera, self._at)
                recorded.start()
            case StopCamera(camera):
                self._stop_camera(camera)
                self._at.taps.forget(camera)
            case WriteLine():
                recorded_camera = self._cameras.get(order.camera)
                if recorded_camera is not None:
                    recorded_camera.write(order.line)
                else:
                    self._keeper.write(order.site, order.camera, order.line)
            case RemoveFootage():
                self._keeper.remove(order)
            case AdoptFootage():
                self._keeper.adopt(order)
            case KeepFootage(camera, start, until):
                if camera in self._cameras:
                    self._cameras[camera].keep(start, until)
            case KeepSnapshot():
                recorded_camera = self._cameras.get(order.camera)
                if recorded_camera is not None:
                    recorded_camera.keep_snapshot(order.event, order.jpeg)

    def _stop_camera(self, camera: str) -> None:
        recorded = self._cameras.pop(camera, None)
        if recorded is not None:
            recorded.ask_to_stop()
            recorded.finish()

    def _tell_figures(self) -> None:
        while not self._at.clock.wait(self._stop, FIGURES_EVERY_S):
            cameras = list(self._cameras.values())
            figures = [one for recorded in cameras for one in recorded.figures()]
            accounts = [account for recorded in cameras if (account := recorded.account()) is not None]
            self._main.say(*figures, *accounts, self._disk_figures())

    def _disk_figures(self) -> DiskFigures:
        now, worker = self._at.flusher.stats(), multiprocessing.current_process().name
        what, hint = ("", "") if now.trouble is None else (now.trouble.what, now.trouble.hint)
        return DiskFigures(
            worker, now.rounds, now.late_rounds, now.last_round_s, now.waiting, now.abandoned, what, hint
        )

    def _finish(self) -> None:
        self._stop.set()
        self._keeper.stop(LAST_WORDS_S)
        for recorded in self._cameras.values():
            recorded.ask_to_stop()
        for recorded in self._cameras.values():
            recorded.finish()
        self._at.flusher.drain(LAST_SYNC_S)
        self._at.flusher.stop()
        self._main.finish(LAST_WORDS_S)


def media_worker(control: socket.socket, archive: str, keys: str, tap: str) -> None:
    """Entry of the process."""
    keep_pictures()
    clock: Clock = SystemClock()
    main = MainLine(control)
    door = VolumeDoor(Path(archive), Path(keys))
    workplace = Workplace(
        door, Flusher(clock, look=door.look), TapServer(Path(tap)), clock, main.say, Beat(clock)
    )
    MediaWorker(control, workplace, main).run()
