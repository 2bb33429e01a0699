"""Recordings of Frigate and motionEye become footage: real MP4s, the command itself, FFmpeg as the judge."""

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import pytest
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from running_server import WACHTEL, RunningServer, wait_until

from wachtel.app.cli import main
from wachtel.app.importing import House, importer, targets_of
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.archive_layout import segment_name_start
from wachtel.model.camera import Site
from wachtel.model.stream import Codec, StreamName
from wachtel.pipeline.importing.importer import Importer, Target, Wishes
from wachtel.pipeline.importing.summary import Summary
from wachtel.storage.api import LedgerState
from wachtel.storage.files.adoption import Adoptable
from wachtel.storage.foreign import LAYOUTS, scan
from wachtel.storage.index import Index
from wachtel.testing.clock import FakeClock
from wachtel.testing.sample_film import SampleFilm, make_film

needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None, reason="needs ffmpeg to cut and judge films"
)
FPS = 10
PIECES, PIECE_S = 6, 4
DAY = (datetime.now(UTC) - timedelta(hours=4)).replace(minute=5, second=0, microsecond=0)
HOUSE = House((Site("home", "Home", "Europe/Berlin"),), {})


def command(*arguments: str | Path) -> str:
    """Runs a command in this process; what it said on standard output."""
    with redirect_stdout(io.StringIO()) as said:
        assert main([str(one) for one in arguments]) == 0
    return said.getvalue()


def film(path: Path, seconds: float = 4.0, **other: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return make_film(path, SampleFilm(seconds, FPS, 160, 90, **other))  # type: ignore[arg-type]


def mpeg4(path: Path) -> None:
    """What a camera of motionEye without H.264 leaves."""
    with av.open(path.as_posix(), "w") as container:
        stream = container.add_stream("mpeg4", rate=FPS)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for number in range(FPS):
            frame = VideoFrame(160, 90, "yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def frigate(root: Path, at: datetime, camera: str = "front") -> Path:
    path = root / f"recordings/{at:%Y-%m-%d}/{at:%H}/{camera}/{at:%M.%S}.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def as_frigate_cuts(source: Path, root: Path, aside: Path) -> None:
    """One stream with sound, cut at key frames; the names are the starts, cut to the second."""
    aside.mkdir()
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(source), "-c", "copy", "-f", "segment", "-segment_time", str(PIECE_S),
         "-reset_timestamps", "1", str(aside / "%d.mp4")], check=True, timeout=60,
    )  # fmt: skip
    pieces = sorted(aside.iterdir(), key=lambda path: int(path.stem))
    assert len(pieces) == PIECES
    for number, piece in enumerate(pieces):
        piece.rename(frigate(root, DAY + timedelta(seconds=0.4 + number * PIECE_S)))


@dataclass(frozen=True)
class Moved:
    """A household that has moved."""

    source: Path
    data: Path
    told: Mapping[str, object]
    before: Mapping[str, str]


