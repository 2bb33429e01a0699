"""What `wachtel import` asks of a server: by the owner alone, and for nothing outside a camera's folder."""

import pytest
from conftest import House
from web_client import AppClient

from wachtel.model.access import Scope

PATH = "/api/v1/archive/import"
FILE = {"name": "import-1-0.mp4", "imported": "frigate:2025-10-01/13/door/05.10.mp4"}
ASKED = {"site": "home", "camera": "door", "files": [FILE], "holes": [{"start_us": 1, "end_us": 2}]}


@pytest.fixture
def admin(house: House) -> AppClient:
    return house.client(house.token(Scope.ADMIN))


def test_without_an_engine_nothing_is_taken_in(admin: AppClient) -> None:
    answer = admin.post(PATH, json=ASKED)
    assert (answer.status_code, answer.json()["error"]["kind"]) == (503, "busy")


def test_only_an_administrator_may(house: House) -> None:
    assert house.client(house.token(Scope.CONTROL)).post(PATH, json=ASKED).status_code in (403, 404)
    assert house.client().post(PATH, json=ASKED).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"camera": "../door"},
        {"camera": "door/.."},
        {"site": ""},
        {"site": "home\n"},
        {"files": [FILE | {"name": "../main/x.mp4"}]},
        {"files": [FILE | {"name": ".lock"}]},
        {"files": [FILE] * 501},
        {"holes": [{"start_us": -1, "end_us": 2}]},
    ],
)
def test_no_path_leads_out_of_the_folder(admin: AppClient, change: dict[str, object]) -> None:
    assert admin.post(PATH, json=ASKED | change).status_code == 422
