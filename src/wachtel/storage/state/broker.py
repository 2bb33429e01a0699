"""The MQTT broker and the sensors at it, in state.sqlite; the password is sealed."""

import base64
import secrets
from dataclasses import replace

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.broker import MOST_SENSORS, Broker, TopicSensor
from wachtel.storage.state.sealing import Sealer
from wachtel.storage.state.settings import Settings

BROKER, PASSWORD, NODE, SENSORS = "mqtt", "mqtt_password", "mqtt_node", "mqtt_sensors"
_PLACE = "mqtt/password"


class BrokerBook:
    """Blocking; usable by any thread."""

    def __init__(self, settings: Settings, sealer: Sealer) -> None:
        self._settings = settings
        self._sealer = sealer

    def get(self) -> Broker | None:
        """The broker, None when none is set up. Its password is "" when the key file is gone: see `locked`."""
        broker = self._settings.get(BROKER, Broker)
        return None if broker is None else replace(broker, password=self._password() or "")

    def locked(self) -> bool:
        """True when there is a password that cannot be read."""
        return self._settings.get(PASSWORD, str) is not None and self._password() is None

    def put(self, broker: Broker) -> None:
        """Raises `WachtelError` (disk_error) when there is a password and no key to seal it with."""
        sealed = None
        if broker.password:
            sealed = base64.b64encode(self._sealer.seal(broker.password, _PLACE)).decode()
        self._settings.put(PASSWORD, sealed)
        self._settings.put(BROKER, replace(broker, password=""))

    def remove(self) -> None:
        """Harmless when there is none. The sensors stay, for the next one."""
        self._settings.put(BROKER, None)
        self._settings.put(PASSWORD, None)

    def node(self) -> str:
        """The name of this installation at any broker; made at first use, never changed."""
        node = self._settings.get(NODE, str)
        if node is None:
            node = secrets.token_hex(4)
            self._settings.put(NODE, node)
        return node

    def sensors(self) -> list[TopicSensor]:
        """Topics that are sensors, in the order in which they were added."""
        return self._settings.get(SENSORS, list[TopicSensor]) or []

    def add_sensor(self, sensor: TopicSensor) -> None:
        """Raises `WachtelError` (conflict: the name is taken at this site; invalid: too many)."""
        known = self.sensors()
        if any((one.site, one.name) == (sensor.site, sensor.name) for one in known):
            raise WachtelError(ErrorKind.CONFLICT, f"There is a sensor {sensor.name!r} at this site already.")
        if len(known) >= MOST_SENSORS:
            raise WachtelError(ErrorKind.INVALID, f"There are {MOST_SENSORS} sensors already.")
        self._settings.put(SENSORS, [*known, sensor])

    def remove_sensor(self, sensor: str) -> TopicSensor:
        """Raises `WachtelError` (not_found)."""
        known = self.sensors()
        found = next((one for one in known if one.id == sensor), None)
        if found is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no such sensor.")
        self._settings.put(SENSORS, [one for one in known if one.id != sensor] or None)
        return found

    def _password(self) -> str | None:
        sealed = self._settings.get(PASSWORD, str)
        return None if sealed is None else self._sealer.open(base64.b64decode(sealed), _PLACE)
