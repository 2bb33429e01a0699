"""Channels over HTTP: who may, what is shown, what is refused."""

from typing import Any

import pytest
from conftest import House
from web_client import AppClient

from wachtel.automation.push_devices import link_signer
from wachtel.automation.signed_links import Opens
from wachtel.base.units import WallUs
from wachtel.model.access import Scope
from wachtel.model.message import MessageKind
from wachtel.storage.state.channels import Channel
from wachtel.storage.state.deliveries import Delivery, DeliveryResult
from wachtel.web.ports.house import NoMessages

HOOK = {"name": "Haus 🐦", "url": "https://anna:pass-canary@hooks.example/path-canary?token=query-canary"}
CANARIES = ("pass-canary", "path-canary", "query-canary")


def admin(house: House, *sites: str) -> AppClient:
    return house.client(house.token(Scope.ADMIN, frozenset(sites) or None))


def made(client: AppClient, **changes: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/channels", json=HOOK | changes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_secret_is_shown_once_and_the_address_never(house: House) -> None:
    client = admin(house)
    channel = made(client)
    assert len(channel["secret"]) >= 43
    assert channel["address"] == "https://hooks.example/…"
    assert (channel["site"], channel["kind"], channel["locked"], channel["waiting"]) == (
        None,
        "webhook",
        False,
        0,
    )
    assert set(channel["kinds"]) == set(MessageKind) - {
        MessageKind.BUNDLE,
        MessageKind.TEST,
        MessageKind.RULE,
        MessageKind.DURESS,
    }
    everything = "".join(
        client.get(path).text
        for path in ("/api/v1/channels", f"/api/v1/channels/{channel['id']}/deliveries", "/metrics")
    )
    assert [word for word in (*CANARIES, channel["secret"]) if word in everything] == []
    assert [word for word in CANARIES if word in str(channel)] == []


def test_nothing_of_it_lies_in_the_database_in_plain_text(house: House, tmp_path: Any) -> None:
    channel = made(admin(house))
    house.state.close()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("state.sqlite*"))
    for word in (*CANARIES, channel["secret"], "anna:"):
        assert word.encode() not in stored
    assert b"hooks.example" in stored


def test_a_channel_is_changed_without_a_new_secret(house: House) -> None:
    client = admin(house)
    path = f"/api/v1/channels/{made(client)['id']}"
    changed = client.patch(path, json={"name": "Neu", "kinds": ["camera_back"]}).json()
    assert (changed["name"], changed["kinds"], changed["secret"]) == ("Neu", ["camera_back"], None)
    changed = client.patch(path, json={"url": "http://192.168.1.9/x"}).json()
    assert (changed["address"], changed["secret"]) == ("http://192.168.1.9/…", None)
    assert client.delete(path).status_code == 204
    assert client.get("/api/v1/channels").json() == []
    assert client.delete(path).status_code == 404


def test_a_channel_is_switched_off_and_on(house: House) -> None:
    client = admin(house)
    channel = made(client)
    path = f"/api/v1/channels/{channel['id']}"
    assert channel["enabled"] is True
    assert client.patch(path, json={"enabled": False}).json()["enabled"] is False
    assert client.patch(path, json={"name": "Neu"}).json()["enabled"] is False
    assert client.get("/api/v1/channels").json()[0]["enabled"] is False
    changed = client.patch(path, json={"enabled": True}).json()
    assert (changed["enabled"], changed["secret"]) == (True, None)
    assert client.patch(path, json={"enabled": None}).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "file:///etc/passwd"},
        {"url": "http://127.0.0.1:8090/api/v1/cameras"},
        {"url": "http://[::1]/"},
        {"url": "http://169.254.169.254/"},
        {"url": "http://0.0.0.0/", "allow_local": True},
        {"kind": "carrier pigeon"},
        {"kinds": []},
        {"kinds": ["test"]},
        {"kinds": ["party"]},
        {"name": ""},
        {"secret": "mine"},
    ],
)
def test_what_is_refused(house: House, wrong: dict[str, Any]) -> None:
    client = admin(house)
    answer = client.post("/api/v1/channels", json=HOOK | wrong)
    assert answer.status_code == 422, answer.text
    assert [word for word in CANARIES if word in answer.text] == []
    assert client.get("/api/v1/channels").json() == []


def test_consent_opens_this_machine_and_can_be_taken_back(house: House) -> None:
    client = admin(house)
    channel = made(client, url="http://127.0.0.1:9/x", allow_local=True)
    path = f"/api/v1/channels/{channel['id']}"
    assert client.patch(path, json={"allow_local": False}).status_code == 422
    assert client.patch(path, json={"allow_local": False, "url": "http://10.0.0.9/"}).status_code == 200
    assert client.patch(path, json={"url": "http://127.0.0.1/"}).status_code == 422


