"""Takes messages out of the outbox and hands them over: one postman per channel, strictly in order.

A message that fails is tried again after 1 s, 5 s, 30 s, 2 min, 10 min, then every 10 min for at least a week; those
behind it wait. A message that is refused for good is recorded and blocks nobody. Channels know nothing of each other.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from wachtel.automation.bundling import bundle
from wachtel.automation.channels import driver_of, locked_error, settings_of, usual_per_hour
from wachtel.automation.dispatch import Leave, Rest, Terms, next_step
from wachtel.automation.filling import RULE, zones_of
from wachtel.automation.letters import Letters
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.redact import redact
from wachtel.base.tasks import supervised_task
from wachtel.base.units import HOUR_US, US_PER_S, MonoS, WallUs, microseconds
from wachtel.base.waiting import sleep_or
from wachtel.model.message import Message
from wachtel.notifiers.api import NotifierDriver, Receipt
from wachtel.storage.state.channels import Channel, Channels
from wachtel.storage.state.deliveries import Deliveries, Delivery, DeliveryResult
from wachtel.storage.state.outbox import NewEntry, Outbox, OutboxEntry, OutboxKey
from wachtel.storage.state.sites import Sites
from wachtel.storage.state.snoozes import Snoozes

log = logging.getLogger(__name__)

RETRY_AFTER_S = (1.0, 5.0, 30.0, 120.0, 600.0)
KEEP_TRYING_S = 7 * 86_400.0
FAILING_FOR_S = 3600.0
"""Nothing is given up before the channel has failed for this long in this run: a clock that was set says nothing about
how long was really tried."""

BUGS_FORGIVEN = 5
"""An error nobody foresaw may pass; a message that always causes one must not block the others."""

DATABASE_WAIT_S = 5.0
MOST_IN_ONE = 500
"""So many messages become one at most; the rest becomes the next one."""


@dataclass(frozen=True, slots=True)
class DeliveryRecords:
    """What in state.sqlite a postman needs."""

    outbox: Outbox
    channels: Channels
    deliveries: Deliveries
    snoozes: Snoozes
    sites: Sites


@dataclass(frozen=True, slots=True)
class Outcome:
    """One try: ``error`` None means delivered."""

    delivery: Delivery
    error: WachtelError | None


class Postman:
    """Serves one channel in a task of its own; ``on_try`` hears of every result."""

    def __init__(
        self,
        channel: str,
        records: DeliveryRecords,
        letters: Letters,
        clock: Clock,
        on_try: Callable[[Delivery], None],
    ) -> None:
        self._channel = channel
        self._records = records
        self._letters = letters
        self._clock = clock
        self._on_try = on_try
        self._changed = asyncio.Event()
        self._closed = False
        self._failing_since: MonoS | None = None
        self.trouble: tuple[MonoS, WallUs] | None = None
        """Since when nothing has arrived, by both clocks; None while all is well. A test says nothing about it."""

        self._trying = asyncio.Lock()

    def wake(self) -> None:
        """There may be something new in the outbox."""
        self._changed.set()

    def close(self) -> None:
        """The channel was removed; `run` returns."""
        self._closed = True
        self._changed.set()

    async def finish(self) -> None:
        """Closes, and returns when no try is under way: one that is cut short may be delivered and not recorded."""
        self.close()
        async with self._trying:
            return

    async def run(self) -> None:
        """Delivers until closed or cancelled."""
        while not self._closed:
            try:
                await self._next()
            except WachtelError as error:
                log.warning("messages of channel %s have to wait: %s", self._channel, error)
                await sleep_or(self._changed, DATABASE_WAIT_S, self._clock)

    async def _next(self) -> None:
        self._changed.clear()
        step = await asyncio.to_thread(self._step)
        match step:
            case None:
                await self._changed.wait()
            case Rest(seconds):
                await sleep_or(self._changed, seconds, self._clock)
            case Leave((entry,)):
                await self._take_out(entry)
            case Leave(entries):
                await asyncio.to_thread(self._bundle, entries)

    def _step(self) -> Leave | Rest | None:
        """Blocking: looks at what waits and on which terms."""
        terms = self._terms()
        waiting = self._records.outbox.waiting_of(self._channel, 1 if terms.plain else MOST_IN_ONE)
        return next_step(waiting, terms, self._clock.wall_us())

    def _terms(self) -> Terms:
        now = self._clock.wall_us()
        channel = self._records.channels.get(self._channel)
        if channel is None:
            return Terms(self._channel)
        per_hour = channel.wishes.per_hour
        if per_hour is None:
            per_hour = usual_per_hour(channel.kind)
        mine = (one for one in self._records.snoozes.all() if one.channel in ("", self._channel))
        since = WallUs(now - HOUR_US)
        return Terms(
            self._channel,
            per_hour,
            channel.wishes.quiet,
            tuple(mine),
            zones_of(self._records.sites.all()),
            tuple(self._records.deliveries.sent_since(self._channel, since)) if per_hour else (),
        )

    def _bundle(self, entries: tuple[OutboxEntry, ...]) -> None:
        """One message in their place; it leaves next."""
        message = bundle([entry.message for entry in entries if entry.message is not None])
        key = OutboxKey("" if message.site is None else message.site.id, message.id, RULE, self._channel)
        self._records.outbox.replace(
            [entry.key for entry in entries], NewEntry(key, self._clock.wall_us(), message)
        )

    async def _take_out(self, entry: OutboxEntry) -> None:
        wait_s = self._wait_s(entry)
        if wait_s > 0:
            await sleep_or(self._changed, wait_s, self._clock)
            return
        async with self._trying:
            await self._try(entry)

    def _wait_s(self, entry: OutboxEntry) -> float:
        """Nothing waits longer than the longest step: beyond that the wall clock was set back meanwhile."""
        wait_s = (entry.next_try - self._clock.wall_us()) / US_PER_S
        return 0.0 if wait_s > RETRY_AFTER_S[-1] else wait_s

    async def _try(self, entry: OutboxEntry) -> None:
        if entry.message is None:
            await asyncio.to_thread(self._records.outbox.failed, entry.key, None, "there is no message")
            return
        outcome = await attempt(
            self._channel, entry.message, entry.tries + 1, self._records.channels, self._letters, self._clock
        )
        settled = self._settled(entry, outcome)
        self._note(settled.delivery)
        await self._record(entry, settled)
        self._on_try(settled.delivery)

    def _note(self, delivery: Delivery) -> None:
        if delivery.result is DeliveryResult.DELIVERED:
            self.trouble = None
        elif self.trouble is None:
            self.trouble = (self._clock.monotonic_s(), self._clock.wall_us())

    def _settled(self, entry: OutboxEntry, outcome: Outcome) -> Outcome:
        """The outcome with its final word: a failure may be the last one."""
        error = outcome.error
        now = self._clock.monotonic_s()
        if error is None or not _worth_retrying(error, entry.tries):
            self._failing_since = None
            return outcome
        if self._failing_since is None:
            self._failing_since = now
        age_s = (self._clock.wall_us() - entry.created) / US_PER_S
        if age_s >= KEEP_TRYING_S and now - self._failing_since >= FAILING_FOR_S:
            return Outcome(_refused(outcome.delivery), error)
        return outcome

    async def _record(self, entry: OutboxEntry, outcome: Outcome) -> None:
        """What was delivered must not be delivered again because a disk was full for a moment."""
        while True:
            try:
                await asyncio.to_thread(self._write, entry, outcome)
                return
            except WachtelError as error:
                log.warning("a delivery by channel %s cannot be recorded yet: %s", self._channel, error)
                await self._clock.sleep(DATABASE_WAIT_S)

    def _write(self, entry: OutboxEntry, outcome: Outcome) -> None:
        outbox, delivery = self._records.outbox, outcome.delivery
        if delivery.result is DeliveryResult.DELIVERED:
            outbox.done(entry.key, delivery)
        elif delivery.result is DeliveryResult.REFUSED:
            outbox.failed(entry.key, None, delivery.what, delivery)
        else:
            step = min(entry.tries, len(RETRY_AFTER_S) - 1)
            again = WallUs(self._clock.wall_us() + microseconds(RETRY_AFTER_S[step]))
            outbox.failed(entry.key, again, delivery.what, delivery)


async def attempt(
    channel: str, message: Message, number: int, channels: Channels, letters: Letters, clock: Clock
) -> Outcome:
    """Tries once and says what came of it; records nothing."""
    at, began = clock.wall_us(), clock.monotonic_s()
    result = await _deliver(channel, message, channels, letters, clock)
    error = result if isinstance(result, WachtelError) else None
    status = _status(error) if isinstance(result, WachtelError) else result.status
    delivery = Delivery(
        channel=channel,
        message=message.id,
        kind=message.kind,
        attempt=number,
        at=at,
        result=_result(error, number),
        status=status,
        duration_ms=round((clock.monotonic_s() - began) * 1000),
        reason="" if error is None else error.kind.value,
        what="" if error is None else redact(str(error)),
        code="" if error is None else error.code,
        details={} if error is None else dict(error.details),
    )
    return Outcome(delivery, error)


async def _deliver(
    channel: str, message: Message, channels: Channels, letters: Letters, clock: Clock
) -> Receipt | WachtelError:
    try:
        found, driver, settings = await asyncio.to_thread(_driver_and_settings, channel, channels)
        letter = await letters.write(message, found)
    except WachtelError as error:
        return error
    return await supervised_task(lambda: driver.deliver(letter, settings, clock), f"channel {channel}")


def _driver_and_settings(channel: str, channels: Channels) -> tuple[Channel, NotifierDriver[Any], Any]:
    found = channels.get(channel)
    if found is None:
        raise WachtelError(ErrorKind.NOT_FOUND, f"There is no channel {channel!r}.")
    driver = driver_of(found.kind)
    settings = settings_of(driver, channels.settings(channel))
    if settings is None:
        raise locked_error()
    return found, driver, settings


def _result(error: WachtelError | None, number: int) -> DeliveryResult:
    if error is None:
        return DeliveryResult.DELIVERED
    return DeliveryResult.FAILED if _worth_retrying(error, number - 1) else DeliveryResult.REFUSED


def _worth_retrying(error: WachtelError, tries: int) -> bool:
    return error.retryable or (error.kind is ErrorKind.INTERNAL and tries < BUGS_FORGIVEN)


def _refused(delivery: Delivery) -> Delivery:
    return replace(delivery, result=DeliveryResult.REFUSED)


def _status(error: WachtelError | None) -> int | None:
    text = "" if error is None else error.details.get("status", "")
    return int(text) if text.isdecimal() else None
