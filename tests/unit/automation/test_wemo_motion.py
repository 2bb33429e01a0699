"""When the sensor of a shown camera says on and off, and which cameras are shown at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.automation.wemo.motion_states import OFFLINE_GRACE_S, MotionStates
from wachtel.automation.wemo.sensors import WemoSensor, WemoSensors, sensor_name
from wachtel.automation.wemo.shown import ShownBook
from wachtel.base.errors import WachtelError
from wachtel.base.units import MonoS
from wachtel.storage.state import State, open_state


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = open_state(tmp_path)
    yield made
    made.close()


def states(hold_s: float = 60) -> MotionStates:
    made = MotionStates()
    made.show({"flur": hold_s})
    return made


def test_on_while_something_moves_and_for_a_while_after() -> None:
    known = states()
    assert known.began("flur", "e1") and not known.began("flur", "e1")
    known.ended("flur", "e1", MonoS(10))
    assert known.tick(MonoS(69.9)) == ([], False) and known.is_on("flur")
    assert not known.began("flur", "e2"), "on already: a second motion only keeps it on"
    assert known.tick(MonoS(100)) == ([], False)
    known.ended("flur", "e2", MonoS(100))
    assert known.tick(MonoS(160)) == (["flur"], False) and not known.is_on("flur")


def test_away_is_off_at_once_and_gone_after_a_grace() -> None:
    known = states()
    known.began("flur", "e1")
    assert known.away("flur", MonoS(5)) and not known.is_on("flur")
    assert not known.away("flur", MonoS(6)) and known.is_visible("flur")
    assert known.tick(MonoS(5 + OFFLINE_GRACE_S)) == ([], True) and not known.is_visible("flur")
    assert known.tick(MonoS(500)) == ([], False)
    assert known.back("flur") and known.is_visible("flur") and not known.back("flur")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["began", "ended", "away", "back"]), st.sampled_from("ab"), st.floats(0, 50)
        )
    )
)
def test_it_never_stays_on_for_longer_than_its_hold(steps: list[tuple[str, str, float]]) -> None:
    known, now, open_events, last = states(10), 0.0, set[str](), 0.0
    for what, event, later in steps:
        now += later
        known.tick(MonoS(now))
        if known.is_on("flur"):
            assert open_events or now - last < 10
        match what:
            case "began":
                known.began("flur", event)
                open_events.add(event)
            case "ended":
                if event in open_events:
                    last = now
                open_events.discard(event)
                known.ended("flur", event, MonoS(now))
            case "away":
                known.away("flur", MonoS(now))
                open_events.clear()
                assert not known.is_on("flur")
            case "back":
                known.back("flur")


def test_nothing_is_shown_before_a_network_was_chosen(state: State) -> None:
    book = ShownBook(state.settings)
    with pytest.raises(WachtelError):
        book.show("flur", 60)
    book.listen_at(["192.168.1.2", "192.168.1.2"])
    shown = book.show("flur", 60)
    assert shown.addresses == ("192.168.1.2",) and shown.cameras == {"flur": 60}
    assert book.hide("flur").cameras == {}


@pytest.mark.parametrize("address", ["8.8.8.8", "0.0.0.0", "239.255.255.250", "::1", "lan", ""])
def test_addresses_outside_of_the_house_are_refused(state: State, address: str) -> None:
    with pytest.raises(WachtelError):
        ShownBook(state.settings).listen_at([address])


def test_serials_stay_and_differ_from_house_to_house(state: State, tmp_path: Path) -> None:
    book = ShownBook(state.settings)
    first = book.listen_at(["10.0.0.1"])
    assert first.serial("flur") == book.get().serial("flur") != first.serial("hof")
    (tmp_path / "other").mkdir()
    other = open_state(tmp_path / "other")
    assert ShownBook(other.settings).listen_at(["10.0.0.1"]).serial("flur") != first.serial("flur")
    other.close()


def test_sensors_are_known_once_and_by_one_name(state: State) -> None:
    book = WemoSensors(state.settings)
    one = WemoSensor("uuid:Sensor-1_0-1", "home", "wemo.Flur", "192.168.1.2", 49153)
    book.add(one)
    for wrong in (
        one,
        WemoSensor("uuid:Sensor-1_0-2", "home", "wemo.Flur", "192.168.1.3", 49153),
        WemoSensor("uuid:Sensor-1_0-3", "home", "<b>", "192.168.1.3", 49153),
        WemoSensor("uuid:Socket-1_0-3", "home", "x", "192.168.1.3", 49153),
    ):
        with pytest.raises(WachtelError):
            book.add(wrong)
    assert book.all() == [one]
    assert book.remove(one.udn) == one and book.all() == []


@given(st.text())
def test_a_name_for_rules_can_be_made_of_anything(label: str) -> None:
    assert sensor_name(label, "uuid:Sensor-1_0-77").startswith("wemo.")


def test_umlauts_are_spelt() -> None:
    assert sensor_name("Küche & Flur", "x") == "wemo.Kueche Flur"
