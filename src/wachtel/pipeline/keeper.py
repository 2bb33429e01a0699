"""A media worker's thread that deletes and writes on behalf of main, for cameras without a recorder too."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.tasks import supervised
from wachtel.base.wire import Message
from wachtel.media.journal import Entry, Journalled
from wachtel.pipeline.messages import AdoptFootage, AdoptionDone, LineWritten, RemovalDone, RemoveFootage
from wachtel.storage.files import JournalWriter, VolumeDoor
from wachtel.storage.files.adoption import Adoptable, Adoption, adopt
from wachtel.storage.files.removal import Removal, remove_listed
from wachtel.storage.files.reserve import keep_reserve

log = logging.getLogger(__name__)

FindJournal = Callable[[str], JournalWriter | None]
"""The open journal of a camera that is recorded here."""


class Keeper:
    """Takes orders from the worker's control thread and works through them in a thread of its own."""

    def __init__(
        self, door: VolumeDoor, clock: Clock, say: Callable[[Message], None], find: FindJournal
    ) -> None:
        self._door = door
        self._clock = clock
        self._say = say
        self._find = find
        self._orders: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Begins to work, and sets aside the room that deleting needs."""
        self._orders.put(lambda: keep_reserve(self._door.open().disk))
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Ends after the order in hand."""
        self._orders.put(None)
        self._thread.join(timeout_s)

    def remove(self, order: RemoveFootage) -> None:
        """Queues a removal; answered by `RemovalDone`."""
        self._orders.put(lambda: self._remove(order))

    def adopt(self, order: AdoptFootage) -> None:
        """Queues an adoption; answered by `AdoptionDone`."""
        self._orders.put(lambda: self._adopt(order))

    def write(self, site: str, camera: str, entry: Entry) -> None:
        """Queues a line for the journal of a camera that is not recorded here."""
        self._orders.put(lambda: self._write(site, camera, entry))

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            failed = supervised(order, "the keeper")
            if failed is not None:
                log.warning("not done: %s", failed)

    def _write(self, site: str, camera: str, entry: Entry) -> None:
        with self._journal(site, camera) as journal:
            journal.append(entry)

    def _remove(self, order: RemoveFootage) -> None:
        result: Removal | WachtelError | None = None

        def remove() -> Removal:
            with self._journal(order.site, order.camera) as journal:
                return remove_listed(journal.volume, journal, order.paths, order.why)

        result = supervised(remove, f"removing footage of {order.camera}")
        if isinstance(result, Removal):
            self._say(RemovalDone(order.ticket, len(result.removed), result.refused, "", ""))
        else:
            log.warning("footage of %s stays: %s", order.camera, result)
            self._say(RemovalDone(order.ticket, 0, (), result.kind.value, result.what))

    def _adopt(self, order: AdoptFootage) -> None:
        files = [Adoptable(name, imported) for name, imported in order.files]

        def work() -> Adoption:
            with self._journal(order.site, order.camera) as journal:
                return adopt(journal.volume, journal, files, order.holes)

        result = supervised(work, f"importing footage of {order.camera}")
        if isinstance(result, Adoption):
            self._say(AdoptionDone(order.ticket, result.refused, "", ""))
        else:
            log.warning("files of %s were not taken in: %s", order.camera, result)
            self._say(AdoptionDone(order.ticket, (), result.kind.value, result.what))

    @contextmanager
    def _journal(self, site: str, camera: str) -> Iterator[JournalWriter]:
        """The camera's journal: the one its recorder has open, else opened for this order."""
        running = self._find(camera)
        if running is not None:
            yield running
            return
        journal = JournalWriter.open(self._door.open(), site, camera, self._clock, self._on_line)
        try:
            yield journal
        finally:
            journal.close()

    def _on_line(self, journalled: Journalled) -> None:
        self._say(LineWritten(journalled))
