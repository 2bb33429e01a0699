"""Rules, messages, alarm panels and the other programs of the house."""

from collections.abc import Sequence
from typing import Protocol

from wachtel.automation.alarm_desk import ArmRequest
from wachtel.automation.alarm_panel import AlarmPanel
from wachtel.automation.homekit.desk import HomeKitState
from wachtel.automation.mqtt.link import LinkState
from wachtel.automation.rules import Outcome
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.alarm import AlarmNoteKind, AlarmSettings
from wachtel.model.broker import Broker, HeardTopic
from wachtel.model.camera import Site
from wachtel.model.rule import Rule
from wachtel.storage.state.channels import Channel
from wachtel.storage.state.deliveries import Delivery
from wachtel.web.ports.engine_off import not_running


class RulePictureShelf(Protocol):
    """Pictures that rules took; blocking."""

    def names(self, rule: str) -> Sequence[str]:
        """Newest first."""
        ...

    def read(self, rule: str, name: str) -> bytes | None: ...


class NoRulePictures:
    """Where no rule takes any."""

    def names(self, rule: str) -> Sequence[str]:  # noqa: ARG002 (there are none)
        return ()

    def read(self, rule: str, name: str) -> bytes | None:  # noqa: ARG002 (there are none)
        return None


class Messages(Protocol):
    """The post office; told after a change has been stored."""

    async def channels_changed(self) -> None:
        """A channel was added or removed."""
        ...

    async def hurry(self, channel: str) -> None:
        """A channel was changed: what waits in it may succeed now."""
        ...

    async def test(self, channel: Channel) -> Delivery:
        """Sends a test message at once; the try says what came of it."""
        ...


class NoMessages:
    """The post office of an engine that is off."""

    async def channels_changed(self) -> None:
        return None

    async def hurry(self, channel: str) -> None:  # noqa: ARG002 (nothing waits here)
        return None

    async def test(self, channel: Channel) -> Delivery:  # noqa: ARG002 (nothing is sent from here)
        raise WachtelError(
            ErrorKind.BUSY, "The server is not running.", hint="Start it with `wachtel serve`."
        )


class RulesAtWork(Protocol):
    """The rules of the running engine; told after a change has been stored."""

    async def rules_changed(self) -> None: ...

    async def site_changed(self, site: Site) -> None: ...

    async def sensed(self, site: str, sensor: str, state: str, /) -> None: ...

    async def present(self, site: str, person: str, home: bool, /) -> None: ...

    async def rehearse(self, rule: Rule) -> Outcome:
        """What the rule would have done in the last seven days."""
        ...


class NoRules:
    """The rules of an engine that is off: they can be changed, and nothing follows."""

    async def rules_changed(self) -> None:
        return None

    async def site_changed(self, site: Site) -> None:  # noqa: ARG002 (nothing looks at it)
        return None

    async def sensed(self, _site: str, _sensor: str, _state: str) -> None:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def present(self, _site: str, _person: str, _home: bool) -> None:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def rehearse(self, rule: Rule) -> Outcome:  # noqa: ARG002 (there is no index to look into)
        """Raises `WachtelError` (busy)."""
        raise not_running()


class AlarmsAtWork(Protocol):
    """The alarm panels of the running engine."""

    async def ask(self, asked: ArmRequest, /) -> None:
        """Arms or disarms a site, by its panel if it has one. Raises `WachtelError`."""
        ...

    async def panel(self, site: str, /) -> AlarmPanel | None:
        """To be looked at only; None where none is set up."""
        ...

    async def set_up(self, site: str, settings: AlarmSettings, salt: bytes, who: str, /) -> None: ...

    async def remove(self, site: str, who: str, /) -> None: ...

    async def noted(self, site: str, kind: AlarmNoteKind, who: str, detail: str = "", /) -> None: ...


class NoAlarmPanels:
    """The panels of an engine that is off."""

    async def ask(self, _asked: ArmRequest) -> None:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def panel(self, _site: str) -> AlarmPanel | None:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def set_up(self, _site: str, _settings: AlarmSettings, _salt: bytes, _who: str) -> None:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def remove(self, _site: str, _who: str) -> None:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def noted(self, _site: str, _kind: AlarmNoteKind, _who: str, _detail: str = "") -> None:
        return None


class MqttAtWork(Protocol):
    """The connection to the broker; told after a change has been stored."""

    @property
    def state(self) -> LinkState | None:
        """How it is; None while there shall be none."""
        ...

    @property
    def said(self) -> int:
        """How many messages the broker took."""
        ...

    def sensor_says(self, sensor: str, /) -> str | None: ...

    async def changed(self) -> None: ...

    async def sensors_changed(self) -> None: ...

    async def test(self, broker: Broker, /) -> None:
        """Connects once. Raises `WachtelError` with what is wrong."""
        ...

    async def listen(self, broker: Broker, seconds: float, /) -> list[HeardTopic]:
        """What is said at the broker for a while. Raises `WachtelError`."""
        ...


class NoMqtt:
    """No connection: the engine is off. Settings can be changed."""

    state: LinkState | None = None
    said = 0

    def sensor_says(self, _sensor: str) -> str | None:
        return None

    async def changed(self) -> None:
        return None

    async def sensors_changed(self) -> None:
        return None

    async def test(self, _broker: Broker) -> None:
        """Raises `WachtelError` (busy)."""
        raise not_running()

    async def listen(self, _broker: Broker, _seconds: float) -> list[HeardTopic]:
        """Raises `WachtelError` (busy)."""
        raise not_running()


class HomeKitAtWork(Protocol):
    """The bridge to Apple Home; told after a change has been stored."""

    @property
    def state(self) -> HomeKitState: ...

    async def changed(self) -> None: ...


class NoHomeKit:
    """No bridge: the engine is off. Settings can be changed."""

    state = HomeKitState(False, 0, 0)

    async def changed(self) -> None:
        return None
