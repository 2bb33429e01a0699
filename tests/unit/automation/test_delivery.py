"""Messages leave in order, are tried again, and are told once."""

import asyncio
from pathlib import Path

import pytest
from post_rig import Office, ScriptedDriver, quiet, until, use

from wachtel.automation.channels import ChannelBook, ChannelChange
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S
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


def away() -> WachtelError:
    return WachtelError(ErrorKind.UNREACHABLE, "Nobody there.")


def refused(status: str = "410") -> WachtelError:
    return WachtelError(ErrorKind.INVALID, "No.", details={"status": status})


def test_beginning_and_end_are_told_in_order(office: Office, driver: ScriptedDriver) -> None:
    async def run() -> None:
        office.channel()
        async with office.open() as post:
            for number in range(5):
                office.happens(number)
            await until(lambda: post.results[DeliveryResult.DELIVERED] == 10)
            await until(lambda: list(post.waiting.values()) == [0])

    asyncio.run(run())
    expected = [f"e{number:03}.{kind}" for number in range(5) for kind in ("event_began", "event_ended")]
    assert driver.at("one") == expected


def test_the_steps_of_trying_again(office: Office, driver: ScriptedDriver) -> None:
    driver.answer = lambda message, address: away()
    channel = office.channel(kinds=BEGAN)

    async def run() -> None:
        async with office.open():
            office.happens(0)
            await until(lambda: office.clock.sleepers == 2)
            await office.advance(200, step_s=1)
            await office.advance(1800, step_s=4)

    asyncio.run(run())
    tries = office.state.deliveries.of(channel.id)[::-1]
    times = [(one.at - tries[0].at) / US_PER_S for one in tries]
    assert times == [0, 1, 6, 36, 156, 756, 1356, 1956]
    assert [one.attempt for one in tries] == list(range(1, 9))
    assert {(one.result, one.reason, one.what) for one in tries} == {
        (DeliveryResult.FAILED, "unreachable", "Nobody there.")
    }


def test_what_is_refused_for_good_blocks_nobody(office: Office, driver: ScriptedDriver) -> None:
    driver.answer = lambda message, address: refused() if message.event == "e001" else None
    channel = office.channel(kinds=BEGAN)

    async def run() -> None:
        async with office.open() as post:
            for number in range(4):
                office.happens(number)
            await until(lambda: len(driver.taken) == 3)
            await quiet(post, office)

    asyncio.run(run())
    assert driver.at("one") == ["e000.event_began", "e002.event_began", "e003.event_began"]
    tries = office.state.deliveries.of(channel.id)[::-1]
    assert [(one.result, one.status) for one in tries[:2]] == [("delivered", 200), ("refused", 410)]


def test_channels_know_nothing_of_each_other(office: Office, driver: ScriptedDriver) -> None:
    driver.answer = lambda message, address: away() if address == "broken" else None
    office.channel("broken")
    office.channel("well")

    async def run() -> None:
        async with office.open():
            for number in range(3):
                office.happens(number)
            await until(lambda: len(driver.at("well")) == 6)

    asyncio.run(run())
    assert driver.at("broken") == []
    assert {message for address, message in driver.tries if address == "broken"} == {"e000.event_began"}


def test_what_failed_for_a_week_is_given_up_and_what_is_young_is_not(
    office: Office, driver: ScriptedDriver
) -> None:
    driver.answer = lambda message, address: away()
    channel = office.channel(kinds=BEGAN)

    async def run() -> None:
        async with office.open() as post:
            office.happens(0)
            await until(lambda: office.clock.sleepers == 2)
            office.clock.jump_wall(7 * 86_400 - 9000)
            await office.advance(7800, step_s=600)
            assert post.results[DeliveryResult.REFUSED] == 0
            office.happens(1)
            await until(lambda: office.state.outbox.waiting() == {channel.id: 2})
            await office.advance(2400, step_s=600)
            assert post.results[DeliveryResult.REFUSED] == 1
            driver.answer = lambda message, address: None
            await office.advance(600, step_s=600, sleepers=1)
            await quiet(post, office)

    asyncio.run(run())
    assert driver.at("one") == ["e001.event_began"]


def test_a_clock_that_is_set_ten_years_ahead_gives_nothing_up(office: Office, driver: ScriptedDriver) -> None:
    driver.answer = lambda message, address: away()
    office.channel(kinds=BEGAN)

    async def run() -> None:
        async with office.open() as post:
            office.happens(0)
            await until(lambda: office.clock.sleepers == 2)
            office.clock.jump_wall(3650 * 86_400)
            await office.advance(60, step_s=10)
            office.clock.jump_wall(-7300 * 86_400)
            await office.advance(600, step_s=600)
            assert post.results[DeliveryResult.REFUSED] == 0
            driver.answer = lambda message, address: None
            await office.advance(600, step_s=600, sleepers=1)
            await quiet(post, office)

    asyncio.run(run())
    assert driver.at("one") == ["e000.event_began"]


