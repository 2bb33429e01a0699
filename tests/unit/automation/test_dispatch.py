"""Which message leaves when: the limit per hour, bundles, quiet hours, snoozing."""

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from post_rig import Office, ScriptedDriver, until, use

from wachtel.automation.bundling import bundle
from wachtel.automation.channels import ChannelBook, ChannelChange
from wachtel.automation.dispatch import Leave, Rest, Terms, allowance, next_step
from wachtel.automation.filling import wants
from wachtel.automation.wording import text_of, title_of
from wachtel.base.units import HOUR_US, US_PER_S, WallUs
from wachtel.model.message import Message, MessageKind, Named
from wachtel.model.schedule import DAYS, Schedule, Stretch
from wachtel.model.wishes import Snooze, Wishes
from wachtel.storage.state.channels import Channel
from wachtel.storage.state.outbox import OutboxEntry, OutboxKey, OutboxState

BERLIN = ZoneInfo("Europe/Berlin")
START = WallUs(1_795_271_400_000_000)
"""21 November 2026, 14:30 UTC: 15:30 in Berlin."""

GARDEN, HALL = Named("garden", "Garten"), Named("hall", "Flur")
NIGHT = Schedule((Stretch(DAYS, 22 * 60, 6 * 60),))


def message(
    number: int, kind: MessageKind = MessageKind.EVENT_BEGAN, camera: Named = GARDEN, at: int = START
) -> Message:
    event = f"e{number:03}"
    return Message(
        f"{event}.{kind}", kind, WallUs(at), Named("home", "Haus"), (camera,), event, WallUs(at),
        snapshot=f"/{event}.jpg",
    )  # fmt: skip


def entry(told: Message, created: int = START, tries: int = 0) -> OutboxEntry:
    key = OutboxKey("home", told.id, "kinds", "c")
    return OutboxEntry(key, OutboxState.WAITING, tries, WallUs(created), WallUs(created), message=told)


def later(seconds: float) -> WallUs:
    return WallUs(round(START + seconds * US_PER_S))


@given(
    st.lists(st.floats(0, 900), min_size=1, max_size=120),
    st.integers(1, 30),
)
def test_no_hour_sees_more_than_the_limit_and_everything_leaves(gaps: list[float], per_hour: int) -> None:
    """Whatever comes when: tried whenever something may leave, like a postman does."""
    now, sent, count, waiting = START, list[WallUs](), 0, list[OutboxEntry]()
    arrivals = [now := WallUs(round(now + gap * US_PER_S)) for gap in gaps]
    now = arrivals[0]
    number = 0
    while number < len(arrivals) or waiting:
        while number < len(arrivals) and arrivals[number] <= now:
            waiting.append(entry(message(number, at=arrivals[number]), arrivals[number]))
            number += 1
        step = next_step(waiting, Terms("c", per_hour, sent=tuple(sent)), now)
        if isinstance(step, Leave):
            sent.append(now)
            count += len(step.entries)
            waiting = [one for one in waiting if one not in step.entries]
        elif isinstance(step, Rest):
            due = round(now + max(step.seconds, 0.001) * US_PER_S)
            now = WallUs(min([due, *arrivals[number : number + 1]]))
        else:
            now = arrivals[number]
    assert count == len(arrivals)
    for at in sent:
        assert sum(at - HOUR_US < other <= at for other in sent) <= per_hour
    assert sent[0] == arrivals[0]


def test_half_leave_at_once_and_the_rest_is_spread() -> None:
    assert allowance((), 12, START) == (6, 0.0)
    six = [START] * 6
    assert allowance(six, 12, START) == (0, 600.0)
    assert allowance(six, 12, later(600)) == (1, 0.0)
    assert allowance([later(1000)] * 12, 12, START) == (6, 0.0)
    assert allowance([START], 1, later(1)) == (0, 3599.0)


def test_an_alarm_waits_for_nothing_and_a_retry_goes_first() -> None:
    alarm = entry(message(2, MessageKind.ALARM))
    held = Terms("c", 1, NIGHT, (Snooze("", "", START, later(900)),), {"": BERLIN}, (START,))
    assert next_step([entry(message(1)), alarm], held, later(1)) == Leave((alarm,))
    retried = entry(message(1), tries=2)
    assert next_step([entry(message(0)), retried, alarm], held, later(1)) == Leave((retried,))


def test_quiet_hours_hold_by_the_clock_of_the_site_and_are_told_in_one() -> None:
    terms = Terms("c", 12, NIGHT, zones={"home": BERLIN})
    evening = 6.6 * 3600
    waiting = [entry(message(n, at=later(evening)), later(evening)) for n in range(3)]
    assert next_step(waiting, terms, later(evening)) == Rest(60.0)
    assert next_step(waiting[:1], terms, later(6.4 * 3600)) == Leave(tuple(waiting[:1]))
    morning = next_step(waiting, terms, later(14.6 * 3600))
    assert morning == Leave(tuple(waiting))


@pytest.mark.parametrize(
    ("snooze", "held"),
    [
        (Snooze("c", "", START, later(60)), True), (Snooze("", "garden", START, later(60)), True),
        (Snooze("c", "garden", START, later(60)), True), (Snooze("", "", START, later(60)), True),
        (Snooze("other", "", START, later(60)), False), (Snooze("", "hall", START, later(60)), False),
        (Snooze("c", "", START, later(5)), False),
    ],
)  # fmt: skip
def test_a_snooze_holds_what_it_names(snooze: Snooze, held: bool) -> None:
    step = next_step([entry(message(1))], Terms("c", snoozes=(snooze,)), later(10))
    assert isinstance(step, Rest) is held
    if isinstance(step, Rest):
        assert 49 < step.seconds <= 60


