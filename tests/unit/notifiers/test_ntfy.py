"""The ntfy driver against a server that publishes as ntfy does."""

import asyncio
from dataclasses import replace

import pytest
from ntfy_receiver import NtfyServer, sequence_of

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.notifiers.api import Needs
from wachtel.notifiers.ntfy import driver
from wachtel.notifiers.ntfy.driver import NtfySettings
from wachtel.testing.clock import FakeClock
from wachtel.testing.contracts.notifier import PICTURE, a_message, full_letter, plain_letter


def deliver(settings: NtfySettings, *, picture: bool = True) -> None:
    letter = full_letter() if picture else plain_letter(a_message())
    asyncio.run(driver.deliver(letter, settings, FakeClock()))


def test_words_picture_and_ways_on_arrive() -> None:
    with NtfyServer() as server:
        deliver(driver.create(server.topic_url, allow_local=True))
    (shown,) = server.shown.values()
    assert shown.topic == "my-topic" and shown.sequence == sequence_of(a_message().id)
    assert (shown.title, shown.text) == ("Bewegung: Flur \N{BIRD}", "14:30:00, Zone path\n<b>&")
    assert (shown.priority, shown.tags, shown.attachment) == (4, "eyes", PICTURE)
    assert shown.click == full_letter().link
    assert [action["action"] for action in shown.actions] == ["view", "http"]
    assert shown.actions[1] | {"label": ""} == {
        "action": "http", "label": "", "url": full_letter().quiet_link, "method": "POST", "clear": True,
    }  # fmt: skip


@pytest.mark.parametrize("largest", [0, 1000])
def test_a_server_that_keeps_no_pictures_gets_the_words(largest: int) -> None:
    with NtfyServer(largest_attachment=largest) as server:
        deliver(driver.create(server.topic_url, allow_local=True))
    (shown,) = server.shown.values()
    assert (shown.text, shown.attachment) == ("14:30:00, Zone path\n<b>&", None)


def test_a_repeat_takes_the_place_of_the_first() -> None:
    with NtfyServer() as server:
        settings = driver.create(server.topic_url, allow_local=True)
        deliver(settings)
        deliver(settings, picture=False)
    assert (len(server.arrivals), len(server.shown)) == (2, 1)


def test_log_in_by_token_and_by_password() -> None:
    with NtfyServer(token="tk_canary") as server:
        deliver(driver.create(server.topic_url, allow_local=True, fields={"token": "tk_canary"}))
    with NtfyServer(user="anna", password="gehé im:@") as other:
        deliver(
            driver.create(other.topic_url, allow_local=True, fields={"user": "anna", "password": "gehé im:@"})
        )
        with pytest.raises(WachtelError) as raised:
            deliver(driver.create(other.topic_url, allow_local=True))
    assert len(server.shown) == len(other.shown) == 1
    assert raised.value.kind is ErrorKind.DENIED and not raised.value.retryable


def test_a_password_never_goes_to_another_server() -> None:
    first = driver.create("https://ntfy.example/a", allow_local=False, fields={"token": "tk_canary"})
    assert driver.change(first, "https://ntfy.example/b", allow_local=False).token == "tk_canary"
    assert driver.change(first, None, allow_local=False, fields={"user": "x"}).token == "tk_canary"
    for other in ("https://evil.example/a", "http://ntfy.example/a", "https://ntfy.example:8/a"):
        assert driver.change(first, other, allow_local=False).token == ""


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("https://ntfy.example/", {}),
        ("https://ntfy.example/topic?auth=x", {}),
        ("https://ntfy.example/topic", {"secret": "x"}),
        ("https://ntfy.example/topic", {"token": "a\r\nHost: evil"}),
        ("https://ntfy.example/topic", {"token": "ü"}),
        ("https://ntfy.example/topic", {"password": "x" * 501}),
    ],
)
def test_what_cannot_be_meant_is_refused(address: str, fields: dict[str, str]) -> None:
    with pytest.raises(WachtelError) as raised:
        driver.create(address, allow_local=True, fields=fields)
    assert raised.value.kind is ErrorKind.INVALID and raised.value.hint


@pytest.mark.parametrize(
    ("host", "needs"),
    [
        ("192.168.1.9", Needs.LAN), ("[fd00::9]", Needs.LAN), ("127.0.0.1", Needs.LAN), ("nas", Needs.LAN),
        ("nas.fritz.box", Needs.LAN), ("nas.local.", Needs.LAN), ("ntfy.sh", Needs.INTERNET),
        ("8.8.8.8", Needs.INTERNET),
    ],
)  # fmt: skip
def test_what_it_needs_is_said(host: str, needs: Needs) -> None:
    assert driver.needs(driver.create(f"https://{host}/t", allow_local=True)) is needs


def test_no_name_or_text_breaks_out_of_a_header() -> None:
    with NtfyServer() as server:
        letter = replace(full_letter(), title="a\r\nX-Evil: 1\x00", text="b\r\nX-Evil: 2\n" + "ü" * 200)
        settings = driver.create(server.topic_url, allow_local=True)
        asyncio.run(driver.deliver(letter, settings, FakeClock()))
    assert "x-evil" not in server.got[0].headers
    (shown,) = server.shown.values()
    assert shown.text.endswith("\n" + "ü" * 200)
