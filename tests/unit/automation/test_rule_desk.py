"""Rules at work over a real state.sqlite: orders are stored before they are done, once, and a crash loses none."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from post_rig import MemoryCatalog, ScriptedDriver, use
from post_rig import until as until_true

from wachtel.actuators.api import Command
from wachtel.automation import rule_doers
from wachtel.automation.channels import ChannelBook, NewChannel
from wachtel.automation.messages import of_rule, rule_picture
from wachtel.automation.rule_desk import RuleDesk
from wachtel.automation.rule_doers import Hands, NoPublisher
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.camera import Camera
from wachtel.model.event import Event, EventKind
from wachtel.model.live import Announcement, EventChanged
from wachtel.model.message import Named
from wachtel.model.rule import (
    Action,
    ActionKind,
    ArmState,
    Conditions,
    Order,
    Presence,
    Rule,
    Trigger,
    TriggerKind,
    Why,
)
from wachtel.model.sound import SoundWant, SoundWish
from wachtel.pipeline.announcements import Broadcast
from wachtel.storage.files.rule_pictures import RulePictures
from wachtel.storage.state import open_state
from wachtel.storage.state.actuators import Actuator
from wachtel.storage.state.rule_work import OrderState
from wachtel.testing.clock import FakeClock

LAMP = Action(ActionKind.SWITCH, "lamp", off_after_s=60)


class ScriptedLamp:
    """An actuator driver that notes what it is told; ``trouble`` is what it raises."""

    settings_type = dict

    def __init__(self) -> None:
        self.told: list[bool] = []
        self.trouble: Callable[[], Exception | None] = lambda: None

    async def drive(self, command: Command, settings: object, clock: Clock) -> None:
        found = self.trouble()
        if found is not None:
            raise found
        self.told.append(command.on)


class ScriptedControls:
    """Cameras that note what they are told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, bool | None]] = []

    async def go_to(self, camera: Camera, preset: str) -> None:
        self.told.append((camera.id, preset, None))

    async def switch(self, camera: Camera, relay: str, *, on: bool) -> None:
        self.told.append((camera.id, relay, on))