def test_a_bundle_says_how_many_and_counts_an_event_once() -> None:
    told = [message(n, at=later(n)) for n in range(14)]
    told.insert(3, message(2, MessageKind.EVENT_ENDED, at=later(2)))
    one = bundle(told)
    assert (one.count, one.kind, one.event, one.snapshot) == (14, MessageKind.BUNDLE, "e013", "/e013.jpg")
    assert one.id == bundle(told).id and one.link == "/#/events?camera=garden"
    assert title_of(one, "en") == "14 events: Garten"
    assert title_of(one, "de") == "14 Ereignisse: Garten"
    assert text_of(one, "en", BERLIN, name_site=False) == "14 events: Garten, since 15:30"
    mixed = bundle([*told, message(20, MessageKind.CAMERA_OFFLINE, HALL)])
    assert title_of(mixed, "de") == "15 Meldungen: Garten, Flur"
    assert text_of(mixed, "de", BERLIN, name_site=False).splitlines()[1] == "1 Ausfälle: Flur, seit 15:30"


CHANNEL = Channel(
    "c", "C", "ntfy", None, frozenset(MessageKind), "", False, WallUs(0), wishes=Wishes(language="de")
)


@pytest.mark.parametrize(
    ("wishes", "told", "wanted"),
    [
        (Wishes(cameras=("garden",)), message(1), True),
        (Wishes(cameras=("hall",)), message(1), False),
        (Wishes(zones=("path",)), message(1), False),
        (Wishes(zones=("path",)), message(1, MessageKind.CAMERA_OFFLINE), True),
        (Wishes(schedule=NIGHT), message(1), False),
        (Wishes(schedule=NIGHT), message(1, at=later(7 * 3600)), True),
        (Wishes(schedule=NIGHT), message(1, MessageKind.ALARM), True),
        (Wishes(quiet=NIGHT), message(1, at=later(7 * 3600)), True),
    ],
)
def test_what_a_channel_wishes_to_hear(wishes: Wishes, told: Message, wanted: bool) -> None:
    assert wants(replace(CHANNEL, wishes=wishes), told, told.at, {"home": BERLIN}) is wanted


def test_a_device_hears_of_what_its_person_may_see_only() -> None:
    for sees, wanted in ((None, True), (frozenset({"home"}), True), (frozenset({"caravan"}), False)):
        assert wants(replace(CHANNEL, account="anna", sees=sees), message(1), START) is wanted


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.delenv("WACHTEL_KEY_FILE", raising=False)
    return Office(tmp_path / "data")


def told_of(office: Office, events: int) -> bool:
    """As many are in the outbox, whatever became of them."""
    with office.state.database.read() as connection:
        return (
            connection.exec_driver_sql("select count(*) from outbox where event not like '%.bundle'").scalar()
            or 0
        ) >= events


def test_240_events_in_a_row_become_twelve_messages_and_none_is_lost(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One every fifteen seconds for an hour, and half an hour of silence after it."""
    driver = ScriptedDriver(per_hour=12)
    use(driver, monkeypatch)
    office.channel(kinds=frozenset({MessageKind.EVENT_BEGAN}))

    async def run() -> int:
        async with office.open():
            for number in range(240):
                office.happens(number)
                await until(partial(told_of, office, number + 1))
                await office.advance(15, 15, sleepers=1)
            in_the_hour = len(driver.letters)
            await office.advance(1800, 60, sleepers=1)
            return in_the_hour

    in_the_hour = asyncio.run(run())
    told = [letter.message for letter in driver.letters]
    assert in_the_hour <= 12 and told[0].kind is MessageKind.EVENT_BEGAN
    assert sum(one.count for one in told) == 240
    assert told[-1].kind is MessageKind.BUNDLE and driver.letters[-1].title.endswith("events: Garten 🐦")
    assert office.state.outbox.waiting() == {}


def test_a_channel_that_is_snoozed_tells_afterwards_how_much_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = ScriptedDriver(per_hour=12)
    use(driver, monkeypatch)
    channel = office.channel(kinds=frozenset({MessageKind.EVENT_BEGAN}))

    async def run() -> None:
        async with office.open() as post:
            now = office.clock.wall_us()
            office.state.snoozes.put(Snooze(channel.id, "", now, WallUs(now + HOUR_US)))
            await post.channels_changed()
            for number in range(3):
                office.happens(number)
            await until(lambda: office.state.outbox.waiting() == {channel.id: 3})
            await office.advance(3540, 60, sleepers=2)
            assert driver.letters == []
            await office.advance(180, 60, sleepers=1)
            await until(lambda: len(driver.letters) == 1)

    asyncio.run(run())
    assert driver.letters[0].message.count == 3


def test_wishes_are_kept(office: Office) -> None:
    channel = office.channel(kind="ntfy", url="https://ntfy.example/t")
    book = ChannelBook(office.state.channels, office.clock)
    wishes = Wishes(("garden",), ("path",), NIGHT, NIGHT, 3, "de")
    book.change(channel, ChannelChange(wishes=wishes))
    found = book.get(channel.id)
    assert found is not None and found.wishes == wishes and book.per_hour(found) == 3
