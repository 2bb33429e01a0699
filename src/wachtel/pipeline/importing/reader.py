"""The process that reads foreign files, as main sees it. Imports nothing heavy.

A file at which it dies or hangs costs that file and nothing else: the next one gets a new process.
"""

import multiprocessing
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import TypeVar

import msgspec

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import supervised
from wachtel.pipeline.importing.orders import Examine, Examined, FromReader, Refused, Remux, Remuxed, ToReader

EXAMINE_S = 30.0
REMUX_S = 60.0
SLOWEST_BYTES_PER_S = 1_000_000
LARGEST_ANSWER_BYTES = 16 << 20
_PATIENCE_S = 2.0
_REASONS = frozenset(
    {ErrorKind.BAD_DATA, ErrorKind.UNSUPPORTED_CODEC, ErrorKind.DISK_FULL, ErrorKind.DISK_ERROR}
)
"""Anything else a child says is a fault that the file has brought out."""


T = TypeVar("T", Examined, Remuxed)


class ForeignReader:
    """Asked by one thread. Use as a context."""

    def __init__(self, examine_s: float = EXAMINE_S, remux_s: float = REMUX_S) -> None:
        self._examine_s = examine_s
        self._remux_s = remux_s
        self._process: ForkServerProcess | None = None
        self._line: Connection | None = None

    def __enter__(self) -> "ForeignReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def examine(self, path: str) -> Examined:
        """What the head of a file says. Raises `WachtelError` for a file that cannot be taken over."""
        return self._ask(Examine(path), Examined, self._examine_s)

    def remux(self, order: Remux, size_bytes: int) -> Remuxed:
        """Writes a file's footage into segments that wait. Raises `WachtelError` for a file that cannot be taken
        over, and disk_full or disk_error."""
        return self._ask(order, Remuxed, self._remux_s + size_bytes / SLOWEST_BYTES_PER_S)

    def close(self) -> None:
        """Ends the process."""
        line, process = self._line, self._process
        self._line = self._process = None
        if line is not None:
            line.close()
        if process is not None:
            process.join(_PATIENCE_S)
            if process.is_alive():
                process.kill()
            process.join()
            process.close()

    def _ask(self, order: ToReader, kind: type[T], patience_s: float) -> T:
        answer = self._exchange(order, patience_s)
        if isinstance(answer, Refused) and answer.kind in _REASONS:
            raise WachtelError(ErrorKind(answer.kind), answer.what, hint=answer.hint)
        if not isinstance(answer, kind):
            self.close()
            raise _gave_up()
        return answer

    def _exchange(self, order: ToReader, patience_s: float) -> FromReader | None:
        """Data, not pickles: the child has met hostile bytes and is not trusted."""
        line = self._line or self._start()
        with suppress(EOFError, OSError, msgspec.MsgspecError):
            line.send_bytes(msgspec.msgpack.encode(order))
            if line.poll(patience_s):
                found: FromReader = msgspec.msgpack.decode(
                    line.recv_bytes(LARGEST_ANSWER_BYTES), type=FromReader
                )
                return found
        return None

    def _start(self) -> Connection:
        context = multiprocessing.get_context("forkserver")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_child, args=(theirs,), name="import", daemon=True)
        self._process.start()
        theirs.close()
        self._line = ours
        return ours


def _gave_up() -> WachtelError:
    return WachtelError(
        ErrorKind.BAD_DATA, "The file is broken: reading it took too long or ended the program that read it."
    )


def _child(line: Connection) -> None:
    # Ctrl+C reaches the whole group; this process ends when main lets go of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            order: ToReader = msgspec.msgpack.decode(line.recv_bytes(), type=ToReader)
            line.send_bytes(msgspec.msgpack.encode(_answer(order)))


def _answer(order: ToReader) -> FromReader:
    # The child may import PyAV, main may not.
    from wachtel.pipeline.importing.remux import examine, remux

    def work() -> FromReader:
        return examine(order.path) if isinstance(order, Examine) else remux(order)

    found = supervised(work, "reading a foreign file")
    return Refused(found.kind.value, found.what, found.hint) if isinstance(found, WachtelError) else found
