"""Rules under a thousand signals a second: scripts/bench rules [SECONDS]. JSON lines.

A desk with twenty rules over a real state.sqlite hears a thousand causes a second. Measured are how late main's loop
comes to its work meanwhile (recording would feel that), how long until the last orders are on the disk, and the
time one evaluation takes.
"""

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path

from wachtel.automation.rule_causes import sensed
from wachtel.automation.rule_desk import RuleDesk
from wachtel.automation.rule_doers import Hands, NoPublisher
from wachtel.base.clock import SystemClock
from wachtel.base.units import WallUs
from wachtel.model.camera import Camera
from wachtel.model.event import Event
from wachtel.model.live import Announcement
from wachtel.model.rule import Action, ActionKind, Rule, Trigger, TriggerKind
from wachtel.pipeline.announcements import Broadcast
from wachtel.storage.api import EventPage
from wachtel.storage.state import open_state

RULES, PER_S, STEP_S = 20, 1000, 0.01


class NoEvents:
    """An archive without events."""

    def event(self, _event: str) -> None:
        return None

    def open_events(self) -> list[Event]:
        return []

    def events(self, _query: object) -> EventPage:
        return EventPage((), None)


class NoControls:
    """A camera without anything that moves."""

    async def go_to(self, camera: Camera, preset: str) -> None:
        """Does nothing."""

    async def switch(self, camera: Camera, relay: str, *, on: bool) -> None:
        """Does nothing."""


async def measure(data: Path, seconds: float) -> dict[str, float]:
    """The figures by name, in seconds."""
    state, clock = open_state(data), SystemClock()
    for number in range(RULES):
        trigger = Trigger(TriggerKind.SENSOR, sensor=f"s{number}", state="on")
        action = Action(ActionKind.PUBLISH, topic="bench", text="x")
        state.rules.add(Rule(f"r{number}", "home", f"rule {number}", (trigger,), (action,)))
    news: Broadcast[Announcement] = Broadcast()

    async def nothing(*_: object) -> None:
        return None

    desk = RuleDesk(
        state,
        NoEvents(),
        news,
        Hands(lambda _: None, nothing, nothing, nothing, nothing, NoPublisher(), NoControls()),
        clock,
    )
    desk.start()
    await asyncio.sleep(0.5)
    late, spent, heard = [], 0.0, 0
    started = time.monotonic()
    ends = started + seconds
    while time.monotonic() < ends:
        due = time.monotonic() + STEP_S
        while heard < (time.monotonic() - started) * PER_S:
            at = WallUs(time.time_ns() // 1000)
            began = time.perf_counter()
            desk._happened(sensed("home", f"s{heard % RULES}", "on", WallUs(at + heard)))
            spent += time.perf_counter() - began
            heard += 1
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        late.append(time.monotonic() - due)
    stored = time.monotonic()
    await desk._stored()
    stored = time.monotonic() - stored
    await desk.close()
    state.close()
    late.sort()
    return {
        "heard_per_s": heard / seconds,
        "evaluation_s": spent / heard,
        "loop_late_p99_s": late[len(late) * 99 // 100],
        "stored_after_s": stored,
    }


def main() -> None:
    """Prints a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=10.0)
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder), parser.parse_args().seconds))
    goals = {"loop_late_p99_s": 0.05, "stored_after_s": 1.0}
    for name, value in figures.items():
        line = {"figure": f"rules.{name}", "value": round(value, 6)}
        if name in goals:
            line |= {"goal": goals[name], "met": value <= goals[name]}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
