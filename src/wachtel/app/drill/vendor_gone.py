"""Rehearses on a copy of the state that every plan ends, that strangers announce an end, and that the operator does
so in order; compares what the engine would be told before and after."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from wachtel.app.drill.report import Finding, Verdict
from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.service.billing import Billing
from wachtel.service.money import Money
from wachtel.service.plans import PlanOffer
from wachtel.service.subscriptions import Standing
from wachtel.service.sunset_desk import SunsetDesk
from wachtel.service.sunset_steps import ORDER, Step
from wachtel.service.words import Words
from wachtel.storage.state import State
from wachtel.storage.state.business import ChangeRow, NoticeRow
from wachtel.storage.state.settings import KEEP_FREE_BYTES

PLAN = "wachtel-drill"
REGION = "DE"
FORGED = (b"", b"\xff\x00", b'{"stop":"recording"}', b"[" * 2000)


class ShiftedClock(SystemClock):
    """The machine's clock on another day; only its wall clock differs."""

    def __init__(self, days: int) -> None:
        self.days = days

    def wall_us(self) -> WallUs:
        return WallUs(super().wall_us() + self.days * 86_400 * US_PER_S)


def told(state: State) -> tuple[object, ...]:
    """Everything an engine is told when it starts: places, cameras with their settings, room to keep free."""
    return state.sites.all(), state.cameras.all(), state.settings.get(KEEP_FREE_BYTES, int)


def end_all_plans(state: State, clock: Clock) -> int:
    """Ends every subscription, at least one, so that none allows anything today; says how many."""
    billing = Billing(state.business, ShiftedClock(-400))
    if PLAN not in billing.offers():
        billing.add_offer(PlanOffer(PLAN, "Drill", "monthly", {"EUR": Money(100, "EUR")}))
    billing.subscribe(PLAN, "Drill", REGION, state.sites.first_zone())
    for one in billing.subscriptions():
        before = (one.starts_on - timedelta(days=1)).isoformat()
        state.business.add_change(ChangeRow(one.id, "cancel", before, clock.wall_us()))
    return len(billing.subscriptions())


def forge_notices(state: State) -> None:
    """Notices that nobody signed, as a stranger or a broken disk would leave them."""
    version = max((row.version for row in state.business.notices()), default=0)
    for number, body in enumerate(FORGED, version + 1):
        state.business.add_notice(NoticeRow(number, body, b"\x00" * 64, b"\x00" * 32, WallUs(0)))


def rehearse_vendor(state: State) -> Finding:
    """Promise 3: with all plans ended and forged notices in place the engine is told the same as before."""
    before = told(state)
    ended = end_all_plans(state, SystemClock())
    forge_notices(state)
    standings = {one.state.standing for one in Billing(state.business, SystemClock()).all()}
    if told(state) != before or standings - {Standing.ENDED, Standing.PENDING}:
        return Finding(3, Verdict.FAIL, _CHANGED)
    return Finding(3, Verdict.PASS, _unchanged(ended, len(state.cameras.all())))


def rehearse_sunset(state: State) -> list[Finding]:
    """Promises 10 and 3: the order is kept, everybody gets a refund, and no camera hears of it."""
    before = told(state)
    try:
        refunds = _sunset(state)
    except WachtelError as error:
        return [Finding(10, Verdict.FAIL, _failed(error.what))]
    if refunds is None:
        return [
            Finding(10, Verdict.FAIL, _failed("A step could be left out, or a subscription was forgotten."))
        ]
    if told(state) != before:
        return [Finding(3, Verdict.FAIL, _CHANGED), Finding(10, Verdict.FAIL, _CHANGED)]
    return [Finding(10, Verdict.PASS, _in_order(refunds))]


def _sunset(state: State) -> int | None:
    """How many refunds were computed and paid; None when the order was not kept or somebody was forgotten."""
    clock = ShiftedClock(0)
    desk = SunsetDesk(state.business, state.operator_key, clock, state.sites.first_zone)
    billing = desk.billing
    _somebody_who_paid(state)
    if desk.announced() is None:
        desk.announce("Drill", "Drill", (_day(clock) + timedelta(days=200)).date())
    end = desk.end()
    if end is None:
        return None
    for step in ORDER[len(desk.steps()) :]:
        if step is not ORDER[-1] and not _refused(lambda: desk.advance(Step.ENDED, "too early")):
            return None
        if step is Step.PAID:
            desk.prepare()
            for refund in billing.refunds():
                billing.pay(refund.id, "drill")
        if step is Step.ENDED:
            clock.days = (end[0] - _day(clock).date()).days + 2
        desk.advance(step, "drill")
    paid = {each.subscription for each in billing.refunds() if each.paid_on is not None}
    everybody = {one.id for one in billing.subscriptions()}
    return len(paid) if paid == everybody else None


def _somebody_who_paid(state: State) -> None:
    """One more subscription with money in it, so that there is something to refund."""
    billing = Billing(state.business, SystemClock())
    yearly = f"{PLAN}-yearly"
    if yearly not in billing.offers():
        billing.add_offer(PlanOffer(yearly, "Drill", "yearly", {"EUR": Money(1200, "EUR")}))
    made = billing.subscribe(yearly, "Drill", REGION, state.sites.first_zone())
    billing.book_due()
    for charge in billing.charges():
        if charge.subscription == made.subscription.id:
            billing.pay(charge.id, "drill")


def _refused(step: Callable[[], object]) -> bool:
    try:
        step()
    except WachtelError:
        return True
    return False


def _day(clock: Clock) -> datetime:
    return datetime.fromtimestamp(clock.wall_us() / US_PER_S, UTC)


_CHANGED = Words(
    "Nach dem Ende aller Tarife würde anders aufgezeichnet als vorher.",
    "After the end of all plans, recording would differ from before.",
)


def _unchanged(plans: int, cameras: int) -> Words:
    return Words(
        "Auf einer Kopie endeten alle Abonnements, und gefälschte Ankündigungen kamen dazu; für alle Kameras gilt "
        f"dasselbe wie vorher (Abonnements: {plans}, Kameras: {cameras}).",
        "On a copy all subscriptions were ended and forged notices added; every camera is told the same as before "
        f"(subscriptions: {plans}, cameras: {cameras}).",
    )


def _in_order(refunds: int) -> Words:
    return Words(
        "Auf einer Kopie wurde das Ende angekündigt; kein Schritt ließ sich auslassen, und alle wurden "
        f"ausgezahlt (Erstattungen: {refunds}).",
        f"On a copy the end was announced; no step could be left out, and everybody was paid (refunds: {refunds}).",
    )


def _failed(what: str) -> Words:
    return Words(f"Die Probe des Endes misslang. {what}", f"The rehearsed end failed. {what}")
