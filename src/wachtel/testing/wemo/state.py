"""The state of a fake device, what it answers to each action, and its own timer."""

import threading
from collections.abc import Callable, Mapping

from wachtel.protocols import wemo
from wachtel.protocols.wemo import Action, WemoKind
from wachtel.testing.wemo.options import FakeWemoOptions

_BASIC = (
    Action("GetBinaryState", gives=("BinaryState",)),
    Action(
        "SetBinaryState",
        takes=("BinaryState", "Duration", "EndAction", "UDN"),
        gives=("BinaryState", "CountdownEndTime", "deviceCurrentTime"),
    ),
)
_RULES = (
    Action("FetchRules", gives=("ruleDbVersion", "ruleDbPath", "errorInfo")),
    Action("StoreRules", takes=("ruleDbVersion", "processDb", "ruleDbBody"), gives=("errorInfo",)),
)
_ATTRIBUTES = (
    Action("GetAttributes", gives=("attributeList",)),
    Action("SetAttributes", takes=("attributeList",)),
)
_POWER = (Action("GetInsightParams", gives=("InsightParams",)),)
Tell = Callable[[str, Mapping[str, str]], None]


def services_of(kind: WemoKind) -> dict[str, tuple[Action, ...]]:
    """The services a device of a kind has, with their actions."""
    basic: tuple[Action, ...] = _BASIC[:1] if kind is WemoKind.MOTION else _BASIC
    if kind is WemoKind.DIMMER:
        basic = (
            Action("GetBinaryState", gives=("BinaryState", "brightness", "fader")),
            Action("SetBinaryState", takes=("BinaryState", "Duration", "EndAction", "UDN", "brightness")),
        )
    services: dict[str, tuple[Action, ...]] = {"basicevent": basic, "rules": _RULES}
    if kind is WemoKind.MAKER:
        services["deviceevent"] = _ATTRIBUTES
    if kind is WemoKind.INSIGHT:
        services["insight"] = _POWER
    return services


class FakeWemoState:
    """Asked by every connection's thread. ``tell`` is called with a service and what changed of it."""

    def __init__(self, options: FakeWemoOptions, tell: Tell) -> None:
        self.on = False
        self.brightness = 100
        self.sensor = 0
        self.orders: list[dict[str, str]] = []
        """The arguments of every SetBinaryState, in order."""
        self._options = options
        self._tell = tell
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None

    def first_event(self, service: str) -> dict[str, str]:
        """What a new subscriber is told."""
        if service != "basicevent":
            return {}
        if self._options.kind is WemoKind.MAKER:
            return {"attributeList": self._attribute_list()}
        return {"BinaryState": self.binary_state}

    @property
    def binary_state(self) -> str:
        """As the device says it; a plug that measures adds its figures."""
        state = "1" if self.on else "0"
        if self._options.kind is WemoKind.INSIGHT:
            return f"{state}|1492338954|0|922|14195|1209600|0|940670|15213709|227088884"
        return state

    def answer(self, service: str, action: str, arguments: Mapping[str, str], address: str) -> str:
        """The SOAP answer. ``address`` is ``host:port`` of the device itself."""
        fields = self._fields(service, action, arguments, address)
        if fields is None:
            return wemo.soap_fault(401, "Invalid Action")
        return wemo.soap_answer(service, action, fields)

    def _fields(
        self, service: str, action: str, arguments: Mapping[str, str], address: str
    ) -> dict[str, str] | None:
        known = services_of(self._options.kind).get(service, ())
        if action not in {one.name for one in known}:
            return None
        match action:
            case "GetBinaryState":
                more = {"brightness": str(self.brightness), "fader": "600:-1:0:0:0"}
                return {"BinaryState": self.binary_state} | (
                    more if self._options.kind is WemoKind.DIMMER else {}
                )
            case "SetBinaryState":
                return self._set(arguments)
            case "GetAttributes":
                return {"attributeList": self._attribute_list()}
            case "GetInsightParams":
                return {"InsightParams": f"{self.binary_state}|8000.000000"}
            case "FetchRules":
                path = f"http://{address}/rules.db" if self._options.rules is not None else ""
                return {"ruleDbVersion": "7" if path else "0", "ruleDbPath": path, "errorInfo": ""}
        return {}

    def _set(self, arguments: Mapping[str, str]) -> dict[str, str]:
        with self._lock:
            self.orders.append(dict(arguments))
            wanted = arguments.get("BinaryState") == "1"
            level = arguments.get("brightness")
            self._start_timer(arguments)
            if level is None and wanted == self.on and self._options.error_when_so:
                return {"BinaryState": "Error"}
            if level is not None and level.isdecimal():
                self.brightness = int(level)
            self._become(wanted)
            if self._options.momentary:
                self._later(0.2, lambda: self._become(False))
            return {"BinaryState": self.binary_state, "CountdownEndTime": "0"}

    def _start_timer(self, arguments: Mapping[str, str]) -> None:
        """Each call starts the timer anew; the device performs ``EndAction`` by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            seconds, end = float(arguments.get("Duration", "")), arguments.get("EndAction")
        except ValueError:
            return
        if end in ("0", "1"):
            self._timer = self._later(seconds, lambda: self._become(end == "1"))

    @staticmethod
    def _later(seconds: float, work: Callable[[], None]) -> threading.Timer:
        timer = threading.Timer(seconds, work)
        timer.daemon = True
        timer.start()
        return timer

    def press(self, on: bool) -> None:
        """Somebody presses the button; or, for a Motion, somebody walks by."""
        self._become(on)

    def set_sensor(self, state: int) -> None:
        """What is connected to a Maker opens (1) or closes (0)."""
        with self._lock:
            self.sensor = state
            self._tell("basicevent", {"attributeList": self._attribute_list()})

    def _become(self, on: bool) -> None:
        with self._lock:
            self.on = on
            self._tell("basicevent", self.first_event("basicevent"))

    def _attribute_list(self) -> str:
        return wemo.attribute_list(
            {
                "Switch": "1" if self.on else "0",
                "Sensor": str(self.sensor),
                "SwitchMode": "1" if self._options.momentary else "0",
                "SensorPresent": "1" if self._options.has_sensor else "0",
            }
        )

    def close(self) -> None:
        """No timer fires any more."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
