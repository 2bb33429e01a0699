"""What happened becomes messages: after a crash, once, and not from before a channel was made."""

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from post_rig import Office, ScriptedDriver, quiet, until, use

from wachtel.automation.channels import ChannelBook, ChannelChange
from wachtel.automation.messages import moment
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.camera import Camera, CameraCondition, Site, StreamState
from wachtel.model.footage import GapReason
from wachtel.model.live import CameraChanged, EventChanged, GapAlarm
from wachtel.model.message import Message, MessageKind
from wachtel.storage.state.deliveries import DeliveryResult

BEGAN = frozenset({MessageKind.EVENT_BEGAN})


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> ScriptedDriver:
    scripted = ScriptedDriver()
    use(scripted, monkeypatch)
    return scripted


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.delenv("WACHTEL_KEY_FILE", raising=False)
    return Office(tmp_path / "data")


def opened_for_a_moment(office: Office) -> None:
    async def run() -> None:
        async with office.open() as post:
            await until(lambda: office.state.outbox_marks.get() is not None)
            await quiet(post, office)

    asyncio.run(run())


def test_events_on_the_disk_that_nobody_was_told_of_are_told_at_the_next_start(
    office: Office, driver: ScriptedDriver
) -> None:
    office.channel()
    opened_for_a_moment(office)
    office.clock.advance(5)
    office.stored(0)
    office.clock.advance(30 * 86_400)
    office.stored(1, ended=False)
    office.clock.advance(10)
    opened_for_a_moment(office)
    opened_for_a_moment(office)
    assert driver.at("one") == ["e000.event_began", "e000.event_ended", "e001.event_began"]


def test_an_event_that_recovery_ends_long_after_a_crash_is_told(
    office: Office, driver: ScriptedDriver
) -> None:
    office.channel()
    open_event = office.stored(0, ended=False)
    opened_for_a_moment(office)
    office.clock.advance(2 * 86_400)
    opened_for_a_moment(office)
    end = WallUs(open_event.start + 3 * US_PER_S)
    office.catalog.stored["e000"] = replace(open_event, end=end, recovered=True)
    opened_for_a_moment(office)
    assert driver.at("one") == ["e000.event_began", "e000.event_ended"]


def test_an_announcement_before_the_disk_is_not_believed(office: Office, driver: ScriptedDriver) -> None:
    office.channel(kinds=BEGAN)

    async def run() -> None:
        async with office.open():
            event = office.stored(0, ended=False)
            del office.catalog.stored[event.id]
            office.news.tell(EventChanged(event))
            await asyncio.sleep(0.05)
            assert driver.tries == []
            office.catalog.stored[event.id] = event
            for _ in range(20):
                office.news.tell(EventChanged(event))
            await until(lambda: driver.at("one") == ["e000.event_began"])

    asyncio.run(run())


def test_a_lost_announcement_is_made_up_for_within_a_minute(office: Office, driver: ScriptedDriver) -> None:
    office.channel(kinds=BEGAN)

    async def run() -> None:
        async with office.open():
            await until(lambda: office.clock.sleepers == 1)
            office.stored(0)
            await office.advance(61, step_s=1, sleepers=1)
            await until(lambda: driver.at("one") == ["e000.event_began"])

    asyncio.run(run())


def test_a_channel_hears_nothing_from_before_it_was_made(office: Office, driver: ScriptedDriver) -> None:
    async def run() -> None:
        async with office.open() as post:
            office.happens(0)
            office.clock.advance(100)
            office.channel(kinds=BEGAN)
            await post.channels_changed()
            office.happens(1)
            await until(lambda: driver.at("one") == ["e001.event_began"])

    asyncio.run(run())
    opened_for_a_moment(office)
    assert driver.at("one") == ["e001.event_began"]


def test_a_channel_that_is_off_hears_nothing_of_that_time_neither_then_nor_later(
    office: Office, driver: ScriptedDriver
) -> None:
    channel = office.channel(kinds=BEGAN)
    book = ChannelBook(office.state.channels, office.clock)
    away = WachtelError(ErrorKind.BUSY, "Not now.")
    driver.answer = lambda message, address: away if message.event == "e000" else None

    async def run() -> None:
        nonlocal channel
        async with office.open() as post:
            office.happens(0)
            await until(lambda: len(driver.tries) == 1)
            channel = book.change(channel, ChannelChange(enabled=False)).channel
            await post.hurry(channel.id)
            office.clock.advance(100)
            office.happens(1)
            await quiet(post, office)
            assert office.state.outbox.waiting() == {}
            tried = await post.test(channel)
            assert tried.result is DeliveryResult.DELIVERED
            office.clock.advance(100)
            channel = book.change(channel, ChannelChange(enabled=True)).channel
            office.clock.advance(100)
            office.happens(2)
            await until(lambda: "e002.event_began" in driver.at("one"))

    asyncio.run(run())
    opened_for_a_moment(office)
    assert [message for message in driver.at("one") if "test" not in message] == ["e002.event_began"]


