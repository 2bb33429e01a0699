"""Runs the rehearsals one after the other, each on copies of its own, and clears up behind them."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from wachtel.app.drill import index_lost, internet_gone
from wachtel.app.drill.report import Finding, Rehearsal, by_promise
from wachtel.app.drill.vendor_gone import end_all_plans, forge_notices, rehearse_sunset, rehearse_vendor
from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.copies import copy_database, database_bytes
from wachtel.storage.data_folder import Places
from wachtel.storage.state import State, open_state
from wachtel.storage.state.operator_key import KEY_FILE

RECORDED_BYTES = 64_000_000
"""What a rehearsal records and writes of its own at most."""

LARGEST_COPY_BYTES = 8_000_000_000
"""Larger copies are not made: the drill says so instead."""

Say = Callable[[str], None]


def needed_bytes(places: Places) -> int:
    """How much room for temporary files a drill needs: state and index three times, and what it records itself."""
    return 3 * (database_bytes(places.state_path) + database_bytes(places.index_path)) + RECORDED_BYTES


def run(places: Places, wanted: Iterable[Rehearsal], say: Say) -> list[Finding]:
    """A finding for each promise. Raises `WachtelError` (not_found, disk_full, internal)."""
    if not places.state_path.exists():
        raise WachtelError(
            ErrorKind.NOT_FOUND,
            f"There is no Wachtel in {places.root}.",
            hint="Name its folder with --data, or try `wachtel demo --data DIR` first.",
        )
    rehearsals = {
        Rehearsal.INDEX: _index,
        Rehearsal.VENDOR: _vendor,
        Rehearsal.SUNSET: _sunset,
        Rehearsal.INTERNET: _internet,
    }
    findings: list[Finding] = []
    with _work(needed_bytes(places)) as work:
        for name in wanted:
            say(f"{name.value} ...")
            folder = work / name.value
            folder.mkdir()
            findings += rehearsals[name](places, folder)
            shutil.rmtree(folder)
    return by_promise(findings)


@contextmanager
def _work(needed: int) -> Iterator[Path]:
    """A private folder for copies, gone afterwards. Raises `WachtelError` (disk_full)."""
    with tempfile.TemporaryDirectory(prefix="wachtel-drill-", ignore_cleanup_errors=True) as name:
        free = shutil.disk_usage(name).free
        if needed > min(free, LARGEST_COPY_BYTES):
            raise WachtelError(
                ErrorKind.DISK_FULL,
                f"A drill needs {needed // 1_000_000} MB for copies, and {free // 1_000_000} MB are free in {name}.",
                hint=f"At most {LARGEST_COPY_BYTES // 1_000_000_000} GB are copied; TMPDIR names another folder.",
            )
        yield Path(name)


@contextmanager
def _state_copy(places: Places, data: Path) -> Iterator[State]:
    """The state on a copy, without the keys of this installation: no password can be read there. Only the operator's
    key comes along, by which an announcement that was made already is recognised."""
    (data / "keys").mkdir(mode=0o700, parents=True)
    copy_database(places.state_path, data / places.state_path.name)
    if (places.keys / KEY_FILE).exists():
        shutil.copy2(places.keys / KEY_FILE, data / "keys" / KEY_FILE)
    state = open_state(data)
    try:
        yield state
    finally:
        state.close()


def _index(places: Places, folder: Path) -> list[Finding]:
    return [index_lost.rehearse(places, folder)]


def _vendor(places: Places, folder: Path) -> list[Finding]:
    with _state_copy(places, folder / "data") as state:
        return [rehearse_vendor(state)]


def _sunset(places: Places, folder: Path) -> list[Finding]:
    with _state_copy(places, folder / "data") as state:
        return rehearse_sunset(state)


def _internet(places: Places, folder: Path) -> list[Finding]:
    with _state_copy(places, folder / "data") as state:
        end_all_plans(state, SystemClock())
        forge_notices(state)
    return internet_gone.rehearse(folder)
