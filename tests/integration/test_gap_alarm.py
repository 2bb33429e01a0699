"""Promise 5: nothing is missing unnoticed. A real server, a camera that goes away, a worker that is killed."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from running_server import RunningServer, wachtel, wait_until

from wachtel.app.scene_folder import scene_folder
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.scene.render import render_scene

LIMIT_S = 10.0


@pytest.fixture
def film() -> Path:
    main, _ = render_scene(scene_folder())
    return main


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with RunningServer(tmp_path / "data") as running:
        yield running


def camera(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/cameras/garden").json()
    return found


def today(client: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/cameras/garden/ledger").json()
    return found


@pytest.mark.timeout(150)
def test_a_camera_that_goes_away_is_told_and_accounted_for(server: RunningServer, film: Path) -> None:
    with server.client() as client, ThreadedFakeCamera(film, None, FakeCameraOptions(loop=True)) as fake:
        body = {"url": fake.main_url, "name": "Garden", "allow_local": True}
        client.post("/api/v1/cameras", json=body).raise_for_status()
        client.patch("/api/v1/cameras/garden", json={"gap_limit_s": LIMIT_S}).raise_for_status()
        wait_until(lambda: today(client)["coverage"]["recorded_s"] > 3, 20.0, "footage is in the ledger")
        assert camera(client)["gap"] is None
        open_file = today(client)
        assert open_file["coverage"]["unknown_s"] == 0
        os.kill(server.worker("media-0"), signal.SIGKILL)
        wait_until(lambda: len(today(client)["stretches"]) > 3, 20.0, "the crash is in the ledger")
        assert "crash" in {one["reason"] for one in today(client)["stretches"]}
    with server.client() as client:
        began = time.monotonic()
        wait_until(lambda: (camera(client)["gap"] or {}).get("alarm", False), 30.0, "the alarm")
        assert LIMIT_S - 3 < time.monotonic() - began < LIMIT_S + 10
        gap = camera(client)["gap"]
        assert gap["reason"] in ("camera_offline", "no_packets")
        metrics = client.get("/metrics").text
        assert 'wachtel_gap_alarm{camera="garden"} 1.0' in metrics
        assert 'wachtel_gap_alarms_total{camera="garden"} 1.0' in metrics
        wait_until(lambda: today(client)["stretches"][-1]["state"] == "gap", 10.0, "the gap is in the ledger")
        assert today(client)["coverage"]["unknown_s"] == 0
        line = client.get(
            "/api/v1/timeline", params={"from": today(client)["start"], "to": today(client)["end"]}
        ).json()["cameras"][0]
        assert line["stretches"][-1]["reason"] == gap["reason"]
    server.stop()
    wachtel("rebuild", "--data", server.data)
    server.start()
    with server.client() as client:
        account = today(client)
        assert account["coverage"]["unknown_s"] == 0
        reasons = {one["reason"] for one in account["stretches"] if one["state"] == "gap"}
        assert {"crash", "camera_offline"} <= reasons
