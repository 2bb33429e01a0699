"""Alarm panels at work over a real state.sqlite: sirens, messages, codes, restarts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from post_rig import MemoryCatalog, until

from wachtel.accounts import alarm_codes
from wachtel.accounts.alarm_codes import AlarmCodes, check_code, new_salt
from wachtel.accounts.throttle import TooManyTries
from wachtel.actuators.api import Command
from wachtel.automation import rule_doers
from wachtel.automation.alarm_desk import AlarmDesk, AlarmHands, ArmRequest
from wachtel.automation.channels import ChannelBook, NewChannel
from wachtel.automation.rule_desk import RuleDesk
from wachtel.automation.rule_doers import Hands, NoPublisher
from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.units import WallUs
from wachtel.model.alarm import AlarmNoteKind, AlarmSettings, AlarmWord, AlarmZone, ArmedBy, ZoneKind
from wachtel.model.camera import Camera
from wachtel.model.event import Event, EventKind
from wachtel.model.live import AlarmChanged, Announcement, EventChanged
from wachtel.model.message import SUBSCRIBABLE, Message, MessageKind
from wachtel.model.rule import Action, ActionKind, ArmState, Order, Rule, Trigger, TriggerKind
from wachtel.pipeline.announcements import Broadcast
from wachtel.storage.state import open_state
from wachtel.storage.state.actuators import Actuator
from wachtel.testing.clock import FakeClock

ZONES = (
    AlarmZone("shell", "Hülle", ZoneKind.PERIMETER, ("window",)),
    AlarmZone("way", "Eingang", ZoneKind.ENTRY, ("door",)),
    AlarmZone("garden", "Garten", ZoneKind.PERIMETER, ("gate",), confirm=True),
)
SETTINGS = AlarmSettings(ZONES, sirens=("horn",), siren_s=60, exit_delay_s=10, entry_delay_s=10)


class Horn:
    """An actuator that notes what it is told."""

    settings_type = dict

    def __init__(self) -> None:
        self.told: list[bool] = []

    async def drive(self, command: Command, settings: object, clock: Clock) -> None:
        self.told.append(command.on)


class NoControls:
    """There is no camera that could be moved or switched."""

    async def go_to(self, camera: Camera, preset: str, /) -> None: ...

    async def switch(self, camera: Camera, relay: str, /, *, on: bool) -> None: ...


class House:
    """One installation without pictures, whose desks may be made again over the same file."""

    def __init__(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock, self.catalog, self.horn = FakeClock(), MemoryCatalog(), Horn()
        self.news: Broadcast[Announcement] = Broadcast()
        self.heard: list[AlarmChanged] = []
        self.state = open_state(data)
        self.state.cameras.add(Camera("garden", "home", "Garten", "rtsp://192.168.1.20/"))
        self.state.actuators.add(
            Actuator("horn", "home", "Sirene", "scripted", "", self.clock.wall_us()), "{}"
        )
        self.codes = AlarmCodes(self.state, self.clock)
        monkeypatch.setattr(alarm_codes, "MEMORY_KIB", 64)
        monkeypatch.setattr(rule_doers, "driver_of", lambda kind: self.horn)
        book = ChannelBook(self.state.channels, self.clock)
        book.add(NewChannel("all", "webhook", "https://example.org/", kinds=frozenset(SUBSCRIBABLE)))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.rules = self._rules()
        self.desk = AlarmDesk(self.state, self._hands(), self.clock)

        async def ask(site: str, state: ArmState, by_rule: bool) -> None:
            await self.desk.ask(ArmRequest(site, state, "rule", ArmedBy.RULE if by_rule else ArmedBy.MQTT))

        self.rules.on_cause, self.rules.on_sensor = self.desk.heard, self.desk.sensed
        self.rules.ask_to_arm = ask
        self.rules.start()
        self.desk.start()
        await until(lambda: len(self.news) == 1 and self.clock.sleepers >= 2)
        try:
            yield
        finally:
            await self.desk.close()
            await self.rules.close()

    def _rules(self) -> RuleDesk:
        async def nothing(*_: object) -> None:
            return None

        async def arm(site: str, state: ArmState) -> None:
            await self.rules.arm(site, state, by_rule=True)

        hands = Hands(self.catalog.event, nothing, nothing, nothing, arm, NoPublisher(), NoControls())
        return RuleDesk(self.state, self.catalog, self.news, hands, self.clock)

    def _hands(self) -> AlarmHands:
        async def hurry(_channel: str) -> None:
            return None

        return AlarmHands(
            self.rules.stand, self.rules.sound, self.rules.silence, self.codes.check, hurry, self.heard.append
        )

    async def set_up(self, settings: AlarmSettings = SETTINGS, **codes: str) -> None:
        await self.desk.set_up("home", settings, new_salt(), "owner")
        for name, code in codes.items():
            self.codes.add("home", name, code, duress=name == "duress")

    async def ask(self, mode: ArmState, code: str = "", *, bypass: bool = False) -> None:
        await self.desk.ask(ArmRequest("home", mode, "Anna", ArmedBy.PAGE, "anna", code, bypass))

    def word(self) -> AlarmWord:
        return self.desk.statuses()[0].word

    def messages(self) -> list[Message]:
        due = self.state.outbox.due(WallUs(self.clock.wall_us() + 1_000_000))
        return [entry.message for entry in due if entry.message is not None]

    def kinds(self) -> list[MessageKind]:
        return [message.kind for message in self.messages()]

    def armed(self) -> ArmState:
        return self.state.site_facts.get("home").armed

    async def pass_time(self, seconds: float, true: Callable[[], bool]) -> None:
        """In quarters of a second, until something is true."""
        for _ in range(round(seconds * 4)):
            await until(lambda: self.clock.sleepers >= 2)
            self.clock.advance(0.25)
            await asyncio.sleep(0.001)
            if true():
                return
        await until(true)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.delenv("WACHTEL_KEY_FILE", raising=False)
    return House(tmp_path / "data", monkeypatch)


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(_awaited(story()), 60))


async def _awaited(story: Awaitable[None]) -> None:
    await story


def test_a_break_in_sounds_the_siren_tells_people_and_ends_with_disarming(house: House) -> None:
    async def story() -> None:
        async with house.running():
            await house.set_up()
            await house.ask(ArmState.AWAY)
            assert (house.word(), house.armed()) == (AlarmWord.ARMING, ArmState.DISARMED)
            await house.pass_time(12, lambda: house.armed() is ArmState.AWAY)
            await house.rules.sensed("home", "window", "open")
            assert house.word() is AlarmWord.TRIGGERED
            await until(lambda: house.horn.told == [True])
            await house.pass_time(62, lambda: house.horn.told == [True, False])
            await house.ask(ArmState.DISARMED)
            assert house.armed() is ArmState.DISARMED

    run(story)
    assert house.kinds() == [MessageKind.ARMED, MessageKind.ALARM, MessageKind.ALARM_OVER]
    assert [one.status.word for one in house.heard if one.status] == [
        AlarmWord.DISARMED,
        AlarmWord.ARMING,
        AlarmWord.AWAY,
        AlarmWord.TRIGGERED,
        AlarmWord.TRIGGERED,
        AlarmWord.DISARMED,
    ]
    kinds = [one.note.kind for one in house.state.alarms.log("home")][::-1]
    assert kinds == [
        AlarmNoteKind.SETTINGS,
        AlarmNoteKind.ARMING,
        AlarmNoteKind.ARMED,
        AlarmNoteKind.TRIGGERED,
        AlarmNoteKind.SIREN_ON,
        AlarmNoteKind.SIREN_OFF,
        AlarmNoteKind.DISARMED,
    ]


def test_an_entry_delay_goes_on_over_a_restart_and_so_does_the_siren(house: House) -> None:
    async def story() -> None:
        async with house.running():
            await house.set_up()
            await house.ask(ArmState.AWAY)
            await house.pass_time(12, lambda: house.armed() is ArmState.AWAY)
            await house.rules.sensed("home", "door", "open")
            assert house.word() is AlarmWord.PENDING
        house.clock.advance(5)
        async with house.running():
            assert house.word() is AlarmWord.PENDING
            await house.pass_time(7, lambda: house.horn.told == [True])
            assert house.word() is AlarmWord.TRIGGERED
        house.clock.advance(3)
        async with house.running():
            await house.pass_time(62, lambda: house.horn.told[-1:] == [False])
        assert house.kinds().count(MessageKind.ALARM) == 1

    run(story)


def test_a_clock_that_is_set_makes_no_delay_shorter(house: House) -> None:
    async def story() -> None:
        async with house.running():
            await house.set_up()
            await house.ask(ArmState.AWAY)
            await house.pass_time(12, lambda: house.armed() is ArmState.AWAY)
            await house.rules.sensed("home", "door", "open")
            house.clock.jump_wall(3600)
            for _ in range(8):
                await house.pass_time(0.25, lambda: True)
            assert house.word() is AlarmWord.PENDING
            await house.pass_time(12, lambda: house.word() is AlarmWord.TRIGGERED)

    run(story)


def test_a_gate_is_a_warning_and_with_the_camera_an_alarm_with_its_picture(house: House) -> None:
    async def story() -> None:
        async with house.running():
            await house.set_up()
            await house.ask(ArmState.HOME)
            await house.rules.sensed("home", "gate", "open")
            await until(lambda: MessageKind.ALARM_WARNING in house.kinds())
            at = house.clock.wall_us()
            event = Event("e1", "home", "garden", EventKind.MOTION, at, at, None, 0.9)
            house.catalog.stored["e1"] = event
            house.news.tell(EventChanged(event))
            house.news.tell(EventChanged(event))
            await until(lambda: MessageKind.ALARM in house.kinds())

    run(story)
    message = house.messages()[-1]
    assert (message.event, message.zones, message.what) == ("e1", ("Garten",), "gate")
    assert message.snapshot.endswith("e1/snapshot.jpg") and message.cameras[0].name == "Garten"
    assert message.kind.urgent


def test_disarming_takes_the_right_code_and_says_whose(house: House) -> None:
    async def story() -> None:
        async with house.running():
            await house.set_up(Ben="482915")
            await house.ask(ArmState.HOME)
            with pytest.raises(WachtelError, match="needs a code"):
                await house.ask(ArmState.DISARMED)
            with pytest.raises(WachtelError, match="wrong"):
                await house.ask(ArmState.DISARMED, "111222")
            with pytest.raises(WachtelError, match="needs a code"):
                await house.rules.arm("home", ArmState.DISARMED)
            assert house.word() is AlarmWord.HOME
            await house.ask(ArmState.DISARMED, "482915")
            assert house.word() is AlarmWord.DISARMED

    run(story)
    notes = [one.note for one in house.state.alarms.log("home")]
    assert (notes[0].kind, notes[0].who) == (AlarmNoteKind.DISARMED, "Ben")
    assert (notes[1].kind, notes[1].who) == (AlarmNoteKind.WRONG_CODE, "Anna")


def test_guessing_is_slowed_down_and_told(house: House) -> None:
    async def story() -> None:
        async with house.running():
            await house.set_up(Ben="482915")
            await house.ask(ArmState.HOME)
            for _ in range(5):
                with pytest.raises(WachtelError, match="wrong"):
                    await house.ask(ArmState.DISARMED, "222333")
            with pytest.raises(TooManyTries, match="codes"):
                await house.ask(ArmState.DISARMED, "482915")
            await until(lambda: MessageKind.ALARM_WARNING in house.kinds())
            house.clock.advance(2)
            await house.ask(ArmState.DISARMED, "482915")

    run(story)


def test_under_duress_everything_looks_the_same_and_one_message_goes_out(house: House) -> None:
    seen = []

    async def story(code: str) -> None:
        async with house.running():
            await house.set_up(Ben="482915", duress="482916")
            await house.ask(ArmState.HOME)
            before = len(house.heard)
            await house.ask(ArmState.DISARMED, code)
            status = house.desk.statuses()[0]
            told = [one.status.word for one in house.heard[before:] if one.status]
            log = [(one.note.kind, one.note.detail) for one in house.state.alarms.log("home")]
            seen.append((status.word, status.mode, told, log[:2], dict(house.desk.told)))
            for one in house.state.alarms.codes("home"):
                house.state.alarms.remove_code("home", one.id)
            house.desk.told.clear()

    run(lambda: story("482915"))
    assert MessageKind.DURESS not in house.kinds()
    run(lambda: story("482916"))
    assert seen[0] == seen[1]
    assert house.kinds().count(MessageKind.DURESS) == 1


def test_what_is_open_is_named_and_left_out_with_consent(house: House) -> None:
    async def story() -> None:
        async with house.running():
            await house.set_up()
            await house.rules.sensed("home", "window", "open")
            with pytest.raises(WachtelError, match="window"):
                await house.ask(ArmState.HOME)
            await house.ask(ArmState.HOME, bypass=True)
            assert house.desk.statuses()[0].bypassed == ("window",)

    run(story)


def test_a_rule_arms_through_the_panel_and_changed_rules_do_not_silence_the_siren(house: House) -> None:
    arm = Action(ActionKind.ARM, armed=ArmState.AWAY)
    bell = Trigger(TriggerKind.SENSOR, sensor="fob", state="away")
    house.state.rules.add(Rule("r", "home", "Gehen", (bell,), (arm,)))

    async def story() -> None:
        async with house.running():
            await house.set_up()
            await house.rules.sensed("home", "fob", "away")
            await until(lambda: house.word() is AlarmWord.ARMING)
            await house.pass_time(12, lambda: house.armed() is ArmState.AWAY)
            await house.rules.sensed("home", "window", "open")
            await until(lambda: house.horn.told == [True])
            await house.rules.rules_changed()
            await house.pass_time(2, lambda: False or house.clock.sleepers > 0)
            assert house.horn.told == [True]

    run(story)


def test_without_a_panel_a_site_is_armed_at_once(house: House) -> None:
    async def story() -> None:
        async with house.running():
            await house.ask(ArmState.AWAY)
            assert house.armed() is ArmState.AWAY
            await house.set_up()
            assert house.armed() is ArmState.DISARMED
            await house.desk.remove("home", "owner")
            assert house.desk.statuses() == []

    run(story)


@pytest.mark.parametrize("code", ["123", "abcd", "1111", "1234", "9876", "12345678901234"])
def test_no_code_that_anybody_would_try_first(code: str) -> None:
    with pytest.raises(WachtelError):
        check_code(code)


def test_orders_of_the_siren_name_the_panel(house: House) -> None:
    async def story() -> None:
        async with house.running():
            await house.set_up()
            await house.ask(ArmState.NIGHT)
            await house.rules.sensed("home", "window", "open")
            await until(lambda: house.horn.told == [True])

    run(story)
    orders: list[Order] = [one.order for one in house.state.rule_work.newest("alarm home")]
    assert [(order.action.target, order.action.off_after_s) for order in orders] == [("horn", 60.0)]
