"""pywemo, which nobody here wrote, takes the fake devices for real ones."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import pywemo
from pywemo.ouimeaux_device.api import service
from pywemo.subscribe import SubscriptionRegistry

from wachtel.testing.wemo import FakeWemo, FakeWemoOptions, WemoKind

KINDS = {
    WemoKind.SWITCH: "Switch",
    WemoKind.LIGHT_SWITCH: "LightSwitchLongPress",
    WemoKind.INSIGHT: "Insight",
    WemoKind.DIMMER: "DimmerLongPress",
    WemoKind.OUTDOOR_PLUG: "OutdoorPlug",
    WemoKind.MAKER: "Maker",
    WemoKind.MOTION: "Motion",
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.Session, "retries", 0)


@pytest.fixture(scope="module")
def registry() -> Iterator[SubscriptionRegistry]:
    made = SubscriptionRegistry()
    made.start()
    with pytest.MonkeyPatch.context() as patch:
        # Left to itself it forgets to close the socket with which it finds its own address.
        patch.setenv("PYWEMO_CALLBACK_ADDRESS", f"127.0.0.1:{made.port}")
        yield made
    made.stop()


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for something that another thread brings about."""
    ends = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < ends, what
        time.sleep(0.01)


def opened(fake: FakeWemo) -> Any:
    device = pywemo.discovery.device_from_description(fake.url)
    assert device is not None
    return device


@pytest.mark.parametrize("kind", KINDS)
def test_pywemo_knows_what_it_is(kind: WemoKind) -> None:
    with FakeWemo(FakeWemoOptions(kind, name="Küche & Flur")) as fake:
        device = opened(fake)
        assert type(device).__name__ == KINDS[kind]
        assert (device.name, device.udn) == ("Küche & Flur", fake.options.udn)
        assert device.get_state(force_update=True) == 0


def test_switched_on_and_off_and_error_when_it_is_so_already() -> None:
    with FakeWemo() as fake:
        device = opened(fake)
        device.on()
        assert fake.on and device.get_state(force_update=True) == 1
        answer = device.basicevent.SetBinaryState(BinaryState=1)
        assert answer["BinaryState"] == "Error"
        device.off()
        assert not fake.on


def test_its_own_timer_ends_what_it_was_told_to_end() -> None:
    with FakeWemo() as fake:
        opened(fake).basicevent.SetBinaryState(BinaryState=1, Duration=0.2, EndAction=0)
        assert fake.on
        until(lambda: not fake.on, "the timer ends it")


def test_a_dimmer_dims() -> None:
    with FakeWemo(FakeWemoOptions(WemoKind.DIMMER)) as fake:
        device = opened(fake)
        device.set_brightness(40)
        assert (fake.on, fake.state.brightness) == (True, 40)
        assert device.get_brightness(force_update=True) == 40


def test_a_maker_has_a_sensor(registry: SubscriptionRegistry) -> None:
    with FakeWemo(FakeWemoOptions(WemoKind.MAKER)) as fake:
        device = opened(fake)
        assert (device.has_sensor, device.sensor_state) == (1, 0)
        heard: list[tuple[str, str]] = []
        registry.on(device, None, lambda _device, kind, value: heard.append((kind, value)))
        registry.register(device)
        until(lambda: registry.is_subscribed(device), "the first event came")
        fake.state.set_sensor(1)
        until(lambda: len(heard) > 1, "the sensor is told of")
        assert device.subscription_update(*heard[-1]) and device.sensor_state == 1
        registry.unregister(device)


def test_motion_is_told_and_a_restart_survived(registry: SubscriptionRegistry) -> None:
    with FakeWemo(FakeWemoOptions(WemoKind.MOTION)) as fake:
        device = opened(fake)
        heard: list[str] = []
        registry.on(device, "BinaryState", lambda _device, _kind, value: heard.append(value))
        registry.register(device)
        until(lambda: heard == ["0"], "the first event came")
        fake.press(True)
        fake.press(False)
        until(lambda: heard == ["0", "1", "0"], "both edges came")
        fake.events.forget()
        (subscription,) = registry._subscriptions[device]
        subscription.maintain()
        until(lambda: heard == ["0", "1", "0", "0"], "subscribed anew")
        registry.unregister(device)
        until(lambda: not fake.subscriptions, "unsubscribed")


def test_found_by_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeWemo(FakeWemoOptions(ssdp_port=0)) as fake:
        monkeypatch.setattr(pywemo.ssdp, "interface_addresses", lambda: ["127.0.0.1"])
        monkeypatch.setattr(pywemo.ssdp, "MULTICAST_GROUP", "127.0.0.1")
        monkeypatch.setattr(pywemo.ssdp, "MULTICAST_PORT", fake.ssdp_port)
        (found,) = pywemo.ssdp.scan(max_entries=1, match_udn=fake.options.udn)
        assert found.location == fake.url


def test_it_dies_comes_back_moves_and_hangs() -> None:
    with FakeWemo() as fake:
        device = opened(fake)
        fake.die()
        with pytest.raises(pywemo.exceptions.HTTPException):
            device.session.get(fake.url)
        fake.come_back()
        device.session.get(fake.url)
        before = fake.port
        fake.move(0)
        assert fake.port != before and opened(fake).udn == fake.options.udn
        fake.hang()
        with pytest.raises(pywemo.exceptions.HTTPException):
            device.session.get(fake.url, timeout=0.2)
        fake.hang(False)
        assert opened(fake).name == "Lamp"
        assert threading.active_count() < 50
