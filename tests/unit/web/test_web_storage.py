"""Holding footage, and the state of the volume."""

import json
from typing import Any

import pytest
from conftest import House
from web_client import AppClient
from web_fakes import START, ZIP

from wachtel.model.access import Scope
from wachtel.model.live import StorageAlarm, StorageTrouble
from wachtel.storage.state.settings import KEEP_FREE_BYTES

HOLD = "/api/v1/events/20261121T140100000Z-flur/hold"
FOREIGN = "/api/v1/events/20261121T140300000Z-vorzelt/hold"
STORAGE = "/api/v1/storage"


@pytest.fixture
def keeper(house: House) -> AppClient:
    return house.client(house.token(Scope.CONTROL))


@pytest.fixture
def owner(house: House) -> AppClient:
    return house.client(house.token(Scope.ADMIN))


def event(client: AppClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(HOLD.removesuffix("/hold")).json()
    return found


def test_an_event_is_held_and_let_go(keeper: AppClient) -> None:
    assert event(keeper)["held"] is False
    answer = keeper.post(HOLD, json={"why": "for the police"})
    assert (answer.status_code, answer.json()["why"]) == (200, "for the police")
    assert answer.json()["start"] == "2026-11-21T14:31:00.000000Z"
    assert event(keeper)["held"] is True
    assert keeper.post(HOLD, json={}).json()["why"] == "for the police"
    assert [one["held"] for one in keeper.get("/api/v1/events").json()["events"]] == [False, False, True]
    assert keeper.get("/api/v1/holds").json() == [answer.json()]
    assert keeper.delete(HOLD).status_code == 204 == keeper.delete(HOLD).status_code
    assert keeper.get("/api/v1/holds").json() == []


def test_holding_takes_the_right_to_operate(house: House, keeper: AppClient) -> None:
    viewer = house.client(house.token(Scope.VIEW))
    assert viewer.post(HOLD, json={}).status_code == 403 == viewer.delete(HOLD).status_code
    at_home = house.client(house.token(Scope.CONTROL, frozenset({"home"})))
    assert at_home.post(FOREIGN, json={}).status_code == 404
    keeper.post(FOREIGN, json={})
    assert at_home.get("/api/v1/holds").json() == []
    assert len(viewer.get("/api/v1/holds").json()) == 1


def test_a_note_has_its_limits(keeper: AppClient) -> None:
    assert keeper.post(HOLD, json={"why": "x" * 301}).status_code == 422
    assert keeper.post(HOLD, json={"reason": "x"}).status_code == 422


def test_the_state_of_the_volume(owner: AppClient) -> None:
    found = owner.get(STORAGE).json()
    assert (found["size_bytes"], found["free_bytes"], found["keep_free_bytes"]) == (1000, 500, 100)
    assert (found["days_kept"], found["days_until_full"], found["clock_trusted"]) == (44.0, 40.0, False)
    assert found["cameras"][0]["camera"] == "flur"
    assert found["alarms"] == [
        {
            "kind": "clock",
            "since": "2026-11-21T14:30:00.000000Z",
            "what": "The clock is wrong.",
            "hint": "Set it.",
            "until": None,
        }
    ]


def test_how_much_stays_free_is_stored_and_holds_at_once(house: House, owner: AppClient) -> None:
    assert owner.patch(STORAGE, json={"keep_free_bytes": 7}).json()["keep_free_bytes"] == 7
    assert house.state.settings.get(KEEP_FREE_BYTES, int) == 7
    assert owner.patch(STORAGE, json={"keep_free_bytes": None}).status_code == 200
    assert house.state.settings.get(KEEP_FREE_BYTES, int) is None
    for wrong in ({"keep_free_bytes": -1}, {"keep_free_bytes": "much"}, {}, {"free": 1}):
        assert owner.patch(STORAGE, json=wrong).status_code == 422


def test_a_setting_of_another_kind_is_as_none(house: House) -> None:
    house.state.settings.put(KEEP_FREE_BYTES, "much")
    assert house.state.settings.get(KEEP_FREE_BYTES, int) is None
    house.state.settings.put(KEEP_FREE_BYTES, 5)
    assert house.state.settings.get(KEEP_FREE_BYTES, int) == 5


def test_the_clock_is_believed_on_the_owners_word(house: House, owner: AppClient, keeper: AppClient) -> None:
    assert keeper.post(f"{STORAGE}/clock", json={}).status_code == 403
    assert owner.post(f"{STORAGE}/clock", json={}).status_code == 204
    assert ("clock", "right") in house.engine.told


def test_trouble_with_the_volume_is_told(house: House) -> None:
    listener = house.client(house.token(Scope.VIEW)).listen("/api/v1/stream")
    listener.receive()
    listener.receive()
    house.engine.news.put_nowait(StorageAlarm(StorageTrouble.NO_ROOM, START, "Full.", "Make room."))
    body = listener.receive()["body"].decode()
    listener.end()
    assert body.startswith("event: storage\n")
    assert json.loads(body.split("data: ")[1])["kind"] == "no_room"


def test_how_long_footage_is_kept(house: House, owner: AppClient) -> None:
    path = "/api/v1/cameras/flur"
    assert owner.get(path).json()["keep_days"] == 14.0
    changed = owner.patch(path, json={"keep_days": 3, "keep_event_days": 30.5, "most_gb": 250}).json()
    assert (changed["keep_days"], changed["keep_event_days"], changed["most_gb"]) == (3.0, 30.5, 250.0)
    stored = house.state.cameras.get("flur")
    assert stored is not None and (stored.keep_days, stored.most_gb) == (3.0, 250.0)
    for wrong in ({"keep_days": 0}, {"keep_days": 4000}, {"most_gb": -1}, {"keep_event_days": None}):
        assert owner.patch(path, json=wrong).status_code == 422


EXPORT = "/api/v1/export.zip"
RANGE = {"from": "2026-11-21T14:00:00Z", "to": "2026-11-21T15:00:00Z"}


def test_an_export_can_go_on_where_it_broke_off(house: House) -> None:
    client = house.client(house.token(Scope.VIEW))
    wanted = RANGE | {"camera": ["flur", "vorzelt"], "originals": "true"}
    whole = client.get(EXPORT, params=wanted)
    assert (whole.status_code, whole.content) == (200, ZIP)
    assert whole.headers["content-type"] == "application/zip"
    assert whole.headers["content-disposition"] == 'attachment; filename="wachtel-20261121T140000000Z.zip"'
    assert house.engine.wishes[0].cameras == ("flur", "vorzelt") and house.engine.wishes[0].originals
    rest = client.get(EXPORT, params=wanted, headers={"range": "bytes=7-", "if-range": whole.headers["etag"]})
    assert (rest.status_code, rest.content) == (206, ZIP[7:])
    assert client.head(EXPORT, params=wanted).headers["content-length"] == str(len(ZIP))
    again = client.get(EXPORT, params=wanted, headers={"if-none-match": whole.headers["etag"]})
    assert again.status_code == 304


def test_exports_hide_what_somebody_may_not_see(house: House) -> None:
    client = house.client(house.token(Scope.VIEW, frozenset({"home"})))
    assert client.get(EXPORT, params=RANGE | {"camera": ["flur", "vorzelt"]}).status_code == 404
    assert client.get(EXPORT, params=RANGE | {"camera": "flur"}).status_code == 200
    assert client.get(EXPORT, params=RANGE).status_code == 422
    long = {"from": "2026-01-01T00:00:00Z", "to": "2026-11-21T15:00:00Z", "camera": "flur"}
    assert client.get(EXPORT, params=long).status_code == 422


STRETCH = {"start": "2026-11-21T14:00:00Z", "end": "2026-11-21T14:05:00Z"}
HOLDS = "/api/v1/cameras/flur/holds"
WORK = "/api/v1/archive/work"


def test_any_stretch_is_held_and_let_go(house: House, keeper: AppClient) -> None:
    answer = keeper.post(HOLDS, json={**STRETCH, "why": "parcel"})
    assert (answer.json()["camera"], answer.json()["event"], answer.json()["why"]) == ("flur", "", "parcel")
    assert keeper.get("/api/v1/holds").json() == [answer.json()]
    assert keeper.delete(HOLDS, params={**STRETCH, "event": "another"}).status_code == 404
    assert house.client(house.token(Scope.VIEW)).delete(HOLDS, params=STRETCH).status_code == 403
    assert keeper.delete(HOLDS, params=STRETCH).status_code == 204
    assert keeper.get("/api/v1/holds").json() == []
    assert keeper.delete(HOLDS, params=STRETCH).status_code == 404


def test_a_stretch_has_a_length(keeper: AppClient) -> None:
    backwards = {"start": STRETCH["end"], "end": STRETCH["start"]}
    assert keeper.post(HOLDS, json=backwards).status_code == 422
    assert keeper.post(HOLDS, json={**STRETCH, "end": "2027-01-21T14:00:00Z"}).status_code == 422


def test_shares_by_reason(house: House, owner: AppClient) -> None:
    expected = {"camera": "flur", "continuous_bytes": 20, "event_bytes": 15, "held_bytes": 5}
    assert owner.get(f"{STORAGE}/shares").json() == [expected]


def test_the_effect_of_another_period_is_told_before_it_is_set(owner: AppClient, keeper: AppClient) -> None:
    path = "/api/v1/cameras/flur/retention"
    found = owner.get(path, params={"keep_days": "3"}).json()
    assert (found["files"], found["size_bytes"], found["due_bytes"]) == (97, 97, 86)
    assert found["start"] == "2026-11-21T14:30:00.000000Z"
    assert owner.get("/api/v1/cameras/flur").json()["keep_days"] == 14
    assert owner.get(path, params={"keep_days": "0"}).status_code == 422
    assert keeper.get(path).status_code == 403


def test_work_on_the_archive_begins_goes_on_and_is_stopped(owner: AppClient) -> None:
    assert owner.get(WORK).json() is None
    begun = owner.post(WORK, json={"kind": "check"}).json()
    assert (begun["kind"], begun["finished"], begun["found"]) == ("check", None, 1)
    assert begun["findings"] == [{"kind": "file_missing", "place": "a.mp4", "what": "Gone.", "mend": "Look."}]
    assert owner.post(WORK, json={"kind": "verify"}).status_code == 503
    assert owner.post(WORK, json={"kind": "burn"}).status_code == 422
    assert owner.delete(WORK).status_code == 204
    assert owner.get(WORK).json()["stopped"] is True


def test_exports_are_listed_with_how_far_they_have_come(house: House, owner: AppClient) -> None:
    wish = {"camera": "flur", "from": "2026-11-21T14:00:00Z", "to": "2026-11-21T15:00:00Z"}
    assert owner.head("/api/v1/export.zip", params=wish).status_code == 200
    assert owner.get("/api/v1/exports").json() == []
    half = len(ZIP) // 2
    owner.get("/api/v1/export.zip", params=wish, headers={"range": f"bytes=0-{half - 1}"})
    (begun,) = owner.get("/api/v1/exports").json()
    assert (begun["sent_bytes"], begun["size_bytes"], begun["running"]) == (half, len(ZIP), False)
    assert owner.get(begun["path"], headers={"range": f"bytes={half}-"}).status_code == 206
    (done,) = owner.get("/api/v1/exports").json()
    assert (done["id"], done["sent_bytes"]) == (begun["id"], len(ZIP))
    other = house.client(house.token(Scope.VIEW))
    assert other.get("/api/v1/exports").json() == []
    assert other.delete(f"/api/v1/exports/{done['id']}").status_code == 204
    assert len(owner.get("/api/v1/exports").json()) == 1
    assert owner.delete(f"/api/v1/exports/{done['id']}").status_code == 204
    assert owner.get("/api/v1/exports").json() == []
