"""The whole way with a real server and a real mosquitto: commands, sensor, rule, lamp, kill -9, and back."""

import json
from pathlib import Path

import pytest
from broker_rig import Mosquitto, Watcher, needs_mosquitto
from running_server import RunningServer, wachtel, wait_until

pytestmark = needs_mosquitto
WITHIN_S = 30.0


@pytest.mark.timeout(180)
def test_from_a_door_contact_to_the_lamp_and_over_a_crash(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Mosquitto(tmp_path / "broker") as mosquitto, Watcher(mosquitto.port) as watcher:
        with RunningServer(data) as server:
            site = json.loads(wachtel("site", "list", "--json", "--data", data).stdout)[0]["id"]
            wachtel("mqtt", "set", "127.0.0.1", "--port", str(mosquitto.port), "--data", data)
            wait_until(lambda: watcher.at("wachtel/status") == "online", WITHIN_S, "connected")
            wachtel("mqtt", "add-sensor", "zigbee2mqtt/Door", "--field", "contact", "--name", "door",
                    "--site", site, "--data", data)  # fmt: skip
            wachtel(
                "mqtt", "add-switch", "zigbee2mqtt/Lamp", "--name", "Lamp", "--site", site, "--data", data
            )
            wachtel("rule", "add", "--name", "Light", "--site", site, "--when", "door=open",
                    "--do", "on:Lamp", "--do", "publish:house/door=open", "--data", data)  # fmt: skip
            watcher.say("zigbee2mqtt/Door", '{"contact":false}')
            wait_until(lambda: watcher.at("zigbee2mqtt/Lamp/set") == '{"state":"ON"}', WITHIN_S, "the lamp")
            wait_until(lambda: watcher.at("house/door") == "open", WITHIN_S, "the word")
            watcher.say(f"wachtel/site/{site}/alarm/set", "ARM_AWAY")
            wait_until(
                lambda: watcher.at(f"wachtel/site/{site}/alarm") == "armed_away",
                WITHIN_S,
                "armed by the broker",
            )
            assert (
                json.loads(wachtel("arm", "--site", site, "--json", "--data", data).stdout)["state"] == "away"
            )
            server.kill_group()
            wait_until(lambda: watcher.at("wachtel/status") == "offline", WITHIN_S, "the last will")
            server.reap()
            server.start()
            wait_until(lambda: watcher.at("wachtel/status") == "online", WITHIN_S, "back")
            assert watcher.at(f"wachtel/site/{site}/alarm") == "armed_away"
            shown = json.loads(wachtel("mqtt", "show", "--json", "--data", data).stdout)
            assert shown["connected"] and shown["trouble"] is None
        wait_until(lambda: watcher.at("wachtel/status") == "offline", WITHIN_S, "good-bye")
        wachtel("mqtt", "remove", "--data", data)
        assert json.loads(wachtel("mqtt", "show", "--json", "--data", data).stdout)["broker"] is None