def test_an_administrator_of_one_site_sees_and_makes_channels_of_it(house: House) -> None:
    everywhere, caravan = admin(house), admin(house, "caravan")
    of_all, of_home = made(everywhere), made(everywhere, site="home")
    own = made(caravan, site="caravan")
    assert [channel["id"] for channel in caravan.get("/api/v1/channels").json()] == [own["id"]]
    assert len(everywhere.get("/api/v1/channels").json()) == 3
    assert caravan.post("/api/v1/channels", json=HOOK | {"site": "home"}).status_code == 404
    assert caravan.post("/api/v1/channels", json=HOOK).status_code == 403
    assert everywhere.post("/api/v1/channels", json=HOOK | {"site": "moon"}).status_code == 404
    for foreign in (of_all, of_home):
        path = f"/api/v1/channels/{foreign['id']}"
        assert caravan.patch(path, json={"name": "x"}).status_code == 404
        assert caravan.delete(path).status_code == 404
        assert caravan.post(f"{path}/test").status_code == 404
        assert caravan.get(f"{path}/deliveries").status_code == 404


@pytest.mark.parametrize("scope", [Scope.VIEW, Scope.CONTROL])
def test_channels_are_for_administrators(house: House, scope: Scope) -> None:
    made(admin(house))
    assert house.client(house.token(scope)).get("/api/v1/channels").status_code == 403
    assert house.client().get("/api/v1/channels").status_code == 401


def test_a_test_without_an_engine_says_so(house: House) -> None:
    client = admin(house)
    answer = client.post(f"/api/v1/channels/{made(client)['id']}/test")
    assert (answer.status_code, answer.json()["error"]["kind"]) == (503, "busy")


def test_the_result_of_a_test_and_of_every_try(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def delivery(channel: str, number: int) -> Delivery:
        at = WallUs(house.clock.wall_us())
        return Delivery(
            channel, "m", MessageKind.TEST, number, at, DeliveryResult.REFUSED, 410, 7, "not_found", "Gone."
        )

    async def test(self: NoMessages, channel: Channel) -> Delivery:
        return delivery(channel.id, 1)

    monkeypatch.setattr(NoMessages, "test", test)
    client = admin(house)
    channel = made(client)
    path = f"/api/v1/channels/{channel['id']}"
    answer = client.post(f"{path}/test").json()
    assert (answer["result"], answer["status"], answer["duration_ms"], answer["reason"], answer["what"]) == (
        "refused",
        410,
        7,
        "not_found",
        "Gone.",
    )
    monkeypatch.setattr("wachtel.storage.state.deliveries.MOST_PER_CHANNEL", 20)
    for number in range(50):
        house.state.deliveries.add(delivery(channel["id"], number))
    tries = client.get(f"{path}/deliveries?limit=10").json()
    assert [one["attempt"] for one in tries] == list(range(49, 39, -1))
    assert len(house.state.deliveries.of(channel["id"], 5000)) == 20
    assert client.get("/api/v1/channels").json()[0]["last"]["attempt"] == 49


def test_a_channel_whose_key_is_lost_gets_a_new_secret_with_a_new_address(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = admin(house)
    path = f"/api/v1/channels/{made(client)['id']}"
    sealer = house.state.channels._sealer
    monkeypatch.setattr(sealer, "open", lambda sealed, place: None)
    assert client.get("/api/v1/channels").json()[0]["locked"] is True
    assert client.patch(path, json={"name": "Neu"}).status_code == 200
    assert client.patch(path, json={"allow_local": True}).status_code == 503
    assert len(client.patch(path, json={"url": "https://example.org/"}).json()["secret"]) >= 43


def test_a_channel_says_what_it_wishes_and_snoozes(house: House) -> None:
    client = admin(house)
    night = [{"days": ["mon"], "start": "22:00", "end": "06:00"}]
    channel = made(client, cameras=["tuer"], zones=["Weg"], quiet=night, per_hour=3, language="de")
    assert (channel["cameras"], channel["zones"], channel["quiet"]) == (["tuer"], ["Weg"], night)
    path = f"/api/v1/channels/{channel['id']}"
    changed = client.patch(path, json={"schedule": night, "per_hour": 0}).json()
    assert (changed["schedule"], changed["quiet"], changed["per_hour"]) == (night, night, 0)
    assert client.patch(path, json={"per_hour": 241}).status_code == 422
    assert client.put(f"{path}/snooze", json={"minutes": 5}).json()["camera"] is None
    assert [one["channel"] for one in client.get("/api/v1/channels").json()[0]["snoozed"]] == [channel["id"]]
    assert client.delete(f"{path}/snooze").status_code == 204
    assert client.get("/api/v1/channels").json()[0]["snoozed"] == []
    assert client.put(f"{path}/snooze", json={"minutes": 0}).status_code == 422
    assert client.put(f"{path}/snooze", json={"camera": "gone"}).status_code == 404


def test_a_link_in_a_message_makes_its_channel_quiet_for_an_hour(house: House) -> None:
    channel = made(admin(house))
    signer = link_signer(house.state)
    token = signer.sign(Opens.QUIET, channel["id"], WallUs(house.clock.wall_us() + 1_000_000))
    stranger = house.client()
    assert stranger.post(f"/api/v1/quiet/{token}").status_code == 200
    (snoozed,) = house.state.snoozes.all()
    assert snoozed.channel == channel["id"] and snoozed.until - snoozed.since == 3_600_000_000
    picture = signer.sign(Opens.PICTURE, channel["id"], WallUs(house.clock.wall_us() + 1_000_000))
    for bad in (picture, token[:-1], "x.y"):
        assert stranger.post(f"/api/v1/quiet/{bad}").status_code == 404