def fingerprints(root: Path) -> dict[str, str]:
    return {
        str(path): f"{path.stat().st_mtime_ns} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Moved:
    root = tmp_path_factory.mktemp("frigate")
    source = root / "source"
    whole = film(root / "whole.mp4", PIECES * PIECE_S, gop=FPS, b_frames=2, audio=Codec.AAC, audio_rate=16000)
    as_frigate_cuts(whole, source, root / "cuts")
    film(frigate(source, DAY + timedelta(minutes=1)), codec=Codec.H265)
    good = frigate(source, DAY).read_bytes()
    frigate(source, DAY + timedelta(minutes=2)).write_bytes(good[: len(good) // 2])
    frigate(source, DAY + timedelta(minutes=3)).write_bytes(b"")
    frigate(source, DAY + timedelta(minutes=4)).write_bytes(os.urandom(4096))
    mpeg4(frigate(source, DAY + timedelta(minutes=5)))
    frigate(source, DAY + timedelta(seconds=14)).write_bytes(good)
    (source / "recordings/notes.txt").write_text("not a film")
    before = fingerprints(source)
    told = json.loads(command("import", source, "--json", "--data", root / "data"))
    return Moved(source, root / "data", told, before)


def reasons(told: Mapping[str, object]) -> dict[str, str]:
    skipped = told["skipped"]
    assert isinstance(skipped, list)
    return {Path(one["path"]).name: one["why"] for one in skipped}


@contextmanager
def index(data: Path) -> Iterator[Index]:
    found = Index.look(data / "index.sqlite", data / "archive")
    assert found is not None
    yield found
    found.close()


@needs_ffmpeg
def test_good_recordings_come_and_others_are_named_with_their_reason(moved: Moved) -> None:
    assert (moved.told["files"], moved.told["already"], moved.told["strangers"]) == (PIECES + 1, 0, 1)
    why = reasons(moved.told)
    assert "already" in why.pop("05.14.mp4")
    assert "MPEG-4 Part 2" in why.pop("10.00.mp4")
    assert "empty" in why.pop("08.00.mp4")
    assert set(why) == {"07.00.mp4", "09.00.mp4"}
    assert all("broken" in text for text in why.values())
    assert fingerprints(moved.source) == moved.before


@needs_ffmpeg
def test_a_range_over_several_recordings_plays_without_a_line(moved: Moved, tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    end = DAY + timedelta(seconds=30)
    command(
        "export", "--camera", "front", "--from", DAY.isoformat(), "--to", end.isoformat(), "-o", target,
        "--data", moved.data,
    )  # fmt: skip
    judge = ["ffmpeg", "-v", "error", "-xerror", "-i", str(target), "-f", "null", "-progress", "pipe:1", "-"]
    done = subprocess.run(judge, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    frames = [line for line in done.stdout.splitlines() if line.startswith("frame=")][-1]
    assert int(frames[6:]) == PIECES * PIECE_S * FPS


@needs_ffmpeg
def test_times_are_right_and_every_minute_is_accounted_for(moved: Moved) -> None:
    start = WallUs(int(DAY.timestamp()) * US_PER_S)
    with index(moved.data) as known:
        found = known.segments("front", StreamName.MAIN, start, WallUs(start + 30 * US_PER_S))
        ledger = known.ledger("front", start, WallUs(start + 180 * US_PER_S))
        hours = known.timeline(["front"], start, WallUs(start + 1))
    for number, one in enumerate(found):
        assert 0 <= one.start - (start + number * PIECE_S * US_PER_S) < US_PER_S
    assert all(abs(two.start - one.end) <= US_PER_S // FPS for one, two in pairwise(found))
    assert ledger.length_us(LedgerState.UNKNOWN) == 0
    states = [(one.state, one.end - one.start) for one in ledger.stretches]
    assert [state for state, _ in states] == [
        LedgerState.RECORDED, LedgerState.GAP, LedgerState.RECORDED, LedgerState.GAP
    ]  # fmt: skip
    assert states[0][1] == pytest.approx(PIECES * PIECE_S * US_PER_S, abs=US_PER_S)
    assert any(hours[0].presence)


@needs_ffmpeg
def test_the_archive_is_clean_and_a_rebuild_gives_the_same_rows(moved: Moved) -> None:
    command("check", "--deep", "--data", moved.data)
    command("verify", "--data", moved.data)
    with index(moved.data) as known:
        before = list(known.all_segments("front"))
    command("rebuild", "--data", moved.data)
    with index(moved.data) as known:
        assert list(known.all_segments("front")) == before
    assert len(before) == PIECES + 1
    assert all(segment_name_start(Path(one.path).name) == one.start // 1000 * 1000 for one in before)


@needs_ffmpeg
def test_a_second_import_adds_nothing(moved: Moved) -> None:
    before = fingerprints(moved.data / "archive")
    told = json.loads(command("import", moved.source, "--json", "--data", moved.data))
    assert (told["files"], told["already"]) == (0, PIECES + 1)
    assert fingerprints(moved.data / "archive") == before


def segments_of(data: Path) -> list[str]:
    lines = [line for path in data.rglob("*.jsonl") for line in path.read_text().splitlines()]
    return [json.loads(line)["file"] for line in lines if '"t":"segment"' in line]


def test_an_import_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    source, data, number = tmp_path / "motioneye", tmp_path / "data", 44
    good = film(tmp_path / "good.mp4", 2.0).read_bytes()
    for count in range(number):
        at = DAY + timedelta(seconds=10 * count)
        path = source / f"Camera1/{at:%Y-%m-%d}/{at:%H-%M-%S}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(good)
        path.with_name(path.name + ".thumb").write_bytes(b"")
    words = ["import", str(source), "--timezone", "UTC", "--json", "--data", str(data)]
    killed = subprocess.Popen([*WACHTEL, *words], stderr=subprocess.PIPE, start_new_session=True)
    try:
        wait_until(lambda: len(segments_of(data)) > 5, 60.0, "some recordings are in")
    finally:
        os.killpg(killed.pid, signal.SIGKILL)
        killed.communicate()
    told = json.loads(command(*words))
    assert told["files"] + told["already"] == number
    assert told["strangers"] == 0
    names = segments_of(data)
    assert len({*names}) == number
    assert {f"archive/{name}" for name in names} == {
        path.relative_to(data).as_posix() for path in data.rglob("*.mp4")
    }
    assert not (data / "archive/home/camera1/.import").exists()
    command("check", "--deep", "--data", data)


def test_beside_a_server_the_worker_of_the_camera_writes_the_lines(tmp_path: Path) -> None:
    source, data = tmp_path / "frigate", tmp_path / "data"
    for count in range(3):
        film(frigate(source, DAY + timedelta(seconds=4 * count)))
    command("camera", "add", "rtsp://127.0.0.1:9/none", "--name", "Front", "--mode", "off", "--data", data)
    with RunningServer(data) as server, server.client() as client:
        told = json.loads(command("import", source, "--camera", "front=front", "--json", "--data", data))
        assert (told["files"], told["skipped"]) == (3, [])
        assert json.loads(command("import", source, "--json", "--data", data))["already"] == 3
        ledger = client.get("/api/v1/cameras/front/ledger", params={"day": f"{DAY:%Y-%m-%d}"}).json()
        assert ledger["coverage"]["recorded_s"] == pytest.approx(12, abs=1)
        assert ledger["coverage"]["unknown_s"] == 0
        span = {"start": DAY.isoformat(), "end": (DAY + timedelta(seconds=20)).isoformat()}
        recording = client.get("/api/v1/cameras/front/recording.mp4", params=span)
        assert recording.status_code == 200
        command("check", "--deep", "--data", data)
    (tmp_path / "film.mp4").write_bytes(recording.content)
    with av.open(str(tmp_path / "film.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 12 * FPS


# --- the importer alone, with a clock in the hand


def motioneye(root: Path, at: datetime, written: datetime | None = None, seconds: float = 2.0) -> Path:
    path = film(root / f"Camera1/{at:%Y-%m-%d}/{at:%H-%M-%S}.mp4", seconds, gop=FPS)
    if written is not None:
        os.utime(path, (written.timestamp(), written.timestamp()))
    return path


@contextmanager
def ready(tmp_path: Path, now: datetime) -> Iterator[Importer]:
    clock = FakeClock(int(now.timestamp()) * US_PER_S)
    with importer(tmp_path / "data", HOUSE, clock, lambda *_: None) as work:
        yield work


def imported(work: Importer, root: Path, keep_us: int | None = None) -> Summary:
    found = scan(root, LAYOUTS)
    targets = targets_of(HOUSE, found.cameras, {}, None, None)
    kept = {name: Target(one.site, one.camera, one.zone, keep_us) for name, one in targets.items()}
    return work.run(found, kept)


def starts(tmp_path: Path) -> list[str]:
    names = [path.name for path in (tmp_path / "data/archive").rglob("main/*/*.mp4")]
    return sorted(name[:17] for name in names)


def test_the_hour_that_is_shown_twice(tmp_path: Path) -> None:
    """By when a file was written; after copying by order, where the second one finds its place taken."""
    source, night = tmp_path / "source", datetime(2025, 10, 26, 2, 15)
    utc = datetime(2025, 10, 26, 0, 15, tzinfo=UTC)
    motioneye(source, night, utc)
    motioneye(source, night + timedelta(minutes=5), utc + timedelta(hours=1, minutes=5))
    copied = utc + timedelta(days=1)
    motioneye(source, night + timedelta(minutes=10), copied, 6.0)
    motioneye(source, night + timedelta(minutes=10, seconds=3), copied)
    with ready(tmp_path, datetime(2025, 10, 26, 6, tzinfo=UTC)) as work:
        summary = imported(work, source)
    assert (summary.files, summary.shown_twice, summary.skipped) == (4, 4, [])
    assert starts(tmp_path) == [
        "2025-10-26T001500", "2025-10-26T002500", "2025-10-26T012000", "2025-10-26T012503"
    ]  # fmt: skip


def test_what_is_too_old_too_fresh_or_to_come_stays_out(tmp_path: Path) -> None:
    source, noon = tmp_path / "source", datetime(2025, 6, 10, 12)
    now = datetime(2025, 6, 10, 10, 1, tzinfo=UTC)
    for at in (noon - timedelta(days=3), noon - timedelta(hours=1), noon, noon + timedelta(hours=1)):
        motioneye(source, at)
    (source / "Camera1/2025-06-10/09-00-00.avi").write_bytes(b"RIFF")
    with ready(tmp_path, now) as work:
        dry = work.run(
            scan(source, LAYOUTS), targets_of(HOUSE, ["Camera1"], {}, None, None), Wishes(dry=True)
        )
        assert (dry.files, starts(tmp_path)) == (2, [])
        summary = imported(work, source, keep_us=86_400 * US_PER_S)
    why = [one.why for one in summary.skipped]
    assert [summary.files, len(why)] == [1, 4]
    for text in ("older than the 1 days", "not MP4 but AVI", "too fresh", "from the future"):
        assert sum(text in one for one in why) == 1, text


class _Dying:
    """Takes one file in, then the power goes."""

    def __init__(self, work: Importer) -> None:
        self._adopter = work.adopter

    def adopt(
        self, target: Target, files: Sequence[Adoptable], holes: Sequence[tuple[WallUs, WallUs]]
    ) -> Mapping[str, str]:
        self._adopter.adopt(target, files[:1], holes)
        raise WachtelError(ErrorKind.DISK_FULL, "The disk is full.")


def test_a_long_recording_is_cut_at_minutes_and_midnight_and_finished_later(tmp_path: Path) -> None:
    source = tmp_path / "source"
    motioneye(source, datetime(2025, 6, 10, 1, 59, 10), seconds=140.0)
    with ready(tmp_path, datetime(2025, 6, 10, 6, tzinfo=UTC)) as work:
        whole, work.adopter = work.adopter, _Dying(work)
        with pytest.raises(WachtelError, match="full"):
            imported(work, source)
        assert starts(tmp_path) == ["2025-06-09T235910"]
        work.adopter = whole
        assert imported(work, source).files == 1
        assert imported(work, source).already == 1
    assert starts(tmp_path) == ["2025-06-09T235910", "2025-06-10T000000", "2025-06-10T000100"]
    command("check", "--deep", "--data", tmp_path / "data")
