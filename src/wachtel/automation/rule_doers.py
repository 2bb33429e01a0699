"""How each kind of action is done. Doing one twice is harmless wherever the other side can tell."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from wachtel.actuators.api import ActuatorDriver, Command
from wachtel.automation.actuators import driver_of, settings_of
from wachtel.automation.messages import of_rule
from wachtel.automation.order_desk import Doer
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.camera import Camera
from wachtel.model.event import Event
from wachtel.model.message import Named
from wachtel.model.rule import ActionKind, ArmState, Order, Rule
from wachtel.storage.state import State
from wachtel.storage.state.outbox import NewEntry, OutboxKey


class Publisher(Protocol):
    """The connection to a broker."""

    async def publish(self, topic: str, payload: str, /, *, retain: bool) -> None:
        """Raises `WachtelError`: busy while there is no connection, invalid when none is set up."""
        ...


class CameraHands(Protocol):
    """Cameras that can be made to do something; raises `WachtelError`."""

    async def go_to(self, camera: Camera, preset: str, /) -> None: ...

    async def switch(self, camera: Camera, relay: str, /, *, on: bool) -> None: ...


class NoPublisher:
    """Where no broker is set up."""

    async def publish(self, _topic: str, _payload: str, *, retain: bool) -> None:  # noqa: ARG002
        """Raises `WachtelError` (invalid)."""
        raise no_broker()


def no_broker() -> WachtelError:
    """Nothing can be published here."""
    return WachtelError(
        ErrorKind.INVALID,
        "There is no connection to an MQTT broker, so nothing can be published.",
        hint="Set one up with `wachtel mqtt set`, or let the rule call a web address or send a message instead.",
    )


@dataclass(frozen=True, slots=True)
class Hands:
    """What actions reach into, each as one function."""

    event: Callable[[str], Event | None]
    """Blocking: an event that is on the disk."""

    keep: Callable[[Event, str], Awaitable[object]]
    picture: Callable[[str, Order], Awaitable[None]]
    hurry: Callable[[str], Awaitable[None]]
    """A channel has something new."""

    arm: Callable[[str, ArmState], Awaitable[None]]
    publisher: Publisher
    controls: CameraHands


class Doers:
    """One method for each kind of action; all raise `WachtelError`."""

    def __init__(self, state: State, hands: Hands, clock: Clock) -> None:
        self._state = state
        self._hands = hands
        self._clock = clock

    def all(self) -> dict[ActionKind, Doer]:
        """By kind."""
        return {
            ActionKind.SWITCH: self.drive,
            ActionKind.DIM: self.drive,
            ActionKind.SIREN: self.drive,
            ActionKind.CALL: self.drive,
            ActionKind.MESSAGE: self.message,
            ActionKind.KEEP_CLIP: self.keep_clip,
            ActionKind.SNAPSHOT: self.snapshot,
            ActionKind.PUBLISH: self.publish,
            ActionKind.ARM: self.arm,
            ActionKind.PRESET: self.preset,
            ActionKind.RELAY: self.relay,
        }

    async def drive(self, order: Order) -> None:
        """Switches an actuator."""
        driver, settings = await asyncio.to_thread(self._driver, order.action.target)
        await driver.drive(Command(order.action.on, order.action.level), settings, self._clock)

    def _driver(self, actuator: str) -> tuple[ActuatorDriver[Any], Any]:
        found = self._state.actuators.get(actuator)
        if found is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no actuator {actuator!r}.")
        driver = driver_of(found.kind)
        settings = settings_of(driver, self._state.actuators.settings(actuator))
        if settings is None:
            raise WachtelError(
                ErrorKind.INVALID,
                f"The address of {found.name} cannot be read, because the key file is gone.",
                hint="Put the key file back, or add it anew.",
            )
        return driver, settings

    async def message(self, order: Order) -> None:
        """Puts a message into the outbox, where making it twice is harmless."""
        await asyncio.to_thread(self._put_message, order)
        await self._hands.hurry(order.action.target)

    def _put_message(self, order: Order) -> None:
        channel = self._state.channels.get(order.action.target)
        if channel is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no channel {order.action.target!r}.")
        if not channel.enabled:
            raise WachtelError(ErrorKind.INVALID, f"The channel {channel.name} is switched off.")
        rule, site = self._state.rules.get(order.rule), self._state.sites.get(order.site)
        camera = self._state.cameras.get(order.camera) if order.camera else None
        message = of_rule(
            order,
            order.rule if rule is None else rule.name,
            Named(order.site, order.site if site is None else site.name),
            None if camera is None else Named(camera.id, camera.name),
            _taker(rule),
        )
        key = OutboxKey(order.site, message.id, order.rule, channel.id)
        self._state.outbox.put_all([NewEntry(key, self._clock.wall_us(), message)])

    async def keep_clip(self, order: Order) -> None:
        """Keeps the event's footage from deletion."""
        event = await asyncio.to_thread(self._hands.event, order.event) if order.event else None
        if event is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no event whose footage could be kept.")
        await self._hands.keep(event, f"rule {order.rule}")

    async def snapshot(self, order: Order) -> None:
        """Keeps a picture of the camera as it is now."""
        if not order.camera:
            raise WachtelError(ErrorKind.INVALID, "What set this off has no camera to take a picture with.")
        await self._hands.picture(order.camera, order)

    async def publish(self, order: Order) -> None:
        """Publishes at a broker."""
        action = order.action
        await self._hands.publisher.publish(action.topic, action.text, retain=action.retain)

    async def preset(self, order: Order) -> None:
        """Turns a camera to a preset."""
        camera, preset = await asyncio.to_thread(self._camera_part, order)
        await self._hands.controls.go_to(camera, preset)

    async def relay(self, order: Order) -> None:
        """Switches an output of a camera."""
        camera, relay = await asyncio.to_thread(self._camera_part, order)
        await self._hands.controls.switch(camera, relay, on=order.action.on)

    def _camera_part(self, order: Order) -> tuple[Camera, str]:
        wanted, _, part = order.action.target.partition("/")
        camera = self._state.cameras.get(wanted)
        if camera is None or camera.site != order.site:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no camera {wanted!r} at this site.")
        return camera, part

    async def arm(self, order: Order) -> None:
        """Arms or disarms the site."""
        assert order.action.armed is not None
        await self._hands.arm(order.site, order.action.armed)


def _taker(rule: Rule | None) -> int | None:
    """The place of the action by which a rule takes a picture."""
    actions = () if rule is None else rule.actions
    return next((place for place, one in enumerate(actions) if one.kind is ActionKind.SNAPSHOT), None)
