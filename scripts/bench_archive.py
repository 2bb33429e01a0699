"""The archive in figures: scripts/bench archive [files|rebuild|views|clip ...]. JSON lines.

files: what a minute of footage costs on the disk beyond its pictures. rebuild: the index of 100,800 segments, made
from journals (the files are empty, so reading them costs nothing), check, a live line, a day's questions. views: the
day of 50 cameras with 10^5, 10^6 and 10^7 segments in an index that is written directly; needs 6 GB. clip: the first
byte of a clip of 30 s from a running server.
"""

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/rigs"))

from running_server import RunningServer, wachtel  # noqa: E402

from wachtel.base.units import DAY_US, HOUR_US, US_PER_S, WallUs  # noqa: E402
from wachtel.media.archive_layout import day_of, journal_path, segment_path  # noqa: E402
from wachtel.media.fmp4 import Muxer, SegmentIdentity  # noqa: E402
from wachtel.media.journal import (  # noqa: E402
    FIRST_PREV,
    Closed,
    DayLine,
    Entry,
    EventLine,
    Journalled,
    SegmentLine,
    encode,
    line_hash,
)
from wachtel.media.timestamps import Timeline  # noqa: E402
from wachtel.model.stream import Codec, Packet, StreamFormat, StreamName, Track, VideoFormat  # noqa: E402
from wachtel.storage.check import check  # noqa: E402
from wachtel.storage.files import Closing, Flusher, JournalWriter, SegmentFile, Volume  # noqa: E402
from wachtel.storage.files.disk import RealDisk  # noqa: E402
from wachtel.storage.files.volume import prepare, read_marker  # noqa: E402
from wachtel.storage.index import Index  # noqa: E402
from wachtel.storage.index.hours import BITMAP_BYTES  # noqa: E402
from wachtel.storage.rebuild import rebuild  # noqa: E402
from wachtel.testing.clock import FakeClock  # noqa: E402

MINUTE_US = 60 * US_PER_S
START = 20_000 * DAY_US
CAMERAS = ("door", "yard")
SETS = (bytes.fromhex("6742c00ada189a1000000300100000030320f1226a"), bytes.fromhex("68ce0fc8"))
FORMAT = StreamFormat(VideoFormat(Codec.H264, 96, 64, SETS))
SYNC_EVERY_S = 2
MANY = 50
SEGMENT_A_MINUTE = """
WITH RECURSIVE minute(at) AS (
  VALUES (:start) UNION ALL SELECT at + 60000000 FROM minute WHERE at + 60000000 < :start + :minutes * 60000000
)
INSERT INTO segment (path, site, camera, stream, start, "end", size_bytes, sha256, frames, key_frames, run, recovered)
SELECT 'home/' || :camera || '/main/' || strftime('%Y-%m-%d/%Y-%m-%dT%H%M%S', at / 1000000, 'unixepoch') || '.000Z.mp4',
  'home', :camera, 'main', at, at + 60000000, 7500000, printf('%064x', at), 900, 30, 'bench', 0
FROM minute
"""


