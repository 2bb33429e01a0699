"""From a signal to a lamp: scripts/bench wemo [SIGNALS] [--dead]. JSON lines.

A desk with rules over a real state.sqlite hears sensors; each rule switches one of five Wemo lamps (fake ones, on
loopback, each with an address of its own) through the process that drives them. Measured is the time from the signal
until the lamp burns, with all lamps well and with one of the five dead and one rule for it set off each time too, and
the time from the end of the reason until the lamp is off (its hold is 0).
"""

import argparse
import asyncio
import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench_rules import NoControls, NoEvents

from wachtel.automation.actuators import ActuatorBook, NewActuator
from wachtel.automation.rule_desk import RuleDesk
from wachtel.automation.rule_doers import Hands, NoPublisher
from wachtel.automation.wemo.devices import WemoDevices
from wachtel.base.clock import SystemClock
from wachtel.model.live import Announcement
from wachtel.model.rule import Action, ActionKind, Rule, Trigger, TriggerKind
from wachtel.pipeline.announcements import Broadcast
from wachtel.storage.state import State, open_state
from wachtel.testing.wemo import FakeWemo, FakeWemoOptions

LAMPS, PATIENCE_S, GOAL_S = 5, 30.0, 0.1
OFF_GOAL_S = 0.5
"""Holds are looked at four times a second."""


def lamps(stack: ExitStack) -> list[FakeWemo]:
    """Each with an address of its own, as in a house."""
    return [
        stack.enter_context(FakeWemo(FakeWemoOptions(host=f"127.0.0.{40 + n}", serial=f"221424K12{n}")))
        for n in range(LAMPS)
    ]


def rules_for(state: State, found: list[FakeWemo]) -> None:
    """Sensor n switches lamp n on, and off again when it says off."""
    book = ActuatorBook(state.actuators, SystemClock())
    for number, lamp in enumerate(found):
        fields = {"udn": lamp.options.udn, "host": lamp.options.host, "port": str(lamp.port)}
        made = book.add(NewActuator(f"lamp {number}", "home", "wemo", fields, allow_local=True))
        trigger = Trigger(TriggerKind.SENSOR, sensor=f"s{number}", state="on")
        action = Action(ActionKind.SWITCH, target=made.id, off_after_s=0.0)
        state.rules.add(Rule(f"r{number}", "home", f"rule {number}", (trigger,), (action,)))


async def until(lamp: FakeWemo, on: bool) -> float:
    """Seconds until the lamp is so."""
    began = time.monotonic()
    while lamp.on is not on:
        if time.monotonic() - began > PATIENCE_S:
            raise SystemExit(f"a lamp was not {'on' if on else 'off'} in time")
        await asyncio.sleep(0.0005)
    return time.monotonic() - began


async def measure(data: Path, signals: int, dead: bool) -> tuple[list[float], list[float]]:
    """Times until on and until off, in seconds."""
    state, clock = open_state(data), SystemClock()
    news: Broadcast[Announcement] = Broadcast()

    async def nothing(*_: object) -> None:
        return None

    with ExitStack() as stack:
        found = lamps(stack)
        rules_for(state, found)
        devices = WemoDevices(state.actuators, clock, nothing)
        hands = Hands(lambda _: None, nothing, nothing, nothing, nothing, NoPublisher(), NoControls())
        desk = RuleDesk(state, NoEvents(), news, hands, clock)
        desk.start()
        await devices.start()
        for number, lamp in enumerate(found):
            await desk.sensed("home", f"s{number}", "on")
            await until(lamp, True)
            await desk.sensed("home", f"s{number}", "off")
            await until(lamp, False)
        if dead:
            found[-1].die()
        on, off = [], []
        for number in range(signals):
            if dead:
                await desk.sensed("home", f"s{LAMPS - 1}", "on" if number % 2 else "off")
            which = number % (LAMPS - 1)
            began = time.monotonic()
            sensed = asyncio.ensure_future(desk.sensed("home", f"s{which}", "on"))
            await until(found[which], True)
            on.append(time.monotonic() - began)
            await sensed
            began = time.monotonic()
            await desk.sensed("home", f"s{which}", "off")
            await until(found[which], False)
            off.append(time.monotonic() - began)
        await devices.close()
        await desk.close()
    state.close()
    return on, off


def say(name: str, times: list[float], goal_s: float) -> None:
    """Median and p95 as JSON lines."""
    times = sorted(times)
    for part, at in (("p50", 50), ("p95", 95)):
        value = times[min(len(times) - 1, len(times) * at // 100)]
        line = {"figure": f"wemo.{name}_{part}_s", "value": round(value, 4), "signals": len(times)}
        if part == "p95":
            line |= {"goal": goal_s, "met": value <= goal_s}
        print(json.dumps(line), flush=True)


def main() -> None:
    """Prints a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("signals", type=int, nargs="?", default=100)
    signals = parser.parse_args().signals
    for dead in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            on, off = asyncio.run(measure(Path(folder), signals, dead))
        tail = "_one_dead" if dead else ""
        say(f"on{tail}", on, GOAL_S)
        say(f"off{tail}", off, OFF_GOAL_S)


if __name__ == "__main__":
    main()
