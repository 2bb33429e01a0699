"""One worker process as main sees it: started from a forkserver, fed with messages, restarted when it dies.

Workers come from one forkserver that has imported the heavy libraries once, so that their pages are shared. They stay
in main's process group and end by themselves when their socket to main closes, however main dies.
"""

import asyncio
import logging
import multiprocessing
import random
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from typing import Generic, Protocol, TypeVar

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.wire import Message, Unpacker, pack
from wachtel.pipeline.backoff import Backoff

log = logging.getLogger(__name__)

PRELOADED = ["wachtel.pipeline.preloaded"]
STOP_PATIENCE_S = 5.0

T = TypeVar("T")


def start_forkserver() -> None:
    """The server that forks the workers, with what they share; harmless when it runs.

    Whoever starts it before loading libraries of its own has workers sooner: it loads beside.
    """
    forkserver.set_forkserver_preload(PRELOADED)
    forkserver.ensure_running()


class Worker(Protocol):
    """A worker whatever it says."""

    name: str
    restarts: int
    ended: asyncio.Event

    @property
    def pid(self) -> int | None: ...

    async def stop(self) -> None: ...


class WorkerProcess(Generic[T]):
    """Keeps one worker running.

    ``entry``, "module:function", is imported by the child alone and called with the connection and the arguments.
    ``on_start`` is called when the child is up and must send it all it has to know; ``on_message`` gets what it says;
    ``on_death`` is called each time it died. All three run in the loop.
    """

    def __init__(
        self,
        name: str,
        entry: str,
        arguments: tuple[object, ...],
        kinds: object,
        clock: Clock,
        *,
        on_start: Callable[[], None],
        on_message: Callable[[T], None],
        on_death: Callable[[], None],
    ) -> None:
        self.name = name
        self.restarts = 0
        self.ended = asyncio.Event()
        self._entry = entry
        self._arguments = arguments
        self._kinds = kinds
        self._clock = clock
        self._on_start = on_start
        self._on_message = on_message
        self._on_death = on_death
        self._writer: asyncio.StreamWriter | None = None
        self._process: ForkServerProcess | None = None
        self._stopping = threading.Event()

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._process.pid if self._process else None

    @property
    def is_up(self) -> bool:
        """True while what is sent reaches the worker."""
        return self._writer is not None and not self._writer.is_closing()

    def send(self, message: Message) -> None:
        """Sends a message; dropped while the worker is down, since ``on_start`` tells a new one everything."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(pack(message))

    def send_all(self, messages: Iterable[Message]) -> None:
        """Sends several messages."""
        for message in messages:
            self.send(message)

    async def run(self) -> None:
        """Starts the worker and starts it again whenever it dies, until `stop`."""
        backoff = Backoff(random.Random(self.name))
        while not self._stopping.is_set():
            began = self._clock.monotonic_s()
            await self._run_once()
            if self._stopping.is_set():
                break
            self.restarts += 1
            wait = backoff.failed(self._clock.monotonic_s() - began)
            log.warning("worker %s ended; starting it again in %.1f s", self.name, wait)
            self._on_death()
            await self._clock.sleep(wait)
        self.ended.set()

    async def _run_once(self) -> None:
        ours, theirs = socket.socketpair()
        process = await asyncio.to_thread(self._spawn, theirs)
        self._process = process
        reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        if self._stopping.is_set():
            self._writer.write_eof()
        try:
            self._on_start()
            await self._read(reader)
        finally:
            self._writer.close()
            self._writer = None
            # A closed process has no id any more, and whoever asks for it meanwhile shall get none.
            self._process = None
            await asyncio.to_thread(self._bury, process)

    def _spawn(self, theirs: socket.socket) -> ForkServerProcess:
        start_forkserver()
        context = multiprocessing.get_context("forkserver")
        process = context.Process(
            target=_child, args=(self._entry, theirs, self._arguments), name=self.name, daemon=True
        )
        process.start()
        theirs.close()
        return process

    async def _read(self, reader: asyncio.StreamReader) -> None:
        unpacker: Unpacker[T] = Unpacker(self._kinds)
        while data := await _read_some(reader):
            try:
                messages = unpacker.feed(data)
            except WachtelError as error:
                log.error("worker %s sent nonsense: %s", self.name, error)
                return
            for message in messages:
                self._on_message(message)

    @staticmethod
    def _bury(process: ForkServerProcess) -> None:
        """The socket is closed, so the child ends by itself; whoever does not is ended."""
        process.join(STOP_PATIENCE_S)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()

    async def stop(self) -> None:
        """Lets the worker finish its files and end, and say its last words; `ended` is set when it is gone."""
        self._stopping.set()
        if self._writer is not None:
            with suppress(OSError):
                self._writer.write_eof()

    async def end(self, patience_s: float) -> None:
        """Asks it to end, and waits until it has, but not longer than this."""
        await self.stop()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), patience_s)


async def _read_some(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(1 << 18)
    except ConnectionError:
        return b""


def _child(entry: str, connection: socket.socket, arguments: tuple[object, ...]) -> None:
    # Main decides when to end: a Ctrl+C in the terminal reaches the whole group, but workers close their files only
    # when main lets go of them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    module, _, function = entry.partition(":")
    getattr(import_module(module), function)(connection, *arguments)
