"""What rules switch by web addresses: reached where the owner allowed it and nowhere else, and after a kill -9 too."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
from running_server import RunningServer, wachtel, wait_until
from webhook_receiver import Got, Receiver

from wachtel.actuators.api import Command
from wachtel.actuators.http import driver
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.testing.clock import FakeClock

LITERALS = [
    "127.0.0.1", "127.9.9.9", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "017700000001",
    "localhost", "LOCALHOST.", "foo.localhost", "169.254.169.254", "0xa9fea9fe", "[::1]", "[0:0:0:0:0:0:0:1]",
    "[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::]", "[::127.0.0.1]", "0.0.0.0", "0", "[::]",
    "224.0.0.1", "255.255.255.255", "[ff02::1]", "user:pass@127.0.0.1", "example.org@127.0.0.1", "１２７.0.0.1",
]  # fmt: skip
RESOLVED = [
    "127.0.0.1", "127.255.255.254", "169.254.169.254", "0.0.0.0", "0.1.2.3", "224.0.0.251", "255.255.255.255",
    "::1", "::",
    "fe80::1%2", "fe80::1", "ff02::fb", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "2002:7f00:1::1",
    "::7f00:1",
]  # fmt: skip
REDIRECTS = (301, 302, 303, 307, 308)


def drive(settings: Any, *, on: bool = True) -> WachtelError | None:
    async def run() -> None:
        await driver.drive(Command(on), settings, FakeClock())

    try:
        asyncio.run(run())
    except WachtelError as error:
        return error
    return None


@pytest.mark.parametrize("field", ["on", "off"])
@pytest.mark.parametrize("host", LITERALS)
def test_no_spelling_of_this_machine_gets_by_without_consent(host: str, field: str) -> None:
    fields = {"on": "http://192.168.1.9/on", "off": "http://192.168.1.9/off"} | {
        field: f"http://{host}/relay"
    }
    with pytest.raises(WachtelError) as caught:
        driver.create(fields, allow_local=False)
    assert caught.value.kind is ErrorKind.FORBIDDEN_URL


@pytest.mark.parametrize("address", RESOLVED)
def test_a_name_that_comes_to_lead_here_is_refused_when_it_is_used(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name was harmless when it was entered."""
    settings = driver.create({"on": "http://relay.example/on"}, allow_local=False)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(family, socket.SOCK_STREAM, 6, "", (address, 80))]
    )
    error = drive(settings)
    assert error is not None and error.kind is ErrorKind.FORBIDDEN_URL


@pytest.mark.parametrize("status", REDIRECTS)
def test_nobody_is_followed(status: int) -> None:
    with Receiver() as canary, Receiver(lambda got: status) as relay:
        relay.answer_headers["Location"] = canary.url
        error = drive(driver.create({"on": relay.url, "method": "POST"}, allow_local=True))
        assert error is not None and error.kind is ErrorKind.REDIRECT
        assert canary.got == []


def test_on_off_level_and_body_arrive() -> None:
    with Receiver() as relay:
        fields = {
            "on": relay.url + "&l={level}",
            "off": relay.url,
            "method": "post",
            "body": '{"level": {level}}',
        }
        settings = driver.create(fields, allow_local=True)
        asyncio.run(driver.drive(Command(True, 40), settings, FakeClock()))
        assert drive(settings, on=False) is None
        assert [got.path.rpartition("?")[2] for got in relay.got] == ["to=me&l=40", "to=me"]
        assert relay.got[0].json == {"level": 40}
    only_on = driver.create({"on": "http://192.168.1.9/"}, allow_local=False)
    error = drive(only_on, on=False)
    assert error is not None and error.kind is ErrorKind.INVALID


def test_what_was_ordered_before_a_kill_is_done_after_the_restart(tmp_path: Path) -> None:
    """By the commands a person types, through a real server: the lamp does not answer, all is killed, it is on."""
    data, up = tmp_path / "data", {"now": False}

    def answer(got: Got) -> int:
        return 204 if up["now"] else 503

    with Receiver(answer) as lamp, RunningServer(data) as server:
        wachtel("actuator", "add", "--data", data, "--name", "Lamp", "--on", lamp.url, "--off", lamp.url,
                "--method", "POST")  # fmt: skip
        made = wachtel("rule", "add", "--data", data, "--name", "Door", "--when", "door=open", "--do", "on:Lamp",
                       "--off-after", "10")  # fmt: skip
        assert "Door" in made.stdout
        with server.client() as client:
            client.put("/api/v1/sites/home/sensors/door", json={"state": "closed"}).raise_for_status()
            client.put("/api/v1/sites/home/sensors/door", json={"state": "open"}).raise_for_status()
        wait_until(lambda: bool(lamp.got), 20, "the lamp is asked")
        server.kill_group()
        server.reap()
        up["now"] = True
        lamp.got.clear()
        server.start()
        wait_until(lambda: bool(lamp.got), 40, "the lamp is asked again")
        with server.client() as client:
            log = f"/api/v1/rules/{client.get('/api/v1/rules').json()[0]['id']}/log"
            wait_until(
                lambda: client.get(log).json()[-1]["orders"][0]["state"] == "done", 20, "the log says so"
            )
        assert len(lamp.got) == 1
