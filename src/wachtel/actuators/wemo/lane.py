"""One thread for each device: the newest order wins, one question at a time, a dead device holds up nobody else."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from wachtel.actuators.wemo.device import WemoDevice
from wachtel.actuators.wemo.ears import Ears
from wachtel.actuators.wemo.messages import Done, Drive, FetchRules, FromWemo, Place, Sensed
from wachtel.actuators.wemo.rules_file import fetch_rules
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.tasks import supervised

Tell = Callable[[FromWemo], None]

POLL_S = 3.0
"""How often a sensor is asked that tells nothing by itself."""

LOOK_S = 60.0
"""How often one is asked that does: its subscription may be gone without our knowing."""

FAILURES_UNTIL_UNKNOWN = 3


@dataclass(slots=True)
class _Guard:
    """The device goes off by itself ``seconds`` after our last word; told again while it shall stay on."""

    seconds: int
    level: int | None
    due: float


class Lane:
    """``tell`` may be called by any thread."""

    def __init__(self, device: WemoDevice, ears: Ears, tell: Tell) -> None:
        self.device = device
        self._ears = ears
        self._tell = tell
        self._changed = threading.Condition()
        self._order: Drive | None = None
        self._questions: list[FetchRules] = []
        self._opens = False
        self._listens = False
        self._listen_at: Place | None = None
        self._next_look = 0.0
        self._failures = 0
        self._said: str | None = None
        self._guard: _Guard | None = None
        self._thread = threading.Thread(target=self._run, name=f"wemo {device.place.host}", daemon=True)
        self._thread.start()

    def drive(self, order: Drive) -> None:
        """An order that still waits is overtaken by this one."""
        with self._changed:
            overtaken, self._order = self._order, order
            self._changed.notify()
        if overtaken is not None:
            what = "A newer order for the same device came before this one could be done."
            self._tell(Done(overtaken.number, ErrorKind.CONFLICT, what))

    def fetch_rules(self, question: FetchRules) -> None:
        """Its rules are fetched once nothing more urgent waits."""
        with self._changed:
            self._questions.append(question)
            self._changed.notify()

    def know(self) -> None:
        """Gets acquainted with it, so that the first order is fast."""
        with self._changed:
            self._opens = True
            self._changed.notify()

    def listen(self, place: Place | None) -> None:
        """From now on tell what its sensor, at this place, says; None: no more."""
        with self._changed:
            listens = place is not None
            self._listen_at = place
            self._listens, self._next_look, self._said = listens, 0.0, None
            self._changed.notify()

    def heard(self, state: str) -> None:
        """Its sensor said something; the same again is told once."""
        with self._changed:
            if not self._listens or state == self._said:
                return
            self._said = state
        self._tell(Sensed(self.device.place.udn, state))

    def _run(self) -> None:
        while True:
            supervised(self._step, f"wemo device at {self.device.place.host}")

    def _step(self) -> None:
        work = self._next()
        if isinstance(work, Drive):
            self._drive(work)
        elif isinstance(work, FetchRules):
            self._fetch(work)
        elif work == "open":
            if self.device.opened is None:
                supervised(self.device.open, "opening a Wemo device")
        elif work == "guard":
            self._stay_on()
        else:
            self._look()

    def _next(self) -> Drive | FetchRules | str:
        with self._changed:
            while True:
                if self._order is not None:
                    order, self._order = self._order, None
                    return order
                if self._questions:
                    return self._questions.pop(0)
                if self._opens:
                    self._opens = False
                    return "open"
                now = time.monotonic()
                due = {"look": self._next_look} if self._listens else {}
                if self._guard is not None:
                    due["guard"] = self._guard.due
                name = min(due, key=due.__getitem__, default=None)
                if name is not None and due[name] <= now:
                    return name
                self._changed.wait(None if name is None else due[name] - now)

    def _drive(self, order: Drive) -> None:
        """What shall be off is not kept on any more, whether the device hears of it or not."""
        if not order.on:
            self._guard = None
        self.device.given(order.place)
        outcome = supervised(
            lambda: self.device.drive(order.on, order.level, order.self_off_s), "driving a Wemo device"
        )
        if isinstance(outcome, WachtelError):
            self._tell(_failed(order.number, outcome))
            return
        self._guard = None
        if order.on and order.self_off_s:
            self._guard = _Guard(order.self_off_s, order.level, time.monotonic() + order.self_off_s / 2)
        self._tell(Done(order.number))

    def _stay_on(self) -> None:
        """Starts its timer anew, unless somebody switched it off meanwhile."""
        guard = self._guard
        assert guard is not None
        is_on = supervised(self.device.is_on, "looking at a Wemo device")
        if is_on is False:
            self._guard = None
            return
        if is_on is True:
            supervised(
                lambda: self.device.drive(True, guard.level, guard.seconds), "keeping a Wemo device on"
            )
        guard.due = time.monotonic() + guard.seconds / 4

    def _fetch(self, question: FetchRules) -> None:
        self.device.given(question.place)
        outcome = supervised(lambda: fetch_rules(self.device), "fetching rules")
        if isinstance(outcome, WachtelError):
            self._tell(_failed(question.number, outcome))
        else:
            self._tell(Done(question.number, content=outcome))

    def _look(self) -> None:
        with self._changed:
            place, self._listen_at = self._listen_at, None
        if place is not None:
            self.device.given(place)
        outcome = supervised(self.device.sensor, "asking a Wemo sensor")
        if isinstance(outcome, WachtelError):
            self._failures += 1
            if self._failures >= FAILURES_UNTIL_UNKNOWN:
                self.heard("unknown")
        else:
            self._failures = 0
            self.heard(outcome)
            self._ears.hear(self.device, self.heard)
        told = self._ears.is_told(self.device)
        self._next_look = time.monotonic() + (LOOK_S if told else POLL_S)


def _failed(number: int, error: WachtelError) -> Done:
    return Done(number, error.kind, error.what, error.hint, error.code)
