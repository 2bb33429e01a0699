"""The whole way with a real server and a real mosquitto: sensor, rule, lamp, kill -9, and back."""

from pathlib import Path

import pytest
from broker_rig import Mosquitto, Watcher, needs_mosquitto
from running_server import RunningServer, wait_until

pytestmark = needs_mosquitto
WITHIN_S = 30.0


@pytest.mark.timeout(180)
def test_from_a_door_contact_to_the_lamp_and_over_a_crash(tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "broker") as mosquitto, Watcher(mosquitto.port) as watcher:
        with RunningServer(tmp_path / "data") as server:
            with server.client() as client:
                site = client.get("/api/v1/sites").json()[0]["id"]
                client.put("/api/v1/mqtt", json={"host": "127.0.0.1", "port": mosquitto.port})
                sensor = {"site": site, "name": "door", "topic": "zigbee2mqtt/Door", "field": "contact"}
                client.post("/api/v1/mqtt/sensors", json=sensor).raise_for_status()
                lamp = {"name": "Lamp", "site": site, "kind": "mqtt", "fields": {"topic": "zigbee2mqtt/Lamp"}}
                target = client.post("/api/v1/actuators", json=lamp).raise_for_status().json()["id"]
                rule = {
                    "name": "Light",
                    "site": site,
                    "triggers": [{"kind": "sensor", "sensor": "door", "state": "open"}],
                    "actions": [
                        {"kind": "switch", "target": target},
                        {"kind": "publish", "topic": "house/door", "text": "open"},
                    ],
                }
                client.post("/api/v1/rules", json=rule).raise_for_status()
                wait_until(lambda: watcher.at("wachtel/status") == "online", WITHIN_S, "connected")
                watcher.say("zigbee2mqtt/Door", '{"contact":false}', retain=True)
                on = '{"state":"ON"}'
                wait_until(lambda: watcher.at("zigbee2mqtt/Lamp/set") == on, WITHIN_S, "the lamp")
                wait_until(lambda: watcher.at("house/door") == "open", WITHIN_S, "the word")
                panel = f"wachtel/site/{site}/alarm"
                watcher.say(f"{panel}/set", "ARM_AWAY")
                wait_until(lambda: watcher.at(panel) == "armed_away", WITHIN_S, "armed by the broker")
                assert client.get(f"/api/v1/sites/{site}/arm").json()["state"] == "away"
                assert "wachtel_mqtt_connected 1.0" in client.get("/metrics").text
            server.kill_group()
            wait_until(lambda: watcher.at("wachtel/status") == "offline", WITHIN_S, "the last will")
            server.reap()
            server.start()
            wait_until(lambda: watcher.at("wachtel/status") == "online", WITHIN_S, "back")
            assert watcher.at(panel) == "armed_away"
        wait_until(lambda: watcher.at("wachtel/status") == "offline", WITHIN_S, "good-bye")
