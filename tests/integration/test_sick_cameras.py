"""Cameras that are silent in every way a camera can be are named, with the reason, within ten seconds."""

import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from running_server import RunningServer, wait_until

from wachtel.testing.fake_camera.options import FakeCameraOptions, FaultName
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.sample_film import SampleFilm, make_film

NAMED_WITHIN_S = 10.0
NOISE_S = 5.0
FAULTS = (FaultName.SILENT, FaultName.STALL, FaultName.HALF_OPEN, FaultName.TRICKLE, FaultName.ENDLESS_HEADER)


@pytest.mark.timeout(120)
def test_sick_cameras_are_named(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", SampleFilm(seconds=4, fps=10, gop=10))
    with ExitStack() as stack:
        cameras = {
            fault.value: stack.enter_context(ThreadedFakeCamera(film, options=FakeCameraOptions(loop=True)))
            for fault in FAULTS
        }
        server = stack.enter_context(RunningServer(tmp_path / "data"))
        client = stack.enter_context(server.client())
        for name, camera in cameras.items():
            body = {"url": camera.main_url, "name": name, "allow_local": True}
            client.post("/api/v1/cameras", json=body).raise_for_status()

        def conditions() -> dict[str, str]:
            return {
                c["name"]: c["streams"]["main"]["condition"] for c in client.get("/api/v1/cameras").json()
            }

        wait_until(lambda: set(conditions().values()) == {"live"}, 20.0, "all cameras live")
        for fault in FAULTS:
            cameras[fault.value].apply(fault)
        began = time.monotonic()
        named: dict[str, float] = {}
        while len(named) < len(FAULTS) and time.monotonic() - began < NAMED_WITHIN_S + NOISE_S:
            for name, condition in conditions().items():
                if condition != "live":
                    named.setdefault(name, time.monotonic() - began)
            time.sleep(0.1)
        assert named.keys() == cameras.keys(), named
        assert max(named.values()) <= NAMED_WITHIN_S + NOISE_S
        states = [c["streams"]["main"] for c in client.get("/api/v1/cameras").json()]
        assert all(state["last_frame"] for state in states)
        assert all(state["what"] or state["condition"] in ("live", "connecting") for state in states), states
