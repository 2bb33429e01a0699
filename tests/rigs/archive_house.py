"""A server whose archive lies on a disk that can be pulled, swapped and filled; and what must be true afterwards."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from mounts import bind, unmount
from running_server import RunningServer, wachtel


class House:
    """A server whose archive lies on a "disk": a folder that is mounted at DATA/archive."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.disk, self.other = folder / "disk", folder / "other"
        self.archive = self.data / "archive"
        self.server = RunningServer(self.data)
        self.mounted = 0

    def plug(self, disk: Path | None = None) -> None:
        bind(disk or self.disk, self.archive)
        self.mounted += 1

    def pull(self) -> None:
        unmount(self.archive)
        self.mounted -= 1

    def storage(self) -> dict[str, Any]:
        with self.server.client() as client:
            answer = client.get("/api/v1/storage")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def alarm(self) -> dict[str, Any] | None:
        return next((one for one in self.storage()["alarms"] if one["kind"] == "not_recording"), None)

    def camera(self) -> dict[str, Any]:
        with self.server.client() as client:
            found: dict[str, Any] = client.get("/api/v1/cameras").json()[0]
        return found

    def footage(self, disk: Path | None = None) -> dict[str, int]:
        root = disk or self.disk
        return {str(path.relative_to(root)): path.stat().st_size for path in root.glob("*/*/main/*/*.mp4")}

    def records(self) -> bool:
        before = sum(self.footage().values())
        time.sleep(0.3)
        return sum(self.footage().values()) > before

    def unforeseen(self) -> list[str]:
        """What the server's log tells of errors nobody foresaw."""
        log = (self.data.parent / "serve.log").read_text()
        return [line for line in log.splitlines() if "Traceback" in line or "unexpected" in line]

    def gap_reasons(self) -> set[str]:
        text = "".join(path.read_text() for path in self.disk.glob("*/*/journal/*.jsonl"))
        return {reason for reason in ("disk_full", "crash", "restart") if f'"reason":"{reason}"' in text}


def assert_whole(data: Path) -> None:
    """`check` finds nothing, and an index made from the files alone holds the same rows.

    An event's picture may be missing: it is not tried again when the disk does not take it.
    """
    found = wachtel("check", "--json", "--data", data, check=False)
    findings = [line for line in found.stdout.splitlines() if "picture" not in line]
    assert findings == [], found.stdout
    rows = index_rows(data)
    wachtel("rebuild", "--data", data)
    assert index_rows(data) == rows


def index_rows(data: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{data / 'index.sqlite'}?mode=ro", uri=True) as connection:
        tables = ("segment", "gap", "event")
        rows = [
            (table, *map(str, row))
            for table in tables
            for row in connection.execute(f"SELECT * FROM {table}")
        ]
    connection.close()
    return sorted(rows)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def metric(house: House, name: str) -> float:
    with house.server.client() as client:
        text = client.get("/metrics").text
    return next(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))
