"""Looking for devices by the API."""

import json

from conftest import House
from web_client import AppClient

from wachtel.model.access import Scope


def test_a_search_tells_as_it_goes(house: House) -> None:
    answer = house.client(house.token(Scope.ADMIN)).post("/api/v1/discover", json={"seconds": 2})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["done"] for line in lines] == [False, False, True]
    assert [len(line["devices"]) for line in lines] == [0, 1, 1]
    assert lines[-1]["devices"][0] == {
        "address": "192.168.1.30", "url": "onvif://192.168.1.30", "kinds": ["onvif"], "what": "camera",
        "make": "", "model": "", "name": "<b>Hof</b>",
    }  # fmt: skip


def test_nobody_but_an_administrator_may_search(house: House) -> None:
    client: AppClient = house.client(house.token(Scope.VIEW))
    assert client.post("/api/v1/discover", json={}).status_code == 403
    assert ("search", "5") not in house.engine.told


def test_a_search_has_an_end(house: House) -> None:
    client = house.client(house.token(Scope.ADMIN))
    assert client.post("/api/v1/discover", json={"seconds": 3600}).status_code == 422