def main() -> None:
    """Prints a line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*SECTIONS, []], help="all by default")
    parser.add_argument("--days", type=int, default=35, help="of the rebuild (default: %(default)s)")
    parser.add_argument(
        "--most", type=int, default=10**7, help="segments of the views (default: %(default)s)"
    )
    options = parser.parse_args()
    for name in options.what or SECTIONS:
        with tempfile.TemporaryDirectory() as folder:
            SECTIONS[name](Path(folder), options)


# What files cost


def measure_files(root: Path, _: argparse.Namespace) -> None:
    """Bytes on the disk for each byte of pictures, and fsyncs, by the real writer with a clock of its own."""
    for mbit_s in (0.3, 1.0, 2.0, 4.0):
        for fps in (15, 25):
            folder = root / f"{mbit_s}-{fps}"
            for name in ("archive", "keys"):
                (folder / name).mkdir(parents=True)
            prepare(folder / "archive", folder / "keys", WallUs(START))
            count_fsyncs()
            before = written_bytes()
            minutes, pictures = 5, write_minutes(folder, mbit_s, fps, 5)
            files = sum(file.stat().st_size for file in folder.glob("archive/*/*/main/*/*"))
            journals = sum(file.stat().st_size for file in folder.glob("archive/*/*/journal/*.jsonl"))
            device = written_bytes() - before
            tell(
                "files", mbit_s=mbit_s, fps=fps, fsyncs_per_camera_minute=round(FSYNCS[0] / minutes, 1),
                file_bytes_per_picture_byte=round(files / pictures, 4),
                with_journal=round((files + journals) / pictures, 4),
                device_bytes_per_picture_byte=round(device / pictures, 3) if device else None,
            )  # fmt: skip


FSYNCS = [0]
_real_fsync = os.fsync


def count_fsyncs() -> None:
    """From now on."""

    def counting(descriptor: Any) -> None:
        FSYNCS[0] += 1
        _real_fsync(descriptor)

    FSYNCS[0] = 0
    os.fsync = counting  # type: ignore[assignment]


def written_bytes() -> int:
    """What this process had the disk write."""
    try:
        lines = Path("/proc/self/io").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


def write_minutes(root: Path, mbit_s: float, fps: int, minutes: int, begin: int = START) -> int:
    """Records one camera; bytes of pictures."""
    volume, clock = Volume.open(root / "archive", root / "keys"), FakeClock(begin)
    flusher = Flusher(clock)
    journal = JournalWriter.open(volume, "home", "door", clock, lambda *_: None)
    total = 0
    for minute in range(minutes):
        at = WallUs(begin + minute * MINUTE_US)
        identity = SegmentIdentity(volume.id, "home", "door", StreamName.MAIN, "run", minute, at)
        muxer = Muxer(FORMAT, identity)
        file = SegmentFile.create(volume, "home", "door", StreamName.MAIN, at, muxer.head())
        flusher.add(file, journal, lambda *_: None)
        timeline = Timeline()
        for number, packet in enumerate(pictures(at, mbit_s, fps)):
            file.append(muxer.add(timeline.place(packet)))
            total += len(packet.data)
            if (number + 1) % (SYNC_EVERY_S * fps) == 0:
                clock.advance(SYNC_EVERY_S)
                flusher.run_once()
        file.append(muxer.tail())
        closing = Closing(muxer.start, muxer.end, muxer.frames, muxer.key_frames, "run", Closed.ROTATE)
        flusher.finish(file, closing)
        flusher.run_once()
    journal.close()
    return total


def pictures(at: int, mbit_s: float, fps: int) -> Iterator[Packet]:
    """A minute; a key frame every two seconds, eight times as large as the others."""
    gop = 2 * fps
    small = round(mbit_s * 1e6 / 8 * 2 / (gop + 7))
    for number in range(60 * fps):
        key = number % gop == 0
        size = small * (8 if key else 1)
        data = (size - 4).to_bytes(4, "big") + (b"\x65" if key else b"\x41") + bytes(size - 5)
        stamp = number * 90_000 // fps
        arrival = WallUs(at + number * US_PER_S // fps)
        yield Packet(data, stamp, stamp, Fraction(1, 90_000), key, Track.VIDEO, arrival)


# Rebuild and its questions


def measure_rebuild(root: Path, options: argparse.Namespace) -> None:
    """An archive of two cameras with a segment a minute; files are empty."""
    for name in ("archive", "keys"):
        (root / name).mkdir()
    prepare(root / "archive", root / "keys", WallUs(START))
    for camera in CAMERAS:
        fill(root / "archive", camera, options.days)
    ask(root, options.days)


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


def ask(root: Path, days: int) -> None:
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


# The day of many cameras


def measure_views(root: Path, options: argparse.Namespace) -> None:
    """The page of a day: what 50 cameras recorded, from an index of growing size."""
    count = 10**5
    while count <= options.most:
        path = root / f"{count}.sqlite"
        Index.open(path, root).close()
        began = time.perf_counter()
        fill_index(path, count // MANY)
        made_s = time.perf_counter() - began
        index = Index.open(path, root)
        names = [camera_name(number) for number in range(MANY)]
        day = WallUs(START + count // MANY // 2 * MINUTE_US // DAY_US * DAY_US)
        question = lambda: index.timeline(names, day, WallUs(day + DAY_US))  # noqa: E731, B023
        first, _ = timed(question)
        both = [timed(question) for _ in range(25)]
        times, cpu = [one for one, _ in both], [one for _, one in both]
        rows = len(index.timeline(names, day, WallUs(day + DAY_US)))
        listed = [
            timed(lambda: index.segments(names[7], StreamName.MAIN, day, WallUs(day + HOUR_US)))[0]  # noqa: B023
            for _ in range(25)
        ]
        report(
            "day_view", median(times),
            segments=count, cameras=MANY, hours=rows,
            cpu_ms=milliseconds(median(cpu)), min_ms=milliseconds(min(times)), max_ms=milliseconds(max(times)),
            first_ms=milliseconds(first), hour_of_a_camera_ms=milliseconds(median(listed)),
            index_gb=round(path.stat().st_size / 1e9, 2), made_s=round(made_s, 1),
        )  # fmt: skip
        index.close()
        path.unlink()
        count *= 10


def fill_index(path: Path, minutes: int) -> None:
    """Rows as the real writer would leave them, without journals behind them."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -262144")
    connection.execute("BEGIN")
    for number in range(MANY):
        camera = camera_name(number)
        connection.execute(SEGMENT_A_MINUTE, {"camera": camera, "start": START, "minutes": minutes})
        connection.executemany(
            "INSERT INTO hour_summary (hour, camera, presence, events, size_bytes) VALUES (?, ?, ?, ?, ?)",
            hour_rows(camera, minutes),
        )
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def hour_rows(camera: str, minutes: int) -> Iterable[tuple[Any, ...]]:
    """Every hour is full, and something moved in some of it."""
    for hour in range(START, START + minutes * MINUTE_US, HOUR_US):
        moved = (hour // HOUR_US % 251).to_bytes(1, "big") * BITMAP_BYTES
        yield hour, camera, b"\xff" * BITMAP_BYTES, moved, 60 * 7_500_000


def camera_name(number: int) -> str:
    """As ids look."""
    return f"camera-{number:02}"


# A clip from a running server


def measure_clip(root: Path, _: argparse.Namespace) -> None:
    """From the request to the first byte of 30 s out of an hour with 2 Mbit/s, over HTTP, in two files."""
    data = root / "data"
    wachtel("camera", "add", "rtsp://127.0.0.1:9/none", "--name", "door", "--data", data)
    server = RunningServer(data)
    with server, server.client() as client:
        client.patch("/api/v1/cameras/door", json={"mode": "off"}).raise_for_status()
    begin = round(time.time() / 60 - 90) * MINUTE_US
    write_minutes(data, 2.0, 15, 60, begin)
    with server, server.client() as client:
        times = [
            first_byte(client, WallUs(begin + minute * MINUTE_US + 45 * US_PER_S)) for minute in range(2, 58)
        ]
    report(
        "clip_first_byte", median(times),
        first_ms=milliseconds(times[0]), min_ms=milliseconds(min(times)), max_ms=milliseconds(max(times)),
    )  # fmt: skip


def first_byte(client: Any, start: WallUs) -> float:
    """Seconds."""
    wanted = {"start": iso(start), "end": iso(WallUs(start + 30 * US_PER_S))}
    began = time.perf_counter()
    with client.stream("GET", "/api/v1/cameras/door/recording.mp4", params=wanted) as answer:
        body = answer.iter_raw()
        next(body)
        took = time.perf_counter() - began
        assert answer.status_code == 200, answer.status_code
        for _ in body:
            pass
    return took


def iso(at: int) -> str:
    """For a question."""
    return datetime.fromtimestamp(at / US_PER_S, UTC).isoformat()


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def milliseconds(seconds: float) -> float:
    """For people."""
    return round(seconds * 1000, 2)


def report(name: str, wall_s: float, **more: float) -> None:
    """One JSON line."""
    tell(name, ms=round(wall_s * 1000, 3), **more)


def tell(name: str, **figures: float | None) -> None:
    """One JSON line with the machine."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(json.dumps({"bench": f"archive.{name}", **figures, "machine": machine}), flush=True)


SECTIONS: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "files": measure_files,
    "rebuild": measure_rebuild,
    "views": measure_views,
    "clip": measure_clip,
}


if __name__ == "__main__":
    main()
