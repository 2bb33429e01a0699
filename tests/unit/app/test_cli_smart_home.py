"""``wachtel mqtt`` and ``wachtel homekit`` on a data folder without a server."""

import json
from pathlib import Path
from typing import Any

import pytest

from wachtel.app.cli import main
from wachtel.storage.state import open_state


@pytest.fixture
def data(tmp_path: Path) -> Path:
    open_state(tmp_path).close()
    return tmp_path


class Typed:
    """Commands as somebody types them."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._data = data
        self._capsys = capsys

    def __call__(self, *arguments: str, ends: int = 0) -> str:
        assert main([*arguments, "--data", str(self._data)]) == ends
        shown = self._capsys.readouterr()
        return shown.out if ends == 0 else shown.err

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json"))


@pytest.fixture
def typed(data: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    return Typed(data, capsys)


def test_a_broker_is_set_shown_and_removed(typed: Typed, data: Path) -> None:
    password = data / "password"
    password.write_text("pass-canary\n")
    said = typed("mqtt", "set", "broker.lan", "--user", "wachtel", "--password-file", str(password), "--tls")
    assert said == "The broker is mqtts://broker.lan:8883.\n"
    shown = typed.json("mqtt", "show")
    assert shown["broker"]["has_password"] and "canary" not in str(shown)
    assert "without mqtt://" in typed("mqtt", "set", "mqtt://x", ends=1)
    assert "server is not running" in typed("mqtt", "test", ends=1)
    typed("mqtt", "remove")
    assert "No broker" in typed("mqtt", "show")


def test_sensors_and_switches_of_the_broker(typed: Typed, data: Path) -> None:
    state = open_state(data)
    site = state.sites.all()[0].id
    state.close()
    added = ("mqtt", "add-sensor", "zigbee2mqtt/Tür", "--field", "contact", "--name", "door", "--site", site)
    assert typed.json(*added)["topic"] == "zigbee2mqtt/Tür"
    assert "contact" in typed("mqtt", "sensors")
    typed("mqtt", "remove-sensor", "door")
    lamp = typed.json("mqtt", "add-switch", "zigbee2mqtt/Lampe", "--name", "Lampe", "--site", site)
    assert (lamp["kind"], lamp["address"]) == ("mqtt", "zigbee2mqtt/Lampe/set")


def test_homekit_is_off_until_it_is_switched_on(typed: Typed) -> None:
    assert "off" in typed("homekit", "show")
    on = typed.json("homekit", "on", "--address", "127.0.0.1", "--port", "51999")
    assert on["enabled"] and not on["running"]
    assert typed.json("homekit", "reset")["code"] != on["code"]
    assert "off" in typed("homekit", "off")
