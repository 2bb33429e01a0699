"""Plans and the end of a service over HTTP, and the proof that nothing of it changes what is recorded or shown."""

import json
import re
from typing import Any

import pytest
from conftest import House
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from web_client import AppClient

from wachtel.base.units import WallUs
from wachtel.model.access import Scope
from wachtel.storage.state.business import NoticeRow
from wachtel.storage.state.settings import KEEP_FREE_BYTES

DAY_S = 86_400.0
SHOWN = (
    "/api/v1/cameras", "/api/v1/cameras/flur", "/api/v1/sites", "/api/v1/events", "/api/v1/holds",
    "/api/v1/cameras/flur/ledger?day=2026-11-21", "/api/v1/cameras/flur/snapshot.jpg",
    "/api/v1/events/20261121T140100000Z-flur/clip.mp4", "/api/v1/storage",
    "/api/v1/timeline?camera=flur&from=2026-11-21T14:00:00Z&to=2026-11-21T15:00:00Z",
    "/api/v1/cameras/flur/recording.mp4?start=2026-11-21T14:00:00Z&end=2026-11-21T14:01:00Z",
)  # fmt: skip

PLANS: list[dict[str, Any]] = [
    {
        "id": "m",
        "name": "M",
        "interval": "monthly",
        "prices": {"EUR": "4.99"},
        "entitlements": {"cameras": 1},
    },
    {"id": "y", "name": "Y", "interval": "yearly", "prices": {"EUR": "49.99"}},
    {"id": "f", "name": "F", "interval": "free"},
]
STEPS = ("export_ready", "handed_over", "refunds_prepared", "paid", "ended")

actions = st.one_of(
    st.tuples(st.just("subscribe"), st.sampled_from("myf")),
    st.tuples(st.sampled_from(["cancel", "resume", "pay"]), st.integers(0, 5)),
    st.tuples(st.just("book"), st.none()),
    st.tuples(st.just("wait"), st.sampled_from([1, 14, 31, 366])),
    st.tuples(st.just("announce"), st.sampled_from(["2027-08-01", "2026-12-01"])),
    st.tuples(st.just("amend"), st.sampled_from(["2027-09-01", "2030-01-01"])),
    st.tuples(st.just("step"), st.sampled_from(STEPS)),
    st.tuples(st.just("forge"), st.binary(max_size=60)),
)


def recorded_by(house: House) -> Any:
    """Everything an engine is told at its start, and everything it was told since."""
    state = house.state
    kept = (state.settings.get(KEEP_FREE_BYTES, int), house.engine.kept_free, dict(house.engine.held))
    return state.cameras.all(), state.sites.all(), kept, list(house.engine.told), state.channels.all()


def shown_by(client: AppClient) -> dict[str, tuple[int, bytes]]:
    """What a viewer sees."""
    answers = {path: client.get(path) for path in SHOWN}
    return {path: (answer.status_code, answer.content) for path, answer in answers.items()}


def act(house: House, control: AppClient, kind: str, value: Any) -> None:
    """One thing an operator, a customer or a forger does; refusals are fine."""
    if kind == "subscribe":
        body = {"plan": value, "subscriber": "Anna", "residence": "DE"}
        control.post("/api/v1/subscriptions", json=body)
    elif kind in ("cancel", "resume"):
        for one in control.get("/api/v1/subscriptions").json()[value : value + 1]:
            control.post(f"/api/v1/subscriptions/{one['id']}/{kind}")
    elif kind == "pay":
        for one in control.get("/api/v1/charges").json()[: value + 1]:
            control.post(f"/api/v1/charges/{one['id']}/paid", json={})
    elif kind == "book":
        control.post("/api/v1/charges")
    elif kind == "wait":
        house.clock.now = WallUs(house.clock.now + int(value * DAY_S * 1_000_000))
    elif kind == "forge":
        version = len(house.state.business.notices()) + 1000
        house.state.business.add_notice(NoticeRow(version, value, value, value, WallUs(0)))
    else:
        _sunset(control, kind, value)


