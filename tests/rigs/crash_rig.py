"""Kills parts of a running server at random moments and looks at what is left."""

import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from running_server import RunningServer, is_zombie, wachtel, wait_until

from wachtel.base.units import US_PER_S
from wachtel.media.fmp4_read import Bytes, read_fragments, read_head
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera

VICTIMS = ("media worker", "analysis worker", "main", "group")
BACK_WITHIN_S = 3.0


@dataclass(slots=True)
class CrashReport:
    """What one kill cost. Times in seconds; ``missing_s`` is footage that had arrived and is not on the disk."""

    victim: str
    back_after_s: float
    missing_s: float
    survivors: list[int] = field(default_factory=list)


class CrashRig:
    """A looping fake camera and a server that records it."""

    def __init__(self, folder: Path, main: Path, sub: Path | None, seed: int) -> None:
        self.data = folder / "data"
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.random = random.Random(seed)
        self.camera = ThreadedFakeCamera(main, sub, FakeCameraOptions(loop=True))
        self.server = RunningServer(self.data)

    def __enter__(self) -> "CrashRig":
        self.camera.__enter__()
        arguments = ["camera", "add", self.camera.main_url, "--name", "Garden", "--data", str(self.data)]
        if self.camera.sub_url:
            arguments += ["--sub", self.camera.sub_url]
        wachtel(*arguments)
        self.server.start()
        self.wait_for_growth(20.0)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()
        self.camera.__exit__(None, None, None)

    def kill(self, victim: str) -> CrashReport:
        """Kills at a random moment, and waits until recording goes on."""
        time.sleep(self.random.uniform(0.3, 2.5))
        if victim == "media worker":
            return self._kill_worker(victim, "media-0", restarts_recording=True)
        if victim == "analysis worker":
            return self._kill_worker(victim, "analysis-0", restarts_recording=False)
        return self._kill_main(victim)

    def _kill_worker(self, victim: str, name: str, *, restarts_recording: bool) -> CrashReport:
        pid = self.server.worker(name)
        assert pid, f"{name} does not run"
        os.kill(pid, signal.SIGKILL)
        killed_at = time.time()
        missing = self._missing_since(killed_at) if restarts_recording else 0.0
        back = self.wait_for_growth(BACK_WITHIN_S * 5)
        wait_until(lambda: self.server.worker(name) not in (0, pid), 15.0, f"{name} runs again")
        return CrashReport(victim, back, missing, [] if is_zombie(pid) else [pid])

    def _kill_main(self, victim: str) -> CrashReport:
        members = self.server.members()
        if victim == "main":
            self.server.kill_main()
        else:
            self.server.kill_group()
        killed_at = time.time()
        wait_until(lambda: all(is_zombie(pid) for pid in members), 15.0, "no worker outlives main")
        missing = self._missing_since(killed_at)
        survivors = [pid for pid in members if not is_zombie(pid)]
        self.server.reap()
        began = time.monotonic()
        self.server.start()
        self.wait_for_growth(15.0)
        return CrashReport(victim, time.monotonic() - began, missing, survivors)

    def _missing_since(self, killed_at: float) -> float:
        """From the last picture on the disk to the kill: a frame's time when nothing was lost."""
        return killed_at - self.newest_picture_s()

    def newest_file(self) -> Path | None:
        """The file recorded last."""
        files = sorted((self.data / "archive").glob("*/*/main/*/*.mp4"))
        return files[-1] if files else None

    def newest_picture_s(self) -> float:
        """Wall clock of the last whole picture on the disk."""
        newest = self.newest_file()
        assert newest is not None
        source = Bytes(newest.read_bytes())
        return max(fragment.wall for fragment in read_fragments(source, read_head(source))) / US_PER_S

    def wait_for_growth(self, within_s: float) -> float:
        """Waits until pictures reach the disk again; gives the seconds it took."""
        before = self._bytes()

        def grows() -> bool:
            newest = self.newest_file()
            return newest is not None and newest.stat().st_size > 4000 and self._bytes() > before

        return wait_until(grows, within_s, "recording goes on")

    def _bytes(self) -> int:
        return sum(file.stat().st_size for file in (self.data / "archive").glob("*/*/main/*/*.mp4"))

    def files(self) -> list[Path]:
        """Everything recorded."""
        return sorted((self.data / "archive").glob("*/*/main/*/*.mp4"))

    def undecodable(self) -> Iterator[str]:
        """Files of which FFmpeg complains."""
        for file in self.files():
            done = subprocess.run(
                ["ffmpeg", "-v", "error", "-xerror", "-i", str(file), "-f", "null", "-"],
                capture_output=True,
                text=True,
            )
            if done.returncode or done.stderr:
                yield f"{file.name}: {done.stderr.strip()[:300]}"

    def judge_archive(self) -> list[str]:
        """After a good stop: everything that is not as it should be."""
        faults = list(self.undecodable())
        checked = wachtel("check", "--deep", "--data", self.data, check=False)
        if checked.returncode:
            faults.append(f"check: {checked.stdout}")
        before = index_rows(self.data / "index.sqlite")
        wachtel("rebuild", "--data", self.data)
        if index_rows(self.data / "index.sqlite") != before:
            faults.append("rebuild gives other rows")
        return faults


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
