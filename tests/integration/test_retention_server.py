"""A real server over an archive of the past: the clock guard, deleting by age, holds, and the journal's word."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from archive_samples import Camera, event
from running_server import RunningServer, wachtel, wait_until

from wachtel.base.clock import SystemClock
from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.journal import StartLine, StopLine
from wachtel.media.journal_values import event_line, signal_line
from wachtel.storage.data_folder import DataFolder
from wachtel.storage.state import open_state
from wachtel.testing.clock import FakeClock

FILES = 6


def past_archive(data: Path, days_ago: float) -> list[str]:
    """Six files of ten seconds, some weeks old, the third with an event."""
    folder = DataFolder.open(data, SystemClock())
    open_state(data).close()
    start = round((time.time() - days_ago * 86_400) * US_PER_S)
    camera = Camera(folder.volume, FakeClock(start), name="garden")
    camera.write(StartLine(run="past"))
    paths = []
    for number in range(FILES):
        paths.append(camera.record_at(WallUs(start + number * 60 * US_PER_S)))
        camera.clock.advance(60)
    seen = event(0, start=start + 121 * US_PER_S, camera="garden")
    camera.write(signal_line(seen))
    camera.write(event_line(seen))
    camera.write(StopLine())
    camera.journal.close()
    folder.close()
    return paths


def alarms(client: httpx.Client) -> set[str]:
    found: dict[str, Any] = client.get("/api/v1/storage").json()
    return {alarm["kind"] for alarm in found["alarms"]}


def journal(data: Path) -> list[dict[str, Any]]:
    lines = [
        path.read_text().splitlines() for path in sorted((data / "archive/home/garden/journal").glob("*"))
    ]
    return [json.loads(line) for some in lines for line in some]


@pytest.mark.timeout(120)
def test_old_footage_goes_when_the_clock_is_believed_and_held_footage_stays(tmp_path: Path) -> None:
    data = tmp_path / "data"
    paths = past_archive(data, days_ago=100)
    stranger = data / "archive" / Path(paths[0]).with_name("2020-01-01T000000.000Z.mp4")
    stranger.write_bytes(b"somebody else's")
    with RunningServer(data) as server, server.client() as client:
        body = {"url": "rtsp://127.0.0.1:9/", "name": "Garden", "allow_local": True}
        assert client.post("/api/v1/cameras", json=body).json()["id"] == "garden"
        wait_until(lambda: "clock" in alarms(client), 15.0, "the alarm about the clock")
        (seen,) = client.get("/api/v1/events").json()["events"]
        held = client.post(f"/api/v1/events/{seen['id']}/hold", json={"why": "evidence"})
        assert held.status_code == 200, held.text
        assert all((data / "archive" / path).exists() for path in paths)
        assert client.get("/api/v1/storage").json()["cameras"][0]["holds"] == 1
        assert client.post("/api/v1/storage/clock").status_code == 204
        wait_until(lambda: not (data / "archive" / paths[-1]).exists(), 20.0, "old footage is gone")
        assert alarms(client) <= {"no_room"}
        kept = [path for path in paths if (data / "archive" / path).exists()]
        assert kept and set(kept) < set(paths[1:4])
        assert stranger.exists()
        metrics = client.get("/metrics").text
        assert f'wachtel_files_deleted_total{{why="age"}} {FILES - len(kept)}.0' in metrics
        day = seen["start"][:10]
        states = client.get("/api/v1/cameras/garden/ledger", params={"day": day}).json()["stretches"]
        assert {"recorded", "deleted"} <= {one["state"] for one in states}
        assert client.delete(f"/api/v1/events/{seen['id']}/hold").status_code == 204
    lines = journal(data)
    gone = [line["file"] for line in lines if line["t"] == "deleted"]
    assert gone == [path for path in paths if path not in kept]
    assert [line["on"] for line in lines if line["t"] == "hold"] == [True, False]
    assert lines[[line["t"] for line in lines].index("hold")]["why"] == "evidence"
    checked = wachtel("check", "--json", "--data", data, check=False)
    kinds = {json.loads(line)["kind"] for line in checked.stdout.splitlines()}
    assert kinds <= {"unlisted_bad_data"}, checked.stdout


@pytest.mark.timeout(120)
def test_footage_of_a_removed_camera_may_be_held_and_goes_for_room(tmp_path: Path) -> None:
    data = tmp_path / "data"
    paths = past_archive(data, days_ago=1)
    with RunningServer(data) as server, server.client() as client:
        (seen,) = client.get("/api/v1/events").json()["events"]
        assert client.post(f"/api/v1/events/{seen['id']}/hold", json={}).status_code == 200
        much = client.get("/api/v1/storage").json()["size_bytes"]
        client.patch("/api/v1/storage", json={"keep_free_bytes": much}).raise_for_status()
        wait_until(lambda: not (data / "archive" / paths[-1]).exists(), 30.0, "old footage is gone")
        wait_until(lambda: "no_room" in alarms(client), 30.0, "the alarm that nothing more may go")
        assert any((data / "archive" / path).exists() for path in paths)
