"""Exports and proofs beside a server that records, judged by FFmpeg, GStreamer and unzip."""

import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from running_server import RunningServer, wachtel, wait_until

from wachtel.app.scene_folder import scene_folder
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.scene.render import render_scene

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg to judge the films")
FPS = 15


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Records two cameras; changes of settings have cut the footage into several files with gaps."""
    main, _ = render_scene(scene_folder())
    data = tmp_path_factory.mktemp("export") / "data"
    with (
        ThreadedFakeCamera(main, None, FakeCameraOptions(loop=True)) as one,
        ThreadedFakeCamera(main, None, FakeCameraOptions(loop=True)) as two,
    ):
        for camera, name in ((one, "Garden"), (two, "Yard")):
            wachtel("camera", "add", camera.main_url, "--name", name, "--data", data)
        with RunningServer(data) as running, running.client() as client:
            for number in range(3):
                wait_until(lambda number=number: films(data) > number, 20.0, "a file")  # type: ignore[misc]
                wait_until(lambda: newest_bytes(data) > 1_000_000, 20.0, "some seconds of footage")
                client.patch("/api/v1/cameras/garden", json={"post_roll_s": 5 + number}).raise_for_status()
            wait_until(lambda: films(data) > 3 and newest_bytes(data) > 1_000_000, 20.0, "the last file")
            yield running


def films(data: Path) -> int:
    return len(list((data / "archive").glob("*/garden/main/*/*.mp4")))


def newest_bytes(data: Path) -> int:
    return max((data / "archive").glob("*/garden/main/*/*.mp4")).stat().st_size


def span() -> tuple[str, str]:
    now = datetime.now(UTC)
    return (now - timedelta(minutes=5)).isoformat(), (now + timedelta(seconds=1)).isoformat()


def has_demuxer() -> bool:
    """True where GStreamer can open MP4."""
    inspect = shutil.which("gst-inspect-1.0")
    return inspect is not None and subprocess.run([inspect, "qtdemux"], capture_output=True).returncode == 0


def decoded(film: Path) -> int:
    """Pictures that FFmpeg decodes without a complaint."""
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(film), "-f", "null", "-progress", "pipe:1", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return int([line for line in done.stdout.splitlines() if line.startswith("frame=")][-1][6:])


@needs_ffmpeg
def test_a_range_with_gaps_and_the_open_file_plays_from_beginning_to_end(
    server: RunningServer, tmp_path: Path
) -> None:
    start, end = span()
    film = tmp_path / "film.mp4"
    done = wachtel(
        "export", "--camera", "garden", "--from", start, "--to", end, "-o", film, "--data", server.data
    )
    assert done.stderr.count("nothing was recorded") <= 4
    assert decoded(film) > 3 * FPS
    if has_demuxer():
        command = ["gst-launch-1.0", "-q", "filesrc", f"location={film}", "!", "qtdemux", "!", "fakesink"]
        assert subprocess.run(command, capture_output=True, timeout=60).returncode == 0


@needs_ffmpeg
def test_two_cameras_in_one_zip_downloaded_in_pieces(server: RunningServer, tmp_path: Path) -> None:
    start, end = span()
    past = (datetime.fromisoformat(end) - timedelta(seconds=4)).isoformat()
    wanted = {"camera": ["garden", "yard"], "from": start, "to": past}
    with server.client() as client:
        head = client.head("/api/v1/export.zip", params=wanted)
        size, etag = int(head.headers["content-length"]), head.headers["etag"]
        whole = client.get("/api/v1/export.zip", params=wanted).content
        assert len(whole) == size
        again = client.get(
            "/api/v1/export.zip", params=wanted, headers={"range": f"bytes={size // 2}-", "if-range": etag}
        )
    if again.status_code == 206:
        assert whole[size // 2 :] == again.content
    with zipfile.ZipFile(io.BytesIO(whole)) as found:
        assert found.testzip() is None
        found.extractall(tmp_path)
    (tmp_path / "all.zip").write_bytes(whole)
    if shutil.which("unzip"):
        assert subprocess.run(["unzip", "-tq", tmp_path / "all.zip"], capture_output=True).returncode == 0
    names = [path.name.split("-")[0] for path in tmp_path.glob("*.mp4")]
    assert sorted(set(names)) == ["garden", "yard"]
    assert all(decoded(film) > FPS for film in tmp_path.glob("*.mp4"))


def test_the_archive_is_proved_while_it_grows_and_an_excerpt_anywhere(
    server: RunningServer, tmp_path: Path
) -> None:
    proved = wachtel("verify", "--json", "--data", server.data)
    total = json.loads(proved.stdout.splitlines()[-1])
    assert total["damages"] == 0 and total["files"] >= 3
    start, end = span()
    zipped = tmp_path / "proof.zip"
    wachtel(
        "export",
        "--camera",
        "garden",
        "--from",
        start,
        "--to",
        end,
        "--originals",
        "-o",
        zipped,
        "--data",
        server.data,
    )
    with zipfile.ZipFile(zipped) as found:
        found.extractall(tmp_path / "elsewhere")
    elsewhere = ("--from", start, "--to", end, "--key", total["key"], "--data", tmp_path / "elsewhere")
    assert wachtel("verify", *elsewhere).returncode == 0
    victim = next((tmp_path / "elsewhere/archive").glob("*/garden/main/*/*.mp4"))
    assert wachtel("verify", victim, "--data", server.data).returncode == 0
    data = bytearray(victim.read_bytes())
    data[-20] ^= 255
    victim.write_bytes(data)
    assert wachtel("verify", *elsewhere, check=False).returncode == 1
    told = wachtel("verify", victim, "--data", server.data, check=False)
    assert told.returncode == 1 and "from byte" in told.stdout


def test_a_live_archive_is_checked_and_its_index_made_anew(server: RunningServer) -> None:
    stranger = newest(server.data).with_name("holiday.mp4")
    stranger.write_bytes(b"not ours")
    found = wachtel("check", "--deep", "--json", "--data", server.data, check=False)
    assert [json.loads(line)["kind"] for line in found.stdout.splitlines()] == ["unknown_file"]
    assert stranger.read_bytes() == b"not ours"
    stranger.unlink()
    rebuilt = wachtel("rebuild", "--data", server.data)
    assert "The index is new" in rebuilt.stderr
    assert wachtel("check", "--data", server.data).stdout == ""


def test_a_download_goes_on_after_a_cut_and_after_a_restart(server: RunningServer, tmp_path: Path) -> None:
    """The camera goes on recording meanwhile; the export of what is past stays the same to the last byte."""
    begun = datetime.strptime(newest(server.data).stem, "%Y-%m-%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    start, _ = span()
    wanted = {"camera": ["garden", "yard"], "from": start, "to": begun.isoformat()}
    with server.client() as client:
        client.patch("/api/v1/cameras/yard", json={"post_roll_s": 9}).raise_for_status()
        wait_until(
            lambda: closed_until(server.data, "yard") > begun, 20.0, "the other camera's file is closed"
        )
        first, etag, size = cut_off(client, wanted, 300_000, {})
        lines = journal_bytes(server.data)
        client.patch("/api/v1/cameras/garden", json={"post_roll_s": 9}).raise_for_status()
        wait_until(lambda: journal_bytes(server.data) > lines, 20.0, "the journal grows")
        asked = {"range": f"bytes={len(first)}-", "if-range": etag}
        second, again, _ = cut_off(client, wanted, 300_000, asked)
        assert again == etag
    server.stop()
    server.start()
    with server.client() as client:
        begin = len(first) + len(second)
        asked = {"range": f"bytes={begin}-", "if-range": etag}
        rest = client.get("/api/v1/export.zip", params=wanted, headers=asked)
        assert rest.status_code == 206
        whole = first + second + rest.content
        assert len(whole) == size
        assert client.get("/api/v1/export.zip", params=wanted).content == whole
    with zipfile.ZipFile(io.BytesIO(whole)) as found:
        assert found.testzip() is None


def newest(data: Path) -> Path:
    return max((data / "archive").glob("*/garden/main/*/*.mp4"))


def closed_until(data: Path, camera: str) -> datetime:
    """Up to when the journal of a camera tells of footage."""
    lines = [
        json.loads(line)
        for journal in (data / "archive").glob(f"*/{camera}/journal/*.jsonl")
        for line in journal.read_text().splitlines()
    ]
    ends = [line["end"] for line in lines if line["t"] == "segment"]
    return datetime.fromtimestamp(max(ends, default=0) / 1e6, UTC)


def journal_bytes(data: Path) -> int:
    return sum(path.stat().st_size for path in (data / "archive").glob("*/*/journal/*.jsonl"))


def cut_off(
    client: httpx.Client, wanted: dict[str, Any], after_bytes: int, headers: dict[str, str]
) -> tuple[bytes, str, int]:
    """Begins a download and drops the connection: what came, the tag, and how long the whole is."""
    came = b""
    with client.stream("GET", "/api/v1/export.zip", params=wanted, headers=headers) as answer:
        assert answer.status_code == (206 if headers else 200)
        size = int(answer.headers.get("content-range", answer.headers["content-length"]).rpartition("/")[2])
        for piece in answer.iter_raw(65_536):
            came += piece
            if len(came) >= after_bytes:
                break
        assert len(came) < size
        return came, answer.headers["etag"], size
