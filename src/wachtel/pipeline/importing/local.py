"""Takes imported files in where no server runs: this process writes journals and index itself."""

from collections.abc import Mapping, Sequence

from wachtel.base.clock import Clock
from wachtel.base.units import WallUs
from wachtel.media.journal import Journalled
from wachtel.pipeline.importing.importer import Target
from wachtel.storage.files import JournalWriter, Volume
from wachtel.storage.files.adoption import Adoptable, adopt
from wachtel.storage.index import Index


class LocalAdopter:
    """Holds the journals of the cameras it has written to until it is closed."""

    def __init__(self, volume: Volume, index: Index, clock: Clock) -> None:
        self._volume = volume
        self._index = index
        self._clock = clock
        self._journals: dict[str, JournalWriter] = {}
        self._lines: list[Journalled] = []

    def adopt(
        self, target: Target, files: Sequence[Adoptable], holes: Sequence[tuple[WallUs, WallUs]]
    ) -> Mapping[str, str]:
        """See `Adopter`."""
        journal = self._journals.get(target.camera)
        if journal is None:
            journal = JournalWriter.open(
                self._volume, target.site, target.camera, self._clock, self._lines.append
            )
            self._journals[target.camera] = journal
        try:
            return dict(adopt(self._volume, journal, files, holes).refused)
        finally:
            lines, self._lines[:] = list(self._lines), []
            self._index.apply(lines)

    def close(self) -> None:
        """Lets others write the journals."""
        for journal in self._journals.values():
            journal.close()
        self._journals.clear()