def test_a_channel_of_one_site_hears_of_that_site_only(office: Office, driver: ScriptedDriver) -> None:
    office.state.sites.add(Site("caravan", "Wohnwagen", "Europe/Berlin"))
    office.channel("caravan", site="caravan")
    office.channel("home", site="home")

    async def run() -> None:
        async with office.open():
            office.happens(0)
            await until(lambda: len(driver.at("home")) == 2)

    asyncio.run(run())
    assert driver.at("caravan") == []


def test_the_message_says_who_where_and_why(office: Office, driver: ScriptedDriver) -> None:
    office.channel()
    office.stored(0)
    opened_for_a_moment(office)
    messages = stored_messages(office)
    began, ended = (messages[f"e000.event_{word}"] for word in ("began", "ended"))
    assert began.cameras[0].name == "Garten 🐦" and began.site is not None and began.site.id == "home"
    assert (began.link, began.snapshot) == (
        f"/#/event/e000?at={moment(began.start or began.at)}",
        "/api/v1/events/e000/snapshot.jpg",
    )
    assert began.end is None and ended.end == ended.at


def stored_messages(office: Office) -> dict[str, Message]:
    with sqlite3.connect(office.data / "state.sqlite") as connection:
        rows = connection.execute("select event, message from outbox").fetchall()
    connection.close()
    return {event: msgspec.json.decode(message, type=Message) for event, message in rows}


def test_a_camera_away_and_back_is_told_across_restarts(office: Office, driver: ScriptedDriver) -> None:
    office.channel(kinds=frozenset({MessageKind.CAMERA_OFFLINE, MessageKind.CAMERA_BACK}))
    now = office.clock.wall_us()
    office.states.main["garden"] = StreamState(
        CameraCondition.OFFLINE, now, "unreachable", "Nobody there.", "", now
    )

    async def away() -> None:
        async with office.open():
            await until(lambda: office.clock.sleepers == 1)
            await office.advance(40, step_s=1, sleepers=1)
            await until(lambda: len(driver.at("one")) == 1)

    async def back() -> None:
        async with office.open():
            await until(lambda: office.clock.sleepers == 1)
            office.states.main["garden"] = StreamState(CameraCondition.LIVE, office.clock.wall_us())
            await office.advance(10, step_s=1, sleepers=1)
            await until(lambda: len(driver.at("one")) == 2)

    asyncio.run(away())
    opened_for_a_moment(office)
    asyncio.run(back())
    opened_for_a_moment(office)
    kinds = [message.rpartition(".")[2] for message in driver.at("one")]
    ids = {message.rpartition(".")[0] for message in driver.at("one")}
    assert kinds == ["camera_offline", "camera_back"] and len(ids) == 1
    assert office.state.outbox_marks.outages() == []


def test_a_camera_of_which_nothing_is_kept_is_told_once(office: Office, driver: ScriptedDriver) -> None:
    office.channel(kinds=frozenset({MessageKind.NOT_RECORDING}))
    since = office.clock.wall_us()
    full = GapAlarm("garden", "home", since, GapReason.DISK_FULL)

    async def run() -> None:
        async with office.open():
            for alarm in (
                replace(full, reason=GapReason.CAMERA_OFFLINE),
                replace(full, reason=GapReason.RESTART),
                full,
                full,
                replace(full, until=office.clock.wall_us()),
                replace(full, since=WallUs(since + 60 * US_PER_S)),
            ):
                office.news.tell(alarm)
            await until(lambda: len(driver.at("one")) == 2)

    asyncio.run(run())
    first, second = (stored_messages(office)[message] for message in driver.at("one"))
    assert (first.reason, first.start, first.end) == ("disk_full", since, None)
    assert "disk" in first.what and second.start == since + 60 * US_PER_S


def test_a_removed_camera_leaves_no_outage(office: Office, driver: ScriptedDriver) -> None:
    now = office.clock.wall_us()
    office.state.cameras.add(Camera("shed", "home", "Schuppen", "rtsp://192.168.1.21/"))
    office.states.main["shed"] = StreamState(CameraCondition.OFFLINE, now, "unreachable", "", "", now)

    async def run() -> None:
        async with office.open():
            await until(lambda: office.clock.sleepers == 1)
            await office.advance(40, step_s=1, sleepers=1)
            await until(lambda: len(office.state.outbox_marks.outages()) == 1)
            office.state.cameras.remove("shed")
            office.news.tell(CameraChanged("shed", "home"))
            await until(lambda: office.state.outbox_marks.outages() == [])

    asyncio.run(run())


def test_what_was_delivered_long_ago_is_forgotten_and_not_sent_again(
    office: Office, driver: ScriptedDriver
) -> None:
    office.channel(kinds=BEGAN)
    office.stored(0)
    opened_for_a_moment(office)
    office.clock.advance(6 * 86_400)
    opened_for_a_moment(office)
    assert len(stored_messages(office)) == 1
    office.clock.advance(2 * 86_400)
    opened_for_a_moment(office)
    office.clock.advance(60)
    opened_for_a_moment(office)
    assert stored_messages(office) == {}
    assert driver.at("one") == ["e000.event_began"]
