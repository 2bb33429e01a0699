"""By the commands a person types, through a real server: a Wemo Motion sees somebody, a Wemo lamp goes on."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from running_server import RunningServer, wachtel, wait_until
from wemo_rules_rig import database, rule, sensor, target, zipped

from wachtel.testing.wemo import FakeWemo, FakeWemoOptions, WemoKind

HOST = f"127.{1 + os.getpid() % 250}.{1 + os.getpid() // 250 % 250}."
"""Loopback addresses of this run alone: Wemo devices have to listen at their usual ports to be found."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("wemo") / "data") as running:
        yield running


def test_a_motion_sensor_switches_a_lamp(server: RunningServer) -> None:
    motion_options = FakeWemoOptions(WemoKind.MOTION, f"{HOST}31", 49153, name="Flur", serial="m")
    with FakeWemo(FakeWemoOptions(host=f"{HOST}30", port=49153)) as lamp, FakeWemo(motion_options) as motion:
        found = wachtel("wemo", "list", "--host", f"{HOST}30", "--data", server.data, "--json")
        (device,) = json.loads(found.stdout)["devices"]
        assert (device["udn"], device["kind"], device["name"]) == (lamp.options.udn, "switch", "Lamp")
        wachtel("wemo", "add", f"{HOST}30", "--data", server.data, "--self-off", "10")
        heard = wachtel("wemo", "hear", f"{HOST}31", "--data", server.data)
        assert "wemo.Flur" in heard.stdout
        with server.client() as client:
            sensors = "/api/v1/sites/home/sensors"
            wait_until(lambda: [one["state"] for one in client.get(sensors).json()] == ["off"], 30, "known")
        wachtel("rule", "add", "--data", server.data, "--name", "Hall", "--when", "wemo.Flur=on", "--do", "on:Lamp",
                "--off-after", "0.01")  # fmt: skip
        motion.press(True)
        wait_until(lambda: lamp.on, 30, "the lamp goes on")
        assert lamp.state.orders[-1]["Duration"] == "600"
        motion.press(False)
        wait_until(lambda: not lamp.on, 30, "and off again")
        wachtel("wemo", "unhear", "wemo.Flur", "--data", server.data)
        wait_until(lambda: not motion.subscriptions, 30, "unsubscribed")
        assert wachtel("wemo", "sensors", "--data", server.data).stdout == ""


def rule_names(server: RunningServer) -> list[str]:
    with server.client() as client:
        return [one["name"] for one in client.get("/api/v1/rules").json()]


def test_rules_of_the_wemo_app_are_taken_over_and_given_back(server: RunningServer, tmp_path: Path) -> None:
    lamp = FakeWemoOptions(host=f"{HOST}32", port=49153, serial="keeper")
    rules = [rule(1, "Licht im Flur", "Motion Controlled"), rule(2, "Urlaub", "Away Mode")]
    rows = [target(1, lamp.udn), sensor(1, "uuid:NetCamSensor-1_0-OLD")]
    file = zipped(database(RULES=rules, RULEDEVICES=rows))
    (tmp_path / "rules.zip").write_bytes(file)
    (tmp_path / "nonsense").write_bytes(b"nonsense")
    at = ("--data", server.data)
    with FakeWemo(replace(lamp, rules=file)):
        camera = {"name": "Flur", "url": "rtsp://192.0.2.9/x", "site": "home", "mode": "off"}
        with server.client() as client:
            client.post("/api/v1/cameras", json=camera).raise_for_status()
        wachtel("wemo", "add", f"{HOST}32", "--name", "Keeper", *at)
        takes = ("--camera", "NetCamSensor-1_0-OLD=Flur")
        shown = wachtel(
            "wemo", "import-rules", "--device", f"{HOST}32", "--language", "de", *takes, *at
        ).stdout
        assert "+ Licht im Flur: würde angelegt" in shown and "- Urlaub: Regeln der Art" in shown
    without = wachtel("wemo", "import-rules", tmp_path / "rules.zip", *at, check=False)
    assert without.returncode == 1 and "is not heard here" in without.stdout
    refused = wachtel("wemo", "import-rules", tmp_path / "nonsense", *at, check=False)
    assert refused.returncode == 1 and "no SQLite database" in refused.stderr
    before = rule_names(server)
    wachtel("wemo", "import-rules", tmp_path / "rules.zip", "--apply", *takes, *at)
    assert rule_names(server) == [*before, "Licht im Flur"]
    done = wachtel("wemo", "undo-import", *at).stdout.split("\t")[0]
    wachtel("wemo", "undo-import", done, *at)
    assert rule_names(server) == before


def test_what_nobody_can_mean_is_refused(server: RunningServer) -> None:
    with server.client() as client:
        fields = {"udn": "uuid:Socket-1_0-1", "host": "192.168.1.20"}
        for wrong in (
            {"host": "127.0.0.1"},
            {"host": "169.254.1.1"},
            {"host": "lamp.example"},
            {"host": "224.0.0.1"},
            {"udn": "uuid:Sensor-1_0-1"},
            {"udn": "nonsense"},
            {"port": "0"},
            {"port": "x"},
            {"self_off_s": "5"},
            {"secret": "x"},
        ):
            body = {"name": "x", "site": "home", "kind": "wemo", "fields": fields | wrong}
            assert client.post("/api/v1/actuators", json=body).status_code == 422, wrong
        sensor = {"udn": "uuid:Socket-1_0-1", "site": "home", "host": "192.168.1.20", "port": 49153}
        assert client.post("/api/v1/wemo/sensors", json=sensor).status_code == 422
        assert client.post("/api/v1/wemo/look", json={"host": "127.0.0.1"}).status_code == 422
        assert client.delete("/api/v1/wemo/sensors/uuid:none").status_code == 404


def test_a_camera_is_shown_where_the_owner_says_and_nowhere_else(server: RunningServer) -> None:
    at = ("--data", server.data)
    with server.client() as client:
        camera = {"name": "Küche", "url": "rtsp://192.0.2.10/x", "site": "home", "mode": "off"}
        shown = f"/api/v1/cameras/{client.post('/api/v1/cameras', json=camera).json()['id']}/wemo"
        assert client.put(shown, json={"shown": True}).status_code == 422, "no network was chosen"
        assert client.put("/api/v1/wemo/networks", json={"addresses": ["8.8.8.8"]}).status_code == 422
        assert "chosen" in wachtel("wemo", "networks", f"{HOST}33", *at).stdout
        assert "shown as Küche" in wachtel("wemo", "show", "Küche", "--hold", "5", *at).stdout
        wait_until(lambda: bool(client.get(shown).json()["urls"]), 30, "it listens")
        (url,) = client.get(shown).json()["urls"]
        assert url.startswith(f"http://{HOST}33:4915")
        described = httpx.get(url, timeout=20).text
        assert "<friendlyName>Küche</friendlyName>" in described and "no Belkin device" in described
        wachtel("wemo", "hide", "Küche", *at)
        with pytest.raises(httpx.ConnectError):
            httpx.get(url, timeout=20)
