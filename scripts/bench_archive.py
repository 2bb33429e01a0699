"""Rebuild, check, one live line, the day view and the ledger: scripts/bench archive [DAYS]. JSON lines.

The archive has two cameras with a segment a minute; files are empty, so reading them costs nothing here.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.archive_layout import day_of, journal_path, segment_path
from wachtel.media.journal import (
    FIRST_PREV,
    DayLine,
    Entry,
    EventLine,
    Journalled,
    SegmentLine,
    encode,
    line_hash,
)
from wachtel.model.stream import StreamName
from wachtel.storage.check import check
from wachtel.storage.files.disk import RealDisk
from wachtel.storage.files.volume import prepare, read_marker
from wachtel.storage.index import Index
from wachtel.storage.rebuild import rebuild

MINUTE_US = 60 * US_PER_S
DAY_US = 1440 * MINUTE_US
START = 20_000 * DAY_US
CAMERAS = ("door", "yard")


def main() -> None:
    """Prints a line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("days", type=int, nargs="?", default=35)
    days = parser.parse_args().days
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("archive", "keys"):
            (root / name).mkdir()
        prepare(root / "archive", root / "keys", WallUs(START))
        for camera in CAMERAS:
            fill(root / "archive", camera, days)
        measure(root, days)


def fill(archive: Path, camera: str, days: int) -> None:
    """Journals and empty files of one camera."""
    volume = read_marker(RealDisk(archive)).volume
    seq, prev = 0, FIRST_PREV
    for day in range(days):
        begin = START + day * DAY_US
        lines: list[bytes] = []
        for entry in entries(volume, camera, begin):
            seq += 1
            lines.append(encode(entry, WallUs(begin), seq, prev))
            prev = line_hash(lines[-1])
            if isinstance(entry, SegmentLine):
                file = archive / entry.file
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
        journal = archive / journal_path("home", camera, day_of(WallUs(begin)))
        journal.parent.mkdir(parents=True, exist_ok=True)
        journal.write_bytes(b"\n".join(lines) + b"\n")


def entries(volume: str, camera: str, begin: int) -> list[Entry]:
    """A day's lines: a segment a minute, an event every half hour."""
    found: list[Entry] = [DayLine(day=day_of(WallUs(begin)), volume=volume, site="home", camera=camera)]
    for minute in range(1440):
        start = begin + minute * MINUTE_US
        found.append(segment(camera, start))
        if minute % 30 == 0:
            found.append(
                EventLine(
                    id=f"{start}-{camera}",
                    kind="motion",
                    start=start,
                    end=start + 9,
                    reported=start,
                    score=0.5,
                )
            )
    return found


def segment(camera: str, start: int) -> SegmentLine:
    """A minute."""
    return SegmentLine(
        file=segment_path("home", camera, StreamName.MAIN, WallUs(start)),
        stream="main",
        start=start,
        end=start + MINUTE_US,
        bytes=0,
        sha256="a" * 64,
        frames=900,
        key_frames=30,
        run="bench",
        closed="rotate",
    )


def measure(root: Path, days: int) -> None:
    """Each figure once."""
    archive, path = root / "archive", root / "index.sqlite"
    wall, cpu = timed(lambda: rebuild(archive, path))
    report("rebuild", wall, cpu_s=round(cpu, 2), segments=days * 1440 * len(CAMERAS))
    wall, _ = timed(
        lambda: [one for one in check(archive, root / "keys", path) if one.kind != "unsigned_day"]
    )
    report("check", wall, segments=days * 1440 * len(CAMERAS))
    index = Index.open(path, archive)
    day = WallUs(START + days // 2 * DAY_US)
    asked = [
        ("day_view", lambda: index.timeline(CAMERAS, day, WallUs(day + DAY_US))),
        ("ledger_of_a_day", lambda: index.ledger("door", day, WallUs(day + DAY_US))),
        (
            "segments_of_a_minute",
            lambda: index.segments("door", StreamName.MAIN, day, WallUs(day + MINUTE_US)),
        ),
    ]
    for name, question in asked:
        report(name, min(timed(question)[0] for _ in range(9)))
    lines = live_lines(days, 200)
    wall, _ = timed(lambda: [index.apply([line]) for line in lines])
    report("apply_a_live_line", wall / len(lines))
    index.close()


def live_lines(days: int, count: int) -> list[Journalled]:
    """Lines of a camera that begins now."""
    found, at = [], 0
    for number in range(count):
        raw = encode(segment("hall", START + days * DAY_US + number * MINUTE_US), WallUs(0), number + 1, "")
        found.append(Journalled("home", "hall", "home/hall/journal/x.jsonl", at, at + len(raw) + 1, raw))
        at += len(raw) + 1
    return found


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def report(name: str, wall_s: float, **more: float) -> None:
    """One JSON line."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    print(json.dumps({"bench": f"archive.{name}", "ms": round(wall_s * 1000, 3), **more, "machine": machine}))


if __name__ == "__main__":
    main()
