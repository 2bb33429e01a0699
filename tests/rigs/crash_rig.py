"""Kills parts of a running server at random moments and compares what is left with what the cameras had sent."""

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from camera_park import MARK_BYTES, CameraPark, Sent
from running_server import RunningServer, group_of, is_zombie, started_at, wachtel, wait_until

from wachtel.base.errors import WachtelError
from wachtel.media.fmp4_read import Bytes, read_fragments, read_head

VICTIMS = ("media worker", "analysis worker", "main", "group")
BACK_WITHIN_S = 3.0
PATIENCE_S = 40.0
_FILES_AT_ONCE = 40


@dataclass(slots=True)
class CrashReport:
    """What one kill cost.

    ``back_after_s`` counts from the worker's death, or from the start of the next server, until every camera is
    recorded again. ``tail`` is how many pictures each camera had sent before the kill that are not in the archive after
    the restart. ``lost`` names what was there before and is not any more; ``survivors`` are processes that should
    not live.
    """

    victim: str
    back_after_s: float
    tail: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    survivors: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a camera has on the disk: its files, and size and hash of each journal."""

    files: tuple[Path, ...]
    journals: dict[Path, tuple[int, str]]


class CrashRig:
    """Looping fake cameras and a server that records them."""

    def __init__(self, folder: Path, cameras: int, seed: int) -> None:
        self.data = folder / "data"
        folder.mkdir(parents=True, exist_ok=True)
        self.random = random.Random(seed)
        self.park = CameraPark(folder, cameras)
        self.cameras = [f"camera-{number}" for number in range(1, cameras + 1)]
        self.server = RunningServer(self.data)
        self.killed_workers = 0
        self._members: set[tuple[int, int]] = set()

    def __enter__(self) -> "CrashRig":
        self.park.__enter__()
        for number, url in enumerate(self.park.urls, 1):
            wachtel("camera", "add", url, "--name", f"Camera {number}", "--data", self.data)
        self._start()
        # Who is watched is read as it comes; of who is not, pictures wait as drafts.
        with self.server.client() as client:
            for name in self.cameras[::2]:
                client.patch(
                    f"/api/v1/cameras/{name}", json={"motion": {"enabled": False}}
                ).raise_for_status()
        self.wait_for_footage({}, PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()
        self.park.__exit__(None, None, None)

    def kill(self, victim: str) -> CrashReport:
        """Kills at a random moment, and waits until all cameras are recorded again."""
        if self.random.random() < 0.5:
            self.park.change_format()
        pid = self._pid_of(victim)
        time.sleep(self.random.uniform(0.0, 1.5))
        members, before = self.server.members(), self._footprints()
        self._members |= {(pid, started_at(pid)) for pid in members}
        killed_at = time.monotonic()
        if victim == "group":
            self.server.kill_group()
        elif victim == "main":
            self.server.kill_main()
        else:
            self._kill_worker(victim, pid)
        report = CrashReport(victim, 0.0)
        if victim.endswith("worker"):
            self._worker_died(victim, pid, killed_at, report)
        else:
            self._main_died(members, killed_at, report)
        report.lost = [fault for name in self.cameras for fault in self._gone(name, before[name])]
        report.survivors += self._strays()
        return report

    def _kill_worker(self, victim: str, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError as error:
            raise AssertionError(f"the {victim} had died by itself: {self.log()[-2000:]}") from error
        self.killed_workers += 1

    def log(self) -> str:
        """What the server said, all of its lives together."""
        return (self.data.parent / "serve.log").read_text()

    def _pid_of(self, victim: str) -> int:
        if not victim.endswith("worker"):
            return 0
        name, found = f"{victim.split()[0]}-0", 0

        def runs() -> bool:
            nonlocal found
            found = self.server.worker(name)
            return found > 0 and not is_zombie(found)

        wait_until(runs, PATIENCE_S, f"{name} runs")
        return found

    def _worker_died(self, victim: str, pid: int, killed_at: float, report: CrashReport) -> None:
        recorded = victim == "media worker"
        files = {name: self.files(name) for name in self.cameras}
        if recorded:
            self.wait_for_footage(files, PATIENCE_S)
        else:
            self._wait_for_growth(PATIENCE_S)
        report.back_after_s = time.monotonic() - killed_at
        report.survivors += [] if is_zombie(pid) else [pid]
        if recorded:
            report.tail = self._tails(files, killed_at)

    def _main_died(self, members: list[int], killed_at: float, report: CrashReport) -> None:
        wait_until(lambda: all(is_zombie(pid) for pid in members), PATIENCE_S, "no worker outlives main")
        report.survivors += [pid for pid in members if not is_zombie(pid)]
        self.server.reap()
        files = {name: self.files(name) for name in self.cameras}
        began = time.monotonic()
        self._start()
        self.wait_for_footage(files, PATIENCE_S)
        report.back_after_s = time.monotonic() - began
        report.tail = self._tails(files, killed_at)

    def _start(self) -> None:
        self.server.start()

    def _strays(self) -> list[int]:
        """Processes of servers that are no more, as they were seen before a kill."""
        alive = [
            (pid, began) for pid, began in self._members if started_at(pid) == began and not is_zombie(pid)
        ]
        return [pid for pid, _ in alive if group_of(pid) != self.server.pid]

    def files(self, camera: str) -> list[Path]:
        """Everything recorded of a camera, by time."""
        return sorted((self.data / "archive").glob(f"*/{camera}/main/*/*.mp4"))

    def newest(self, camera: str) -> list[Path]:
        """The last files of a camera, by time; quicker than to list all of them."""
        days = sorted((self.data / "archive").glob(f"*/{camera}/main/*"))
        names = sorted(entry.name for day in days[-1:] for entry in os.scandir(day))
        return [days[-1] / name for name in names[-3:]]

    def journals(self, camera: str) -> list[Path]:
        """Its journals, by day."""
        return sorted((self.data / "archive").glob(f"*/{camera}/journal/*.jsonl"))

    def _footprints(self) -> dict[str, Footprint]:
        found = {}
        for name in self.cameras:
            journals = {}
            for path in self.journals(name):
                whole = path.read_bytes()
                whole = whole[: whole.rfind(b"\n") + 1]
                journals[path] = len(whole), hashlib.sha256(whole).hexdigest()
            found[name] = Footprint(tuple(self.files(name)), journals)
        return found

    def _gone(self, camera: str, before: Footprint) -> Iterator[str]:
        """Journal lines that are no longer as they were, and files that are no longer there.

        The newest files may have been begun without a whole picture in them; those are worth nothing.
        """
        for path, (size, digest) in before.journals.items():
            with path.open("rb") as file:
                if hashlib.sha256(file.read(size)).hexdigest() != digest:
                    yield f"{camera}: {path.name} is not as it was"
        for path in before.files[:-1]:
            if not path.exists():
                yield f"{camera}: {path.name} is gone"

    def _tails(self, files: dict[str, list[Path]], killed_at: float) -> list[int]:
        """For each camera, how many pictures it had sent before the kill that are not in the files it had then."""
        return [
            unsaved(sent.pictures, last_mark(files[name]), killed_at)
            for name, sent in zip(self.cameras, self.park.sent, strict=True)
        ]

    def wait_for_footage(self, known: dict[str, list[Path]], within_s: float) -> None:
        """Waits until every camera has a picture in a file that is not among the known ones."""
        waiting = set(self.cameras)
        newest = {name: paths[-1] for name, paths in known.items() if paths}

        def all_there() -> bool:
            for name in tuple(waiting):
                last = newest.get(name)
                if any(marks(path) for path in self.newest(name) if last is None or path > last):
                    waiting.discard(name)
            return not waiting

        wait_until(all_there, within_s, f"recording goes on: {waiting}")

    def _wait_for_growth(self, within_s: float) -> None:
        before = {name: self._size(name) for name in self.cameras}
        wait_until(
            lambda: all(self._size(name) != before[name] for name in self.cameras), within_s, "files grow"
        )

    def _size(self, camera: str) -> tuple[str, int]:
        newest = self.newest(camera)[-1]
        return newest.name, newest.stat().st_size

    def judge_archive(self) -> list[str]:
        """After a good stop: everything that is not as it should be."""
        faults = [*self._undecodable(), *self._holes()]
        deaths = [line for line in self.log().splitlines() if "starting it again" in line]
        if len(deaths) != self.killed_workers:
            faults.append(f"{self.killed_workers} workers were killed, {len(deaths)} died: {deaths[-20:]}")
        checked = wachtel("check", "--deep", "--data", self.data, check=False)
        if checked.returncode:
            faults.append(f"check: {checked.stdout[:2000]}")
        before = index_rows(self.data / "index.sqlite")
        wachtel("rebuild", "--data", self.data)
        if index_rows(self.data / "index.sqlite") != before:
            faults.append("rebuild gives other rows")
        return faults

    def _holes(self) -> Iterator[str]:
        """Files in which a picture is missing between two others."""
        for name, sent in zip(self.cameras, self.park.sent, strict=True):
            after = followers(sent.pictures)
            for path in self.files(name):
                found = marks(path)
                for number, (one, other) in enumerate(pairwise(found)):
                    if other not in after.get(one, ()):
                        yield f"{path.name}: picture {number + 1} of {len(found)} is not the one sent next"

    def _undecodable(self) -> Iterator[str]:
        """Files of which FFmpeg complains."""
        files = [path for name in self.cameras for path in self.files(name)]
        for begin in range(0, len(files), _FILES_AT_ONCE):
            some = files[begin : begin + _FILES_AT_ONCE]
            if _complaint(some):
                yield from (f"{path.name}: {said}" for path in some if (said := _complaint([path])))


def _complaint(files: list[Path]) -> str:
    inputs = [word for path in files for word in ("-threads", "1", "-i", str(path))]
    maps = [word for number in range(len(files)) for word in ("-map", str(number))]
    command = ["ffmpeg", "-v", "error", "-xerror", *inputs, *maps, "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stderr.strip() or f"ended {done.returncode}")[:300] if done.returncode or done.stderr else ""


def marks(path: Path) -> list[bytes]:
    """The mark of every whole picture in a file; [] when there is no file or nothing whole in it."""
    try:
        data = path.read_bytes()
        source = Bytes(data)
        fragments = list(read_fragments(source, read_head(source)))
    except (FileNotFoundError, WachtelError):
        return []
    return [data[fragment.end - MARK_BYTES : fragment.end] for fragment in fragments if fragment.samples]


def last_mark(files: list[Path]) -> bytes | None:
    """The mark of the newest picture in these files."""
    return next((found[-1] for path in reversed(files) if (found := marks(path))), None)


def unsaved(sent: list[Sent], mark: bytes | None, killed_at: float) -> int:
    """Pictures sent before the kill and behind the one with this mark."""
    count = 0
    for picture in reversed(sent):
        if picture.mark == mark:
            return count
        count += picture.at_s < killed_at
    return count


def followers(sent: list[Sent]) -> dict[bytes, set[bytes]]:
    """What was ever sent right after each picture."""
    found: dict[bytes, set[bytes]] = {}
    for one, other in pairwise(sent):
        found.setdefault(one.mark, set()).add(other.mark)
    return found


def index_rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the index that come from the archive."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        rows = {
            table: sorted(connection.execute(f"select * from {table}"), key=repr)
            for table in tables
            if table in ("segment", "gap", "event", "hold", "hour_summary")
        }
    connection.close()
    return rows