class Home:
    """One installation without pictures; `desk` may be made again and again over the same file."""

    def __init__(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock, self.catalog = FakeClock(), MemoryCatalog()
        self.lamp, self.kept, self.hurried = ScriptedLamp(), list[str](), list[str]()
        self.news: Broadcast[Announcement] = Broadcast()
        self.controls = ScriptedControls()
        self.state = open_state(data)
        self.state.cameras.add(Camera("garden", "home", "Garten", "rtsp://192.168.1.20/"))
        self.state.actuators.add(
            Actuator("lamp", "home", "Lampe", "scripted", "", self.clock.wall_us()), "{}"
        )
        monkeypatch.setattr(rule_doers, "driver_of", lambda kind: self.lamp)

    def rule(self, *actions: Action, trigger: Trigger | None = None) -> Rule:
        rule = Rule("r", "home", "Licht", (trigger or Trigger(TriggerKind.EVENT_BEGAN),), actions or (LAMP,))
        self.state.rules.add(rule)
        return rule

    def desk(self) -> RuleDesk:
        async def keep(event: Event, why: str) -> None:
            self.kept.append(event.id)

        async def picture(camera: str, order: Order) -> None:
            self.kept.append(camera)

        async def hurry(channel: str) -> None:
            self.hurried.append(channel)

        async def arm(site: str, state: ArmState) -> None:
            await desk.arm(site, state, by_rule=True)

        hands = Hands(self.catalog.event, keep, picture, hurry, arm, NoPublisher(), self.controls)
        desk = RuleDesk(self.state, self.catalog, self.news, hands, self.clock)
        desk.start()
        return desk

    async def begun(self) -> RuleDesk:
        desk = self.desk()
        await until_true(lambda: len(self.news) == 1 and self.clock.sleepers >= 1)
        return desk

    def event(self, name: str = "e1", *, ended: bool = False, ago_s: float = 1) -> Event:
        at = WallUs(self.clock.wall_us() - round(ago_s * US_PER_S))
        end = WallUs(at + 500_000) if ended else None
        event = Event(name, "home", "garden", EventKind.MOTION, at, at, end, 0.9)
        self.catalog.stored[name] = event
        return event

    def states(self) -> list[OrderState]:
        return [one.state for one in self.state.rule_work.newest("r")][::-1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv("WACHTEL_KEY_FILE", raising=False)
    return Home(tmp_path / "data", monkeypatch)


async def tick(home: Home, seconds: float, true: Callable[[], bool]) -> None:
    """Lets time go by in quarters of a second until something is true."""
    for _ in range(round(seconds * 4)):
        await until_true(lambda: home.clock.sleepers >= 1)
        home.clock.advance(0.25)
        await asyncio.sleep(0.002)
        if true():
            return
    await until_true(true)


def test_motion_turns_a_camera_and_its_lamp_goes_off_again(home: Home) -> None:
    lamp = Action(ActionKind.RELAY, "garden/white/light", off_after_s=30)
    home.rule(Action(ActionKind.PRESET, "garden/2"), lamp)

    async def run() -> None:
        desk = await home.begun()
        event = home.event()
        home.news.tell(EventChanged(event))
        both = [("garden", "2", None), ("garden", "white/light", True)]
        await until_true(lambda: sorted(home.controls.told) == sorted(both))
        home.news.tell(EventChanged(replace(event, end=home.clock.wall_us())))
        home.clock.advance(29)
        await tick(home, 3, lambda: home.controls.told[-1] == ("garden", "white/light", False))
        assert len(home.controls.told) == 3
        await desk.close()

    asyncio.run(run())


def test_motion_switches_the_lamp_on_and_off_again_and_the_log_says_so(home: Home) -> None:
    home.rule()

    async def run() -> None:
        desk = await home.begun()
        event = home.event()
        home.news.tell(EventChanged(event))
        home.news.tell(EventChanged(event))
        await until_true(lambda: home.lamp.told == [True])
        home.news.tell(EventChanged(replace(event, end=home.clock.wall_us())))
        home.clock.advance(59)
        await tick(home, 3, lambda: home.lamp.told == [True, False])
        await until_true(lambda: home.states() == [OrderState.DONE] * 2)
        await desk.close()

    asyncio.run(run())
    assert [note.why for note in home.state.rule_work.log("r")] == [Why.ENDED, Why.FIRED]
    assert home.state.rule_work.held() == []


def test_a_hold_is_honoured_over_a_restart(home: Home) -> None:
    home.rule()

    async def run() -> None:
        desk = await home.begun()
        home.news.tell(EventChanged(home.event(ended=True)))
        await until_true(lambda: home.states() == [OrderState.DONE])
        await desk.close()
        home.clock.advance(3600)
        desk = home.desk()
        await tick(home, 3, lambda: home.lamp.told == [True, False])
        await desk.close()

    asyncio.run(run())


@pytest.mark.parametrize("stored", [True, False])
def test_what_a_crash_left_is_done_after_the_next_start_and_not_twice(home: Home, stored: bool) -> None:
    """The process dies between event and action: with the order on the disk, or before it."""
    home.rule(LAMP, Action(ActionKind.KEEP_CLIP))

    async def run() -> None:
        desk = await home.begun()
        await tick(home, 62, lambda: home.state.rule_work.mark("rules") is not None)
        event = home.event(ended=True)
        if stored:
            home.lamp.trouble = lambda: WachtelError(ErrorKind.TIMEOUT, "It does not answer.")
            home.news.tell(EventChanged(event))
            await until_true(lambda: home.states() == [OrderState.WAITING, OrderState.DONE])
        await desk._tasks.close()
        await desk.orders.close()
        home.lamp.trouble = lambda: None
        home.clock.advance(5)
        for _ in range(2):
            desk = home.desk()
            await tick(home, 8, lambda: home.lamp.told == [True] and home.kept == ["e1"])
            await until_true(lambda: home.states() == [OrderState.DONE] * 2)
            await desk.close()

    asyncio.run(run())
    assert home.lamp.told == [True] and home.kept == ["e1"]


def test_an_event_of_an_hour_ago_keeps_the_clip_and_switches_nothing(home: Home) -> None:
    home.rule(LAMP, Action(ActionKind.KEEP_CLIP))

    async def run() -> None:
        desk = await home.begun()
        await tick(home, 62, lambda: home.state.rule_work.mark("rules") is not None)
        await desk._tasks.close()
        home.event(ended=True)
        home.clock.advance(3000)
        desk = home.desk()
        await until_true(lambda: home.kept == ["e1"])
        await desk.close()

    asyncio.run(run())
    assert home.lamp.told == []
    assert home.state.rule_work.log("r")[0].why is Why.TOO_LATE


def test_a_dead_lamp_delays_no_message_and_is_given_up(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    use(ScriptedDriver(), monkeypatch)
    asked = NewChannel("phone", "scripted", "one", None, allow_local=True)
    channel = ChannelBook(home.state.channels, home.clock).add(asked).channel
    home.rule(LAMP, Action(ActionKind.MESSAGE, channel.id, text="Jemand ist im Garten"))
    home.lamp.trouble = lambda: WachtelError(ErrorKind.TIMEOUT, "It does not answer.")

    async def run() -> None:
        desk = await home.begun()
        home.news.tell(EventChanged(home.event()))
        await until_true(lambda: home.hurried == [channel.id])
        await tick(home, 120, lambda: home.states() == [OrderState.GIVEN_UP, OrderState.DONE])
        await desk.close()

    asyncio.run(run())
    entry = home.state.outbox.first(channel.id)
    assert entry is not None and entry.message is not None
    assert (entry.message.what, entry.message.event) == ("Jemand ist im Garten", "e1")


def test_of_states_only_the_newest_counts(home: Home) -> None:
    off = Trigger(TriggerKind.SENSOR, sensor="button", state="pressed")
    home.rule()
    home.state.rules.add(Rule("off", "home", "Aus", (off,), (replace(LAMP, on=False, off_after_s=None),)))
    home.lamp.trouble = lambda: WachtelError(ErrorKind.TIMEOUT, "It does not answer.")

    async def run() -> None:
        desk = await home.begun()
        home.news.tell(EventChanged(home.event()))
        await until_true(lambda: [one.tries for one in home.state.rule_work.newest("r")] == [1])
        home.lamp.trouble = lambda: None
        await desk.sensed("home", "button", "pressed")
        await until_true(lambda: home.states() == [OrderState.OVERTAKEN])
        await until_true(lambda: home.lamp.told == [False])
        await desk.close()

    asyncio.run(run())


def test_arming_is_stored_and_sets_off_rules(home: Home) -> None:
    home.rule(trigger=Trigger(TriggerKind.ARMED, armed=ArmState.AWAY))

    async def run() -> None:
        desk = await home.begun()
        await desk.arm("home", ArmState.AWAY)
        await until_true(lambda: home.lamp.told == [True])
        with pytest.raises(WachtelError):
            await desk.arm("nowhere", ArmState.AWAY)
        await desk.close()

    asyncio.run(run())
    assert home.state.site_facts.get("home").armed is ArmState.AWAY


def test_refusals_of_the_same_kind_are_one_line(home: Home) -> None:
    rule = home.rule(trigger=Trigger(TriggerKind.SENSOR, sensor="pir", state="on"))
    home.state.rules.change(replace(rule, conditions=replace(rule.conditions, armed=(ArmState.NIGHT,))))

    async def run() -> None:
        desk = await home.begun()
        for _ in range(50):
            waiting = [asyncio.ensure_future(desk.sensed("home", "pir", state)) for state in ("on", "off")]
            await asyncio.sleep(0)
            home.clock.advance(0.001)
            await asyncio.gather(*waiting)
        await desk.close()

    asyncio.run(run())
    notes = home.state.rule_work.log("r", 500)
    assert {note.why for note in notes} == {Why.NOT_ARMED_SO}


def test_the_first_one_home_and_the_last_one_away_are_told_once(home: Home) -> None:
    away = Trigger(TriggerKind.PRESENCE, state=Presence.EVERYBODY_AWAY)
    home.rule(Action(ActionKind.ARM, armed=ArmState.AWAY), trigger=away)
    first = Trigger(TriggerKind.PRESENCE, state=Presence.FIRST_HOME)
    home.state.rules.add(Rule("f", "home", "Licht", (first,), (LAMP,)))

    async def run() -> None:
        desk = await home.begun()
        for person, at_home in (("Anna", True), ("Ben", True), ("Anna", False), ("Anna", False)):
            await desk.present("home", person, at_home)
        assert home.state.site_facts.get("home").armed is ArmState.DISARMED
        await until_true(lambda: home.lamp.told == [True])
        await desk.present("home", "Ben", False)
        await until_true(lambda: home.state.site_facts.get("home").armed is ArmState.AWAY)
        await desk.close()

    asyncio.run(run())
    assert [note.why for note in home.state.rule_work.log("f")] == [Why.FIRED]
    assert len(home.state.rule_work.log("r")) == 1


def test_presence_is_known_over_a_restart_and_is_a_condition(home: Home) -> None:
    nobody = Conditions(somebody_home=False)
    door = Trigger(TriggerKind.SENSOR, sensor="door", state="open")
    home.state.rules.add(Rule("r", "home", "Licht", (door,), (LAMP,), nobody))

    async def run() -> None:
        desk = await home.begun()
        await desk.sensed("home", "person.Anna", "home")
        await desk.close()
        desk = await home.begun()
        await desk.sensed("home", "door", "open")
        await desk.present("home", "Anna", False)
        await desk.sensed("home", "door", "closed")
        home.clock.advance(1)
        await desk.sensed("home", "door", "open")
        await until_true(lambda: home.lamp.told == [True])
        await desk.close()

    asyncio.run(run())
    whys = [note.why for note in home.state.rule_work.log("r")]
    assert whys == [Why.FIRED, Why.PRESENCE_DIFFERS]


def test_an_alarm_sets_a_rule_off_once_and_holds_it_as_long_as_it_lasts(home: Home) -> None:
    alarm = Trigger(TriggerKind.ALARM, state="triggered")
    home.state.rules.add(Rule("r", "home", "Licht", (alarm,), (replace(LAMP, off_after_s=1),)))

    async def run() -> None:
        desk = await home.begun()
        for word in ("away", "triggered", "triggered"):
            desk.alarm_is("home", word)
        await until_true(lambda: home.lamp.told == [True])
        desk.alarm_is("home", "disarmed")
        await tick(home, 3, lambda: home.lamp.told == [True, False])
        await desk.close()

    asyncio.run(run())


def test_a_message_of_a_rule_carries_the_picture_that_the_rule_took() -> None:
    action = Action(ActionKind.MESSAGE, target="c", text="Post!")
    order = Order(
        "r1", "cause", 1, "home", action, WallUs(1_795_271_400_250_000), camera="garden", event="e1"
    )
    site, camera = Named("home", "Haus"), Named("garden", "Garten")
    taken = of_rule(order, "Rule", site, camera, picture=0)
    assert rule_picture(order, 0) == "20261121T143000250Z-0"
    assert taken.snapshot == "/api/v1/rules/r1/pictures/20261121T143000250Z-0.jpg"
    assert of_rule(order, "Rule", site, camera).snapshot == "/api/v1/events/e1/snapshot.jpg"


def test_pictures_of_a_rule_are_read_by_their_names_and_nothing_else_is(tmp_path: Path) -> None:
    shelf = RulePictures(tmp_path)
    shelf.keep("r1", "20261121T143000250Z-0", b"old")
    shelf.keep("r1", "20261121T143100250Z-0", b"new")
    assert shelf.names("r1") == ["20261121T143100250Z-0", "20261121T143000250Z-0"]
    assert shelf.read("r1", "20261121T143100250Z-0") == b"new"
    for rule, name in (("r1", "../r1/20261121T143000250Z-0"), ("..", "x"), ("r1", "gone"), ("", "")):
        assert shelf.read(rule, name) is None


def test_a_loud_camera_switches_the_lamp_as_long_as_it_is_loud_and_rules_say_what_they_want(
    home: Home,
) -> None:
    wish = SoundWish(-20, 300)
    shout = Trigger(TriggerKind.SOUND, cameras=("garden",), sound=wish)
    home.state.rules.add(Rule("r", "home", "Licht", (shout,), (replace(LAMP, off_after_s=1),)))
    wants: list[Sequence[SoundWant]] = []

    async def run() -> None:
        desk = home.desk()
        desk.on_wants = wants.append
        await until_true(lambda: len(home.news) == 1 and home.clock.sleepers >= 1)
        assert wants == [[SoundWant("home", ("garden",), wish)]]
        garden = home.state.cameras.get("garden")
        assert garden is not None
        desk.heard_sound(garden, SoundWish(-40, 300), True)
        desk.heard_sound(garden, wish, True)
        await until_true(lambda: home.lamp.told == [True])
        desk.heard_sound(garden, wish, False)
        await tick(home, 3, lambda: home.lamp.told == [True, False])
        home.state.rules.remove("r")
        await desk.rules_changed()
        assert wants[-1] == []
        await desk.close()

    asyncio.run(run())
