"""Real orders to fake Wemo devices, through the process that speaks to them."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from wachtel.actuators.api import Command
from wachtel.actuators.wemo import driver
from wachtel.actuators.wemo.messages import Place
from wachtel.actuators.wemo.settings import WemoSettings
from wachtel.automation.wemo.devices import WemoDevices
from wachtel.base.clock import SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.storage.state import open_state
from wachtel.testing.wemo import FakeWemo, FakeWemoOptions, WemoKind

MOVING = f"127.{1 + os.getpid() % 250}.{1 + os.getpid() // 250 % 250}.9"
"""An address of this run alone: a device that moved is looked for at the usual ports."""


class House:
    """The desk, and what was heard."""

    def __init__(self, devices: WemoDevices) -> None:
        self.devices = devices
        self.heard: list[tuple[str, str]] = []

    async def drive(self, fake: FakeWemo, on: bool, level: int | None = None, self_off_s: int = 0) -> None:
        settings = WemoSettings(fake.options.udn, fake.options.host, fake.port, self_off_s)
        await driver.drive(Command(on, level), settings, SystemClock())


@dataclass
class Lived:
    """One loop and one house for all tests: the process for devices takes its time to start."""

    runner: asyncio.Runner
    at: House

    def __call__(self, scene: Callable[[House], Coroutine[Any, Any, None]]) -> None:
        self.at.heard.clear()
        self.runner.run(scene(self.at))


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    state = open_state(tmp_path_factory.mktemp("wemo"))

    async def move_in() -> House:
        async def heard(udn: str, said: str) -> None:
            made.heard.append((udn, said))

        devices = WemoDevices(state.actuators, SystemClock(), heard)
        made = House(devices)
        await devices.start()
        return made

    with asyncio.Runner() as runner:
        lived = Lived(runner, runner.run(move_in()))
        yield lived
        runner.run(lived.at.devices.close())
    state.close()


async def until(condition: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < ends, what
        await asyncio.sleep(0.01)


def fakes(count: int) -> list[FakeWemo]:
    """Each with an address of its own, as in a house."""
    return [
        FakeWemo(FakeWemoOptions(host=f"127.0.0.{number}", serial=f"22142{number}K"))
        for number in range(2, count + 2)
    ]


def test_on_off_dimmed_and_told_again(play: Lived) -> None:
    async def run(at: House) -> None:
        with (
            FakeWemo() as lamp,
            FakeWemo(FakeWemoOptions(WemoKind.DIMMER, serial="D")) as dimmer,
            FakeWemo(FakeWemoOptions(WemoKind.MAKER, serial="M", momentary=True)) as maker,
            FakeWemo(FakeWemoOptions(WemoKind.INSIGHT, serial="I")) as insight,
        ):
            await at.drive(lamp, True)
            await at.drive(lamp, True)
            assert [one["BinaryState"] for one in lamp.state.orders] == ["1", "1"], "Error is no error"
            await at.drive(lamp, False)
            assert not lamp.on
            await at.drive(dimmer, True, 40)
            assert (dimmer.on, dimmer.state.brightness) == (True, 40)
            await at.drive(maker, True)
            assert len(maker.state.orders) == 1
            await at.drive(insight, True)
            assert insight.on

    play(run)


def test_its_own_timer_is_set_where_that_is_wanted(play: Lived) -> None:
    async def run(at: House) -> None:
        with FakeWemo() as lamp:
            await at.drive(lamp, True, self_off_s=900)
            order = lamp.state.orders[-1]
            assert (order["Duration"], order["EndAction"], order["UDN"]) == ("900", "0", lamp.options.udn)
            await at.drive(lamp, False, self_off_s=900)
            assert "Duration" not in lamp.state.orders[-1]

    play(run)


def test_a_device_that_moved_is_found_by_its_name_and_not_taken_for_another(play: Lived) -> None:
    async def run(at: House) -> None:
        with (
            FakeWemo(FakeWemoOptions(host=MOVING, port=49155)) as lamp,
            FakeWemo(FakeWemoOptions(host=MOVING, serial="other")) as other,
        ):
            await at.drive(lamp, True)
            lamp.die()
            other.die()
            other.come_back(49155)
            lamp.come_back(49152)
            await at.drive(lamp, False)
            assert not lamp.on and other.state.orders == []

    play(run)


def test_a_dead_and_a_silent_device_delay_no_other(play: Lived) -> None:
    async def run(at: House) -> None:
        with ExitStack() as stack:
            lamps = [stack.enter_context(one) for one in fakes(5)]
            for lamp in lamps:
                await at.drive(lamp, True)
            lamps[0].die()
            lamps[1].hang()
            troubled = [asyncio.ensure_future(at.drive(lamp, False)) for lamp in lamps[:2]]
            for lamp in lamps[2:]:
                await at.drive(lamp, False)
            assert not troubled[1].done(), "the others did not wait for the silent one"
            for outcome in await asyncio.gather(*troubled, return_exceptions=True):
                assert isinstance(outcome, WachtelError) and outcome.retryable
            answering = [lamps[0], *lamps[2:]]
            assert [lamp.in_flight_most for lamp in answering] == [1] * 4

    play(run)


def test_of_orders_that_wait_the_newest_wins(play: Lived) -> None:
    async def run(at: House) -> None:
        with FakeWemo() as lamp:
            await at.drive(lamp, True)
            lamp.faults.delay_s = 0.3
            asked = len(lamp.requests)
            orders = [asyncio.ensure_future(at.drive(lamp, False))]
            await until(lambda: len(lamp.requests) > asked, "the first one is under way")
            orders += [asyncio.ensure_future(at.drive(lamp, on)) for on in (True, False, True)]
            outcomes = await asyncio.gather(*orders, return_exceptions=True)
            assert outcomes[0] is None and outcomes[-1] is None
            assert all(isinstance(one, WachtelError) for one in outcomes[1:-1])
            assert [one["BinaryState"] for one in lamp.state.orders] == ["1", "0", "1"]

    play(run)


def test_the_process_dies_and_the_next_order_is_done(play: Lived) -> None:
    async def run(at: House) -> None:
        with FakeWemo() as lamp:
            await at.drive(lamp, True)
            process = at.devices.worker._process
            assert process is not None
            process.kill()
            await until(lambda: at.devices.worker.restarts == 1, "its death is seen")
            await at.drive(lamp, False)
            assert not lamp.on

    play(run)


@pytest.mark.parametrize("sends_events", [True, False])
def test_a_motion_sensor_is_heard(play: Lived, sends_events: bool) -> None:
    async def run(at: House) -> None:
        options = FakeWemoOptions(WemoKind.MOTION, sends_events=sends_events)
        with FakeWemo(options) as motion:
            at.devices.listen([Place(options.udn, options.host, motion.port)])
            await until(lambda: at.heard == [(options.udn, "off")], "its state is known")
            if sends_events:
                await until(lambda: len(motion.subscriptions) == 1, "subscribed")
            motion.press(True)
            await until(lambda: at.heard[-1] == (options.udn, "on"), "somebody walks by")
            if not sends_events:
                return
            motion.press(False)
            await until(lambda: at.heard[-1] == (options.udn, "off"), "and is gone")
            at.devices.listen([])
            await until(lambda: not motion.subscriptions, "unsubscribed")

    play(run)


def test_rules_only_where_there_are_some(play: Lived) -> None:
    async def run(at: House) -> None:
        with (
            FakeWemo(FakeWemoOptions(rules=b"PK...")) as keeper,
            FakeWemo(FakeWemoOptions(serial="none")) as none,
        ):
            place = Place(keeper.options.udn, keeper.options.host, keeper.port)
            assert await at.devices.rules_of(place) == b"PK..."
            place = Place(none.options.udn, none.options.host, none.port)
            with pytest.raises(WachtelError) as caught:
                await at.devices.rules_of(place)
            assert caught.value.kind is ErrorKind.NOT_FOUND

    play(run)
