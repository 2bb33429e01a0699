"""Opens the folder that holds everything: archive, index, state, keys and the lock that keeps a second server
out."""

from dataclasses import dataclass
from pathlib import Path

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.files.disk import OpenFile, RealDisk, trouble
from wachtel.storage.files.volume import EXPECTED_FILE, Volume, VolumeDoor, prepare

_MAY_BE_MENDED = frozenset({ErrorKind.FOREIGN_VOLUME, ErrorKind.DISK_ERROR, ErrorKind.DISK_FULL})


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie in a data folder."""

    root: Path

    @property
    def archive(self) -> Path:
        """Footage and journals."""
        return self.root / "archive"

    @property
    def keys(self) -> Path:
        """Secrets of this installation, mode 0700."""
        return self.root / "keys"

    @property
    def index_path(self) -> Path:
        """The cache that can be rebuilt from the archive."""
        return self.root / "index.sqlite"

    @property
    def state_path(self) -> Path:
        """What is not footage: accounts, cameras, tokens."""
        return self.root / "state.sqlite"

    @property
    def run(self) -> Path:
        """The lock and the socket by which commands talk to the server."""
        return self.root / "run"

    @property
    def control_socket(self) -> Path:
        """The socket by which commands talk to the server."""
        return self.run / "control.sock"


def places(root: Path) -> Places:
    """The places in a data folder, for those who only look."""
    return Places(root)


@dataclass(frozen=True, slots=True)
class DataFolder(Places):
    """A data folder in use; it stays locked until `close`."""

    door: VolumeDoor
    missing: WachtelError | None
    _lock: OpenFile

    @staticmethod
    def open(root: Path, clock: Clock, *, patient: bool = False) -> "DataFolder":
        """Opens the folder, and makes it at the very first start.

        A ``patient`` caller gets the folder even when the archive's disk is not there, or another one is in its
        place: ``missing`` then says what is wrong, and ``volume`` raises that until it is mended. Raises
        `WachtelError`: busy when a server already has it, foreign_volume, disk_full, disk_error.
        """
        try:
            _make_layout(root)
            lock = RealDisk(root).lock("run/lock")
        except BlockingIOError as error:
            raise WachtelError(
                ErrorKind.BUSY,
                f"Another Wachtel already uses {root}.",
                hint="Use that one, or give this one a folder of its own with --data.",
            ) from error
        except OSError as error:
            raise trouble(error, f"open the folder {root}") from error
        door = VolumeDoor(root / "archive", root / "keys")
        try:
            missing = _trouble_with(root, door, clock, patient)
        except BaseException:
            lock.close()
            raise
        return DataFolder(root, door, missing, lock)

    @property
    def volume(self) -> Volume:
        """The archive's volume. Raises `WachtelError` (foreign_volume, disk_error) while it is not there."""
        return self.door.open()

    def close(self) -> None:
        """Lets another server in."""
        self._lock.close()


def _trouble_with(root: Path, door: VolumeDoor, clock: Clock, patient: bool) -> WachtelError | None:
    """What is wrong with the archive's volume; whoever is not patient gets it raised."""
    known = (root / "keys" / EXPECTED_FILE).exists()
    try:
        prepare(root / "archive", root / "keys", clock.wall_us())
        door.open()
    except WachtelError as error:
        if patient and known and error.kind in _MAY_BE_MENDED:
            return error
        raise
    return None


def _make_layout(root: Path) -> None:
    root.mkdir(mode=0o750, parents=True, exist_ok=True)
    for name in ("keys", "run"):
        (root / name).mkdir(mode=0o700, exist_ok=True)
    (root / "keys").chmod(0o700)
    if not (root / "keys" / EXPECTED_FILE).exists():
        # Where the archive is known and its folder is missing, its disk is not mounted: no folder may stand
        # in for it.
        (root / "archive").mkdir(mode=0o750, exist_ok=True)
