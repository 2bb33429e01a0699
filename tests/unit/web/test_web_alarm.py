"""The alarm panel over the API: who may what, what is refused, and that duress shows in no answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from wachtel.accounts import alarm_codes
from wachtel.accounts.alarm_codes import AlarmCodes
from wachtel.accounts.tokens import AccessTokens
from wachtel.automation.alarm_desk import AlarmDesk, AlarmHands
from wachtel.model.access import Scope
from wachtel.model.live import AlarmChanged
from wachtel.model.rule import ArmState
from wachtel.storage.state import open_state
from wachtel.testing.clock import FakeClock
from wachtel.web.app import create_app
from wachtel.web.offline import offline_ports

ALARM = "/api/v1/sites/home/alarm"
ZONES = [
    {"name": "Hülle", "kind": "perimeter", "sensors": ["window"]},
    {"name": "Tür", "kind": "entry", "sensors": ["door"], "confirm": True},
]


class House:
    """The API in one loop with an alarm desk; nothing listens."""

    def __init__(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(alarm_codes, "MEMORY_KIB", 64)
        self.clock, self.state = FakeClock(), open_state(data)
        self.heard: list[AlarmChanged] = []
        self.desk = AlarmDesk(self.state, self._hands(), self.clock)
        app = create_app(self.state, replace(offline_ports(self.clock), alarms=self.desk))
        transport = httpx.ASGITransport(app=app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")
        tokens = AccessTokens(self.state, self.clock)
        self.tokens = {scope: tokens.issue(scope.value, scope).secret for scope in Scope}

    def _hands(self) -> AlarmHands:
        async def stand(site: str, armed: ArmState, by_rule: bool) -> None:
            self.state.site_facts.arm(site, armed, self.clock.wall_us())

        async def nothing(*_: object) -> None:
            return None

        check = AlarmCodes(self.state, self.clock).check
        return AlarmHands(stand, nothing, nothing, check, nothing, self.heard.append)

    async def call(
        self, method: str, path: str = "", body: Any = None, scope: Scope = Scope.ADMIN
    ) -> httpx.Response:
        where = path if path.startswith("/api") else ALARM + path
        headers = {"Authorization": f"Bearer {self.tokens[scope]}"}
        return await self.client.request(method, where, json=body, headers=headers)

    async def set_up(self, **more: Any) -> httpx.Response:
        return await self.call("PUT", "/settings", {"zones": ZONES, **more})


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.delenv("WACHTEL_KEY_FILE", raising=False)
    return House(tmp_path / "data", monkeypatch)


def run(house: House, story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        house.desk.start()
        try:
            await asyncio.wait_for(_awaited(story()), 60)
        finally:
            await house.desk.close()
            await house.client.aclose()

    asyncio.run(whole())


async def _awaited(story: Awaitable[None]) -> None:
    await story


def test_set_up_arm_and_disarm(house: House) -> None:
    async def story() -> None:
        assert (await house.call("GET")).json()["set_up"] is False
        made = (await house.set_up(exit_delay_s=20)).json()
        assert [zone["name"] for zone in made["zones"]] == ["Hülle", "Tür"]
        assert made["channels"] == {"alarm": 0, "alarm_warning": 0, "duress": 0}
        assert all(zone["id"] for zone in made["zones"])
        armed = (await house.call("POST", "/arm", {"state": "away"}, Scope.CONTROL)).json()
        assert (armed["state"], armed["mode"]) == ("arming", "away") and armed["until"] > armed["now"]
        assert (await house.set_up()).status_code == 409
        assert (await house.call("POST", "/disarm", {}, Scope.CONTROL)).json()["state"] == "disarmed"
        log = (await house.call("GET", "/log", scope=Scope.VIEW)).json()
        assert [(line["kind"], line["who"]) for line in log[:2]] == [
            ("disarmed", "control"),
            ("arming", "control"),
        ]
        older = (await house.call("GET", f"/log?before={log[0]['number']}&limit=1")).json()
        assert [line["number"] for line in older] == [log[1]["number"]]

    run(house, story)


def test_the_plain_way_to_arm_leads_through_the_panel(house: House) -> None:
    async def story() -> None:
        await house.set_up(exit_delay_s=20)
        path = "/api/v1/sites/home/arm"
        assert (await house.call("PUT", path, {"state": "away"})).json()["state"] == "disarmed"
        assert (await house.call("GET")).json()["state"] == "arming"

    run(house, story)


def test_open_windows_are_named(house: House) -> None:
    async def story() -> None:
        await house.set_up()
        await house.desk.sensed("home", "window", "open")
        seen = (await house.call("GET")).json()
        assert seen["open"] == ["window"] and seen["blocking"]["night"] == ["window"]
        refused = await house.call("POST", "/arm", {"state": "home"})
        assert refused.status_code == 409
        assert refused.json()["error"]["details"]["open"] == "window"
        armed = (await house.call("POST", "/arm", {"state": "home", "bypass": True})).json()
        assert (armed["state"], armed["bypassed"]) == ("home", ["window"])

    run(house, story)


def test_codes_are_asked_for_and_never_shown(house: House) -> None:
    async def story() -> None:
        await house.set_up()
        made = await house.call("POST", "/codes", {"name": "Ben", "code": "482915"})
        assert made.status_code == 201 and "482915" not in made.text
        twice = await house.call("POST", "/codes", {"name": "Eva", "code": "482915", "duress": True})
        assert twice.status_code == 409
        await house.call("POST", "/arm", {"state": "home"})
        seen = (await house.call("GET")).json()
        assert (seen["code_to_arm"], seen["code_to_disarm"]) == (True, True)
        assert (await house.call("POST", "/disarm", {})).json()["error"]["code"] == "alarm_code_needed"
        wrong = await house.call("POST", "/disarm", {"code": "999111"})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "alarm_code_wrong")
        path = f"/codes/{made.json()['id']}"
        assert (await house.call("DELETE", path)).status_code == 409
        assert (await house.call("POST", "/disarm", {"code": "482915"})).json()["state"] == "disarmed"
        assert (await house.call("DELETE", path)).status_code == 204
        assert (await house.call("GET", "/codes")).json() == []

    run(house, story)


def test_wrong_codes_are_locked_like_log_ins(house: House) -> None:
    async def story() -> None:
        await house.set_up()
        await house.call("POST", "/codes", {"name": "Ben", "code": "482915"})
        await house.call("POST", "/arm", {"state": "home"})
        answers = [(await house.call("POST", "/disarm", {"code": "777111"})).status_code for _ in range(7)]
        assert answers == [403] * 5 + [429] * 2
        other = await house.call("POST", "/disarm", {"code": "482915"}, Scope.CONTROL)
        assert other.status_code == 200

    run(house, story)


def test_no_answer_tells_duress(house: House) -> None:
    async def story() -> None:
        await house.set_up()
        for code, duress in (("482915", False), ("482916", True)):
            await house.call("POST", "/codes", {"name": "Ben", "code": code, "duress": duress})
        seen = []
        for code in ("482915", "482916"):
            await house.call("POST", "/arm", {"state": "home", "code": "482915"})
            answer = await house.call("POST", "/disarm", {"code": code}, Scope.CONTROL)
            log = (await house.call("GET", "/log")).json()
            seen.append(
                (answer.status_code, answer.json() | {"now": "", "since": ""}, log[0]["kind"], log[0]["who"])
            )
        assert seen[0] == seen[1]

    run(house, story)


def test_who_may_what(house: House) -> None:
    rights = [
        ("GET", "", Scope.VIEW),
        ("GET", "/log", Scope.VIEW),
        ("POST", "/arm", Scope.CONTROL),
        ("POST", "/disarm", Scope.CONTROL),
        ("GET", "/settings", Scope.ADMIN),
        ("PUT", "/settings", Scope.ADMIN),
        ("GET", "/codes", Scope.ADMIN),
        ("POST", "/codes", Scope.ADMIN),
    ]

    async def story() -> None:
        order = list(Scope)
        for method, path, needs in rights:
            for scope in order[: order.index(needs)]:
                assert (await house.call(method, path, {}, scope)).status_code == 403
            assert (await house.call(method, path, {}, needs)).status_code != 403

    run(house, story)


def test_what_is_not_there_is_refused(house: House) -> None:
    async def story() -> None:
        nowhere = {"name": "x", "kind": "perimeter", "cameras": ["nowhere"]}
        assert (await house.call("PUT", "/settings", {"zones": [nowhere]})).status_code == 422
        assert (await house.call("PUT", "/settings", {"sirens": ["nothing"]})).status_code == 422
        assert (await house.call("PUT", "/settings", {"siren_s": 0.5})).status_code == 422
        assert (await house.call("POST", "/codes", {"name": "Ben", "code": "482915"})).status_code == 404
        assert (await house.call("DELETE", "/settings")).status_code == 404

    run(house, story)
