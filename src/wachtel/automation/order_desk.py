"""Does what rules ordered: one lane per thing that is driven, so that a dead one delays nothing else.

An order that fails is tried again after half a second, then ever later, as long as it still makes sense. Of orders that
put one thing into a state only the newest counts.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from wachtel.automation.rule_holds import is_off
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.redact import redact
from wachtel.base.tasks import TaskSupervisor, supervised_task
from wachtel.base.units import US_PER_S, WallUs, microseconds
from wachtel.base.waiting import sleep_or
from wachtel.model.rule import DRIVEN, HELD, Action, ActionKind, Order
from wachtel.storage.state.rule_work import OrderState, RuleWork, StoredOrder

log = logging.getLogger(__name__)

RETRY_AFTER_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
TRY_TIMEOUT_S = 20.0
KEEP_TRYING_S = 60.0
KEEP_TRYING_TO_END_S = 3600.0
"""Switching off, keeping and telling make sense for longer."""

BUGS_FORGIVEN = 5
DATABASE_WAIT_S = 5.0

Doer = Callable[[Order], Awaitable[None]]


class OrderDesk:
    """Lives in main's loop. ``doers`` know how to do each kind of action; each raises `WachtelError`."""

    def __init__(self, work: RuleWork, doers: Mapping[ActionKind, Doer], clock: Clock) -> None:
        self._work = work
        self._doers = doers
        self._clock = clock
        self._changed = asyncio.Event()
        self._busy: set[str] = set()
        self._lanes = TaskSupervisor(clock)

    def wake(self) -> None:
        """There may be new orders."""
        self._changed.set()

    async def run(self) -> None:
        """Looks for orders until it is cancelled."""
        while True:
            self._changed.clear()
            try:
                wait_s = await self._look()
            except WachtelError as error:
                log.warning("what rules ordered has to wait: %s", error)
                wait_s = DATABASE_WAIT_S
            await sleep_or(self._changed, wait_s, self._clock)

    async def close(self) -> None:
        """Cuts short what is under way; it is done after the next start."""
        await self._lanes.close()

    async def _look(self) -> float | None:
        """Starts every lane that has something due; gives in how many seconds the next one is, None for never."""
        lanes: dict[str, list[StoredOrder]] = {}
        for stored in await asyncio.to_thread(self._work.waiting):
            lanes.setdefault(stored.lane, []).append(stored)
        waits = []
        for lane, orders in lanes.items():
            if lane in self._busy:
                continue
            wait_s = self._wait_s(orders)
            if wait_s > 0:
                waits.append(wait_s)
            else:
                self._busy.add(lane)
                self._lanes.keep(f"orders of {lane}", partial(self._serve, lane, orders))
        return min(waits, default=None)

    def _wait_s(self, orders: list[StoredOrder]) -> float:
        """The newest order of a lane need not wait for the retry of one that it overtakes."""
        first = orders[-1] if orders[-1].order.action.kind in HELD else orders[0]
        wait_s = (first.next_try - self._clock.wall_us()) / US_PER_S
        return 0.0 if wait_s > RETRY_AFTER_S[-1] else wait_s

    async def _serve(self, lane: str, orders: list[StoredOrder]) -> None:
        try:
            await self._serve_all(orders)
        except WachtelError as error:
            log.warning("what came of an order cannot be recorded yet: %s", error)
            await self._clock.sleep(DATABASE_WAIT_S)
        finally:
            self._busy.discard(lane)
            self.wake()

    async def _serve_all(self, orders: list[StoredOrder]) -> None:
        overtaken = [one.number for one in orders[:-1] if _overtaken(one, orders[-1])]
        if overtaken:
            await asyncio.to_thread(self._work.settle, overtaken, OrderState.OVERTAKEN)
        for stored in orders:
            if stored.number not in overtaken and not await self._do(stored):
                return

    async def _do(self, stored: StoredOrder) -> bool:
        """Tries once; False when those behind it have to wait."""
        outcome = await supervised_task(lambda: self._within_time(stored.order), f"rule {stored.order.rule}")
        if not isinstance(outcome, WachtelError):
            await asyncio.to_thread(self._work.settle, [stored.number], OrderState.DONE)
            return True
        what = redact(str(outcome))
        if not _worth_retrying(outcome, stored, self._clock.wall_us()):
            log.warning("rule %s: %s", stored.order.rule, what)
            await asyncio.to_thread(self._work.settle, [stored.number], OrderState.GIVEN_UP, what)
            return True
        step = RETRY_AFTER_S[min(stored.tries, len(RETRY_AFTER_S) - 1)]
        again = WallUs(self._clock.wall_us() + microseconds(step))
        await asyncio.to_thread(self._work.retry, stored.number, again, what)
        return False

    async def _within_time(self, order: Order) -> None:
        doer = self._doers.get(order.action.kind)
        if doer is None:
            raise WachtelError(ErrorKind.INVALID, f"Nothing here can do {order.action.kind}.")
        try:
            async with asyncio.timeout(TRY_TIMEOUT_S):
                await doer(order)
        except TimeoutError as error:
            raise WachtelError(ErrorKind.TIMEOUT, "It took too long.") from error


def lane_of(order: Order) -> str:
    """What an order is for; orders of one lane are done in their order."""
    action = order.action
    if action.kind in DRIVEN:
        return f"actuator {action.target}"
    if action.kind is ActionKind.RELAY:
        return f"relay {action.target}"
    if action.kind is ActionKind.PRESET:
        return f"preset {action.target.partition('/')[0]}"
    if action.kind is ActionKind.MESSAGE:
        return f"channel {action.target}"
    if action.kind in (ActionKind.ARM, ActionKind.SNAPSHOT):
        return f"{action.kind} {order.camera or order.site}"
    return action.kind.value


def _overtaken(stored: StoredOrder, newest: StoredOrder) -> bool:
    return stored.order.action.kind in HELD and newest.order.action.kind in HELD


def _worth_retrying(error: WachtelError, stored: StoredOrder, now: WallUs) -> bool:
    if not (error.retryable or (error.kind is ErrorKind.INTERNAL and stored.tries < BUGS_FORGIVEN)):
        return False
    limit_s = KEEP_TRYING_TO_END_S if _may_be_late(stored.order.action) else KEEP_TRYING_S
    return abs(now - stored.order.made) < microseconds(limit_s)


def _may_be_late(action: Action) -> bool:
    return action.kind in (ActionKind.MESSAGE, ActionKind.KEEP_CLIP) or (
        action.kind in HELD and is_off(action)
    )