def _sunset(control: AppClient, kind: str, value: str) -> None:
    if kind == "announce":
        body = {"operator": "V", "reason": "r", "ends_on": value, "force": True}
        control.post("/api/v1/sunset", json=body)
    elif kind == "amend":
        control.patch("/api/v1/sunset", json={"ends_on": value})
    else:
        control.post("/api/v1/sunset/steps", json={"step": value, "evidence": "proof"})


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(actions, min_size=1, max_size=12))
def test_no_plan_and_no_notice_changes_what_is_recorded_or_shown(
    house: House, history: list[tuple[str, Any]]
) -> None:
    control = house.control()
    for plan in PLANS:
        control.post("/api/v1/plans", json=plan)
    began, recorded, shown = house.clock.now, recorded_by(house), shown_by(control)
    assert {status for status, _ in shown.values()} <= {200, 206}
    for kind, value in history:
        act(house, control, kind, value)
    for path in ("/api/v1/subscriptions", "/api/v1/charges", "/api/v1/sunset"):
        assert control.get(path).status_code == 200, path
    house.clock.now = began
    assert recorded_by(house) == recorded
    assert shown_by(control) == shown
    with house.state.database.write() as connection:
        for table in ("ledger_entry", "subscription_change", "subscription", "sunset_notice", "sunset_step"):
            connection.exec_driver_sql(f"DELETE FROM {table}")


def test_nothing_of_the_state_hangs_on_a_plan(house: House) -> None:
    """No table of cameras, sites or settings refers to what is sold, and no trigger of the database does."""
    with house.state.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master").all()
    business = {"subscription", "subscription_change"}
    assert [name for kind, name, _ in rows if kind == "trigger"] == []
    references = {
        name
        for kind, name, sql in rows
        if kind == "table" and re.search(r'REFERENCES "?(plan|subscription)\b', sql)
    }
    assert references == business


def test_a_subscription_from_its_beginning_to_its_end(house: House) -> None:
    control = house.control()
    assert control.post("/api/v1/plans", json=PLANS[0]).status_code == 201
    assert control.post("/api/v1/plans", json=PLANS[0]).status_code == 409
    body = {"plan": "m", "subscriber": "Anna", "residence": "DE"}
    made = control.post("/api/v1/subscriptions", json=body).json()
    assert (made["standing"], made["currency"], made["entitlements"]["cameras"]) == ("active", "EUR", 1)
    assert control.post("/api/v1/charges").json() == {"booked": 1}
    charge = control.get("/api/v1/charges").json()[0]
    assert (charge["amount"], charge["paid_on"]) == ("4.99", None)
    paid = control.post(f"/api/v1/charges/{charge['id']}/paid", json={"reference": "bank 1"}).json()
    assert paid["paid_on"] and paid["reference"] == "bank 1"
    ended = control.post(f"/api/v1/subscriptions/{made['id']}/cancel").json()
    assert ended["standing"] == "cancelled" and ended["notices"][0]["kind"] == "ends"
    assert control.post(f"/api/v1/subscriptions/{made['id']}/resume").json()["ends_on"] is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/plans", PLANS[0] | {"prices": {"EUR": "-1"}}),
        ("/api/v1/plans", PLANS[0] | {"prices": {"XXY": "1"}}),
        ("/api/v1/plans", PLANS[0] | {"id": "../x"}),
        ("/api/v1/plans", PLANS[0] | {"colour": "red"}),
        ("/api/v1/subscriptions", {"plan": "m", "subscriber": "A", "residence": "XX"}),
        (
            "/api/v1/subscriptions",
            {"plan": "m", "subscriber": "A", "residence": "DE", "time_zone": "Nowhere"},
        ),
        ("/api/v1/subscriptions", {"plan": "m", "subscriber": "A", "residence": "DE", "currency": "USD"}),
        (
            "/api/v1/subscriptions",
            {"plan": "m", "subscriber": "A", "residence": "DE", "starts_on": "1999-01-01"},
        ),
    ],
)
def test_what_makes_no_sense_is_refused(house: House, path: str, body: dict[str, Any]) -> None:
    control = house.control()
    if "subscriptions" in path:
        control.post("/api/v1/plans", json=PLANS[0])
    assert control.post(path, json=body).status_code == 422


def test_a_viewer_reads_the_notice_and_may_not_write_it(house: House) -> None:
    viewer, control = house.client(house.token(Scope.VIEW)), house.control()
    assert viewer.get("/api/v1/sunset").json()["announced"] is False
    body = {"operator": "<b>V</b>", "reason": "<script>alert(1)</script>\u202e", "ends_on": "2027-08-01"}
    assert viewer.post("/api/v1/sunset", json=body).status_code == 403
    assert control.post("/api/v1/sunset", json=body).status_code == 201
    shown = viewer.get("/api/v1/sunset").json()
    assert shown["verified"] and shown["notice"]["reason"] == body["reason"]
    assert shown["next"] == "export_ready" and json.dumps(shown["signed"])
    assert control.post("/api/v1/sunset", json=body).status_code == 409
