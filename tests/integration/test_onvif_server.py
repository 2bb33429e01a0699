"""From a device's address to a recorded camera with events, on a real server with a camera that has ONVIF."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from onvif_rig import GUARDED, PASSWORD, USER
from running_server import RunningServer, wachtel, wait_until

from wachtel.protocols.camera_url import CameraUrl
from wachtel.protocols.http_auth import AuthScheme
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.threaded import ThreadedFakeCamera
from wachtel.testing.fake_onvif.options import OnvifStream
from wachtel.testing.fake_onvif.server import FakeOnvif
from wachtel.testing.sample_film import SampleFilm, make_film


@dataclass(frozen=True, slots=True)
class House:
    server: RunningServer
    device: FakeOnvif

    @property
    def address(self) -> str:
        return CameraUrl("onvif", "127.0.0.1", self.device.port, "/", USER, PASSWORD).full()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("onvif")
    still = SampleFilm(seconds=4, noise=0.0)
    main = make_film(folder / "main.mp4", replace(still, width=1280, height=720))
    sub = make_film(folder / "sub.mp4", still)
    options = FakeCameraOptions(user=USER, password=PASSWORD, auth=AuthScheme.DIGEST, loop=True)
    with ThreadedFakeCamera(main, sub, options) as camera:
        streams = (
            OnvifStream("main", camera.main_url, width=1280, height=720, fps=10, gop=10),
            OnvifStream("sub", camera.sub_url or "", width=320, height=180, fps=10, gop=10),
        )
        with (
            FakeOnvif(replace(GUARDED, streams=streams, make="<i>Acme</i>", clock_ahead_s=7200.0)) as device,
            RunningServer(folder / "data") as server,
        ):
            yield House(server, device)


def test_from_the_address_of_a_device_to_footage_and_the_device_s_own_motion(house: House) -> None:
    with house.server.client() as client:
        asked = {"url": house.address, "allow_local": True}
        report = client.post("/api/v1/cameras/probe", json=asked, timeout=40).json()
        assert report["ok"], report["findings"]
        assert report["picture"]
        assert (report["device"]["make"], report["device"]["sub"]["width"]) == ("<i>Acme</i>", 320)
        assert {"device", "clock_off"} <= {finding["code"] for finding in report["findings"]}
        made = client.post("/api/v1/cameras", json=asked | {"name": "Hof"}, timeout=40).json()
        assert made["sub_url"].startswith("rtsp://127.0.0.1:")
        motion = {"sensitivity": 0, "from_camera": True}
        assert client.patch("/api/v1/cameras/hof", json={"motion": motion}).status_code == 200

        def live() -> bool:
            streams = client.get("/api/v1/cameras/hof").json()["streams"]
            return all(streams[name]["condition"] == "live" for name in ("main", "sub"))

        wait_until(live, 40, "both streams are live")
        wait_until(lambda: bool(house.device.state.pull_points), 30, "somebody pulls")
        assert client.get("/api/v1/events").json()["events"] == [], "nothing moves in the film itself"
        house.device.set_motion(True)
        wait_until(lambda: bool(client.get("/api/v1/events").json()["events"]), 30, "an event began")
        running = client.get("/api/v1/events").json()["events"][-1]["id"]
        picture = f"/api/v1/events/{running}/snapshot.jpg"
        wait_until(lambda: client.get(picture).status_code == 200, 30, "it has a picture while it runs")
        house.device.set_motion(False)
        wait_until(
            lambda: client.get("/api/v1/events").json()["events"][-1]["end"] is not None, 30, "it ended"
        )
        event = client.get("/api/v1/events").json()["events"][-1]
        assert (event["camera"], event["kind"], event["snapshot"]) == ("hof", "motion", True)
        still = client.get(f"/api/v1/events/{event['id']}/snapshot.jpg")
        assert still.status_code == 200 and still.content.startswith(b"\xff\xd8")
        everything = json.dumps([report, made, event])
    log = (house.server.data.parent / "serve.log").read_text()
    state = (house.server.data / "state.sqlite").read_bytes()
    for text in (everything, log):
        assert PASSWORD not in text and "%3A%2F%3F" not in text
    assert PASSWORD.encode() not in state
    assert house.device.state.wrong_tries == 0


def test_the_small_stream_is_set_up_when_the_owner_asks(house: House) -> None:
    with house.server.client() as client:
        path, state = "/api/v1/cameras/hof/sub-stream", house.device.state
        plan = client.get(path, timeout=40).json()
        assert plan["now"] == {"width": 320, "height": 180, "fps": 10, "gop": 10}
        assert (plan["proposed"], state.encoders) == (None, {}), "small enough; looking changes nothing"
        large = {"width": 1280, "height": 720, "fps": 25, "gop": 200}
        plan = client.put(path, json=large, timeout=40).json()
        assert plan["proposed"] == {"width": 640, "height": 360, "fps": 10, "gop": 20}
        plan = client.put(path, json=plan["proposed"], timeout=40).json()
        assert plan["proposed"] is None
    assert state.encoders["sub"] == {"Width": 640, "Height": 360, "FrameRateLimit": 10, "GovLength": 20}


def test_the_same_from_the_command_line(house: House) -> None:
    data = house.server.data
    probed = wachtel("camera", "probe", house.address, "--data", data)
    assert "clock is 2:00 hours ahead" in probed.stdout
    added = wachtel("camera", "add", house.address, "--name", "Garage", "--data", data)
    assert "garage" in added.stdout
    wrong = CameraUrl("onvif", "127.0.0.1", house.device.port, "/", USER, "wrong").full()
    refused = wachtel("camera", "add", wrong, "--name", "X", "--data", data, check=False)
    assert refused.returncode == 1
    assert "does not accept the user name or the password" in refused.stderr
    assert house.device.state.wrong_tries == 1


def test_a_camera_is_turned_and_switched_by_api_and_command(house: House) -> None:
    data, state = house.server.data, house.device.state
    wachtel("camera", "add", house.address, "--name", "Tor", "--data", str(data))
    with house.server.client() as client:
        found = client.get("/api/v1/cameras/tor/controls", timeout=30).json()
        assert (found["turns"], found["zooms"]) == (True, True)
        assert found["presets"] == [{"id": "1", "name": "Gate"}, {"id": "2", "name": "Terrace"}]
        assert found["relays"] == [{"id": "relay0", "pulse_s": None}]
        assert client.post("/api/v1/cameras/tor/move", json={"pan": 0.5}).status_code == 204
        assert state.moving == (0.5, 0.0, 0.0)
        wait_until(lambda: state.moving == (0.0, 0.0, 0.0), 30, "who falls silent stops the camera")
        assert client.post("/api/v1/cameras/tor/move", json={"pan": 5}).status_code == 422
        missing = client.post("/api/v1/cameras/tor/presets", json={"preset": "9"})
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "no_preset")
        rule = {
            "name": "Tor",
            "site": "home",
            "triggers": [{"kind": "sensor", "sensor": "door", "state": "open"}],
            "actions": [{"kind": "preset", "target": "tor/2"}, {"kind": "relay", "target": "tor/relay0"}],
        }
        assert client.post("/api/v1/rules", json=rule).status_code == 201
        nowhere = rule | {"actions": [{"kind": "relay", "target": "hut/relay0"}]}
        assert client.post("/api/v1/rules", json=nowhere).status_code == 422
        told = client.put("/api/v1/sites/home/sensors/door", json={"state": "open"})
        assert told.status_code < 300, told.text
        wait_until(lambda: state.at_preset == "2" and state.relays["relay0"], 30, "the rule did both")
    said = wachtel("camera", "preset", "Tor", "Gate", "--data", str(data))
    assert (said.returncode, state.at_preset) == (0, "1")
    assert wachtel("camera", "relay", "tor", "relay0", "off", "--data", str(data)).returncode == 0
    assert not state.relays["relay0"]
    said = wachtel("camera", "move", "tor", "left", "--seconds", "0.1", "--data", str(data))
    assert (said.returncode, state.moving) == (0, (0.0, 0.0, 0.0))
    assert wachtel("camera", "remove", "tor", "--data", str(data)).returncode == 0
