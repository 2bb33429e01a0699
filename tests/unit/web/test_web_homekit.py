"""HomeKit over HTTP: off at first, the code for administrators only, a wrong address refused."""

import importlib.util

import pytest
from conftest import House

from wachtel.model.access import Scope
from wachtel.protocols.homekit import accessory_id, arm_state, new_code, setup_address


def test_it_is_off_and_shows_no_code_before_somebody_switches_it_on(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))
    found = client.get("/api/v1/homekit").json()
    assert not found["enabled"] and found["code"] is None and found["qr"] is None
    on = client.put("/api/v1/homekit", json={"address": "127.0.0.1", "port": 51999})
    assert on.status_code == 200, on.text
    made = on.json()
    assert (
        made["enabled"] and made["uri"].startswith("X-HM://") and made["qr"].startswith("data:image/svg+xml")
    )
    again = client.post("/api/v1/homekit/reset").json()
    assert again["code"] != made["code"]
    off = client.put("/api/v1/homekit", json={"address": "127.0.0.1", "port": 51999, "enabled": False}).json()
    assert not off["enabled"] and off["code"] is None
    for scope in (Scope.VIEW, Scope.CONTROL):
        assert house.client(house.token(scope)).get("/api/v1/homekit").status_code == 403


@pytest.mark.parametrize("address", ["0.0.0.0", "224.0.0.1", "example.org", "", "::"])
def test_only_one_address_of_a_network_will_do(house: House, address: str) -> None:
    answer = house.client(house.token(Scope.ADMIN)).put("/api/v1/homekit", json={"address": address})
    assert answer.status_code == 422


def test_without_the_package_the_line_that_brings_it_is_said(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *_: None if name == "pyhap" else found(name)
    )
    answer = house.client(house.token(Scope.ADMIN)).put("/api/v1/homekit", json={"address": "127.0.0.1"})
    assert answer.status_code == 422 and "pip install 'wachtel[homekit]'" in answer.text


def test_codes_addresses_and_numbers() -> None:
    address = setup_address("518-08-582", "7OSX")
    assert address.startswith("X-HM://") and address.endswith("7OSX") and len(address) == 20
    packed = int(address[7:16], 36)
    assert (packed & (1 << 27) - 1, packed >> 27 & 15, packed >> 31) == (51808582, 2, 2)
    codes = {new_code() for _ in range(50)}
    assert len(codes) == 50 and all(len(code) == 10 for code in codes)
    assert arm_state(7) is None and arm_state(True) is not None
    assert accessory_id("camera", "tuer") == accessory_id("camera", "tuer") != accessory_id("site", "tuer")