def test_an_error_nobody_foresaw_is_forgiven_some_times(office: Office, driver: ScriptedDriver) -> None:
    driver.answer = lambda message, address: KeyError("x") if message.event == "e000" else None
    channel = office.channel(kinds=BEGAN)

    async def run() -> None:
        async with office.open() as post:
            office.happens(0)
            office.happens(1)
            await until(lambda: office.clock.sleepers == 2)
            await office.advance(700, step_s=10)
            await office.advance(100, step_s=10, sleepers=1)
            await quiet(post, office)

    asyncio.run(run())
    tries = office.state.deliveries.of(channel.id)
    assert driver.at("one") == ["e001.event_began"]
    assert [one.result for one in tries[::-1]] == ["failed"] * 5 + ["refused", "delivered"]
    assert tries[-1].reason == "internal"


def test_a_changed_address_is_tried_at_once(office: Office, driver: ScriptedDriver) -> None:
    driver.answer = lambda message, address: away() if address == "wrong" else None
    channel = office.channel("wrong", kinds=BEGAN)
    book = ChannelBook(office.state.channels, office.clock)

    async def run() -> None:
        async with office.open() as post:
            office.happens(0)
            await until(lambda: office.clock.sleepers == 2)
            await office.advance(200, step_s=10)
            book.change(channel, ChannelChange(url="right"))
            await post.hurry(channel.id)
            await until(lambda: driver.at("right") == ["e000.event_began"])

    asyncio.run(run())


def test_a_channel_that_is_removed_is_silent(office: Office, driver: ScriptedDriver) -> None:
    driver.answer = lambda message, address: away()
    channel = office.channel()

    async def run() -> None:
        async with office.open() as post:
            office.happens(0)
            await until(lambda: office.clock.sleepers == 2)
            office.state.channels.remove(channel.id)
            await post.channels_changed()
            await until(lambda: office.clock.sleepers == 1)
            tried = len(driver.tries)
            await office.advance(100, step_s=10, sleepers=1)
            office.happens(1)
            await asyncio.sleep(0.05)
            assert len(driver.tries) == tried
            assert post.waiting == {}

    asyncio.run(run())
    assert office.state.outbox.waiting() == {}


def test_a_lost_key_lets_messages_wait(office: Office, driver: ScriptedDriver, tmp_path: Path) -> None:
    channel = office.channel(kinds=BEGAN)
    key = tmp_path / "data/keys/state.key"
    kept = key.read_bytes()
    office.state.close()
    key.unlink()
    office = Office(tmp_path / "data", office.clock, office.catalog)

    async def run() -> None:
        async with office.open():
            office.happens(0)
            await until(lambda: len(office.state.deliveries.of(channel.id)) == 1)

    asyncio.run(run())
    (only,) = office.state.deliveries.of(channel.id)
    assert (only.result, driver.tries) == ("failed", [])
    assert "key file" in only.what
    office.state.close()
    key.write_bytes(kept)
    office = Office(tmp_path / "data", office.clock, office.catalog)
    office.clock.advance(10)

    async def again() -> None:
        async with office.open():
            await until(lambda: driver.at("one") == ["e000.event_began"])

    asyncio.run(again())


def test_a_test_goes_past_what_waits(office: Office, driver: ScriptedDriver) -> None:
    def answer(message: Message, address: str) -> WachtelError | None:
        return None if message.kind is MessageKind.TEST else away()

    driver.answer = answer
    channel = office.channel()

    async def run() -> None:
        async with office.open() as post:
            office.happens(0)
            await until(lambda: office.clock.sleepers == 2)
            delivery = await post.test(channel)
            assert (delivery.kind, delivery.result, delivery.status) == ("test", "delivered", 200)

    asyncio.run(run())
    assert office.state.deliveries.of(channel.id)[0].kind is MessageKind.TEST


@pytest.mark.parametrize("trouble", [away(), refused()])
def test_a_channel_by_which_nothing_arrives_is_told_of_by_the_others(
    office: Office, driver: ScriptedDriver, trouble: WachtelError
) -> None:
    driver.answer = lambda message, address: trouble if address == "broken" else None
    office.channel("broken", kinds=BEGAN)
    office.channel("well", kinds=frozenset({MessageKind.CHANNEL_FAILING}))

    async def run() -> None:
        async with office.open():
            office.happens(0)
            await until(lambda: len(driver.tries) == 1)
            await office.advance(560, step_s=10, sleepers=1)
            assert driver.at("well") == []
            await office.advance(120, step_s=10, sleepers=1)
            await until(lambda: len(driver.at("well")) == 1)
            await office.advance(600, step_s=20, sleepers=1)

    asyncio.run(run())
    (told,) = driver.letters
    assert (told.message.what, told.title) == ("to broken", "Messages do not arrive")
