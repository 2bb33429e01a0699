"""Vendor gone and the announced end, rehearsed on copies of installs in every state of business."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wachtel.app.drill.report import Rehearsal, Verdict
from wachtel.app.drill.run import needed_bytes, run
from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.camera import Camera
from wachtel.service.money import Money
from wachtel.service.plans import PlanOffer
from wachtel.service.sunset_desk import SunsetDesk
from wachtel.service.sunset_steps import Step
from wachtel.storage.data_folder import places
from wachtel.storage.state import State, open_state

BUSINESS = (Rehearsal.VENDOR, Rehearsal.SUNSET)


def desk_of(state: State) -> SunsetDesk:
    return SunsetDesk(state.business, state.operator_key, SystemClock(), state.sites.first_zone)


def nothing(_: State) -> None:
    pass


def customers(state: State) -> None:
    billing = desk_of(state).billing
    billing.add_offer(PlanOffer("y", "Yearly", "yearly", {"EUR": Money(12_000, "EUR")}))
    billing.add_offer(PlanOffer("f", "Free", "free", {}))
    for plan in ("y", "y", "f"):
        billing.subscribe(plan, "Anna", "DE", "Europe/Berlin")
    billing.book_due()
    billing.pay(billing.charges()[0].id, "bank")


def announced(state: State) -> None:
    customers(state)
    end = (datetime.now(UTC) + timedelta(days=200)).date()
    desk_of(state).announce("Village", "We retire.", end)


def half_way(state: State) -> None:
    announced(state)
    for step in (Step.EXPORT_READY, Step.HANDED_OVER, Step.REFUNDS_PREPARED):
        desk_of(state).advance(step, "proof")


@pytest.mark.parametrize("story", [nothing, customers, announced, half_way])
def test_it_passes_in_every_state_of_business_and_changes_nothing(
    story: Callable[[State], None], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    state = open_state(data)
    state.cameras.add(Camera("door", "home", "Tür", "rtsp://anna:geheim@192.168.1.20/"))
    story(state)
    before = (state.business.entries(), state.business.steps(), state.business.changes(), state.cameras.all())
    found = {each.promise: each for each in run(places(data), BUSINESS, lambda _: None)}
    assert {number for number, each in found.items() if each.verdict is Verdict.PASS} == {3, 10}, found
    assert not any(each.verdict is Verdict.FAIL for each in found.values())
    assert (
        state.business.entries(),
        state.business.steps(),
        state.business.changes(),
        state.cameras.all(),
    ) == before
    state.close()


def test_too_little_room_is_said_before_anything_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_state(tmp_path / "data").close()
    where = places(tmp_path / "data")
    monkeypatch.setattr("wachtel.app.drill.run.LARGEST_COPY_BYTES", needed_bytes(where) - 1)
    with pytest.raises(WachtelError) as caught:
        run(where, BUSINESS, lambda _: None)
    assert caught.value.kind is ErrorKind.DISK_FULL and "MB" in caught.value.what
