"""``/api/v1/mqtt``: the broker, how the connection is, and the sensors at it."""

import secrets
from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field

from wachtel.automation.rule_doers import no_broker
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.model.broker import Broker, NameLanguage, TopicSensor, check_broker, check_topic
from wachtel.protocols.mqtt.sensors import LONGEST_FIELD
from wachtel.storage.state.broker import BrokerBook
from wachtel.storage.state.sites import Sites
from wachtel.web.access import TheAccess
from wachtel.web.answers import Answer, ErrorBody, Question, moment
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.house import MqttAtWork
from wachtel.web.site_facts import SENSOR
from wachtel.web.threads import OneThread

LONGEST_LISTENING_S = 30.0


class BrokerAnswer(Answer):
    """The broker without its password. ``locked``: there is one, and the key file to read it is gone."""

    host: str
    port: int
    user: str
    has_password: bool
    locked: bool
    tls: bool
    ca: str
    prefix: str
    discovery: str
    allow_control: bool
    enabled: bool
    language: NameLanguage


class MqttAnswer(Answer):
    """``broker`` is null when none is set up: then nothing goes out. ``since`` tells of the present state."""

    broker: BrokerAnswer | None
    connected: bool
    since: str | None
    trouble: ErrorBody | None
    said: int


class BrokerQuestion(Question):
    """``password`` left out keeps the one there is, for the same host and user."""

    host: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    user: Annotated[str, Field(max_length=1000)] = ""
    password: Annotated[str, Field(max_length=1000)] | None = None
    tls: bool = False
    ca: Annotated[str, Field(max_length=65_536)] = ""
    prefix: Annotated[str, Field(max_length=200)] = "wachtel"
    discovery: Annotated[str, Field(max_length=200)] = "homeassistant"
    allow_control: bool = True
    enabled: bool = True
    language: NameLanguage = NameLanguage.ENGLISH

    def broker(self, before: Broker | None) -> Broker:
        """Raises `WachtelError` (invalid)."""
        password = self.password
        if password is None:
            same = before is not None and (before.host, before.user) == (self.host, self.user)
            password = before.password if before is not None and same else ""
        values = self.model_dump(exclude={"port", "password"})
        port = self.port or (8883 if self.tls else 1883)
        broker = Broker(port=port, password=password, **values)
        check_broker(broker)
        return broker


class FieldAnswer(Answer):
    """Something of a topic that could be a sensor; "" is the whole payload."""

    field: str
    state: str


class HeardAnswer(Answer):
    """A topic, the beginning of what it said last, and what could be a sensor of it."""

    topic: str
    payload: str
    fields: list[FieldAnswer]


class TopicSensorAnswer(Answer):
    """``state``: what it said last since the start, null when nothing."""

    id: str
    site: str
    name: str
    topic: str
    field: str
    state: str | None


class TopicSensorQuestion(Question):
    """A topic, and a field of its JSON object where it has any, becomes a sensor of the site."""

    site: Annotated[str, Field(max_length=64)]
    name: Annotated[str, Field(pattern=SENSOR)]
    topic: Annotated[str, Field(min_length=1, max_length=256)]
    field: Annotated[str, Field(max_length=LONGEST_FIELD)] = ""


class MqttRoutes:
    """Setting up the broker, trying it, and choosing sensors."""

    def __init__(self, book: BrokerBook, sites: Sites, at_work: MqttAtWork, database: OneThread) -> None:
        self._book = book
        self._sites = sites
        self._at_work = at_work
        self._database = database

    def add_to(self, door: Door) -> None:
        base, sensors = "/api/v1/mqtt", "/api/v1/mqtt/sensors"
        admin, all_of_it = Permission.ADMIN, On.INSTALLATION
        door.route("GET", base, self.show, needs=admin, on=all_of_it)
        door.route("PUT", base, self.set, needs=admin, on=all_of_it)
        door.route("DELETE", base, self.remove, needs=admin, on=all_of_it, status=204)
        door.route("POST", f"{base}/test", self.test, needs=admin, on=all_of_it, status=204)
        door.route("POST", f"{base}/listen", self.listen, needs=admin, on=all_of_it)
        door.route("GET", sensors, self.sensors, needs=admin, on=all_of_it)
        door.route("POST", sensors, self.add_sensor, needs=admin, on=all_of_it, status=201)
        door.route(
            "DELETE", f"{sensors}/{{sensor}}", self.remove_sensor, needs=admin, on=all_of_it, status=204
        )

    async def show(self) -> MqttAnswer:
        """The broker, and how the connection is."""
        broker = await self._database.run(self._book.get)
        locked = await self._database.run(self._book.locked)
        state = self._at_work.state
        trouble = None if state is None else state.trouble
        return MqttAnswer(
            broker=None if broker is None else _answer(broker, locked=locked),
            connected=state is not None and state.connected,
            since=None if state is None else moment(state.since),
            trouble=None if trouble is None else _body(trouble),
            said=self._at_work.said,
        )

    async def set(self, asked: BrokerQuestion) -> MqttAnswer:
        """Sets the broker; to enter it is to allow that the house speaks to it."""
        broker = asked.broker(await self._database.run(self._book.get))
        await self._database.run(self._book.put, broker)
        await self._at_work.changed()
        return await self.show()

    async def remove(self) -> None:
        """Forgets the broker; what lies there of ours is taken back, if it can be reached."""
        await self._database.run(self._book.remove)
        await self._at_work.changed()

    async def test(self, asked: BrokerQuestion | None = None) -> None:
        """Connects once, by what is sent or else by what is stored; the error says what is wrong."""
        stored = await self._database.run(self._book.get)
        broker = stored if asked is None else asked.broker(stored)
        if broker is None:
            raise no_broker()
        await self._at_work.test(broker)

    async def listen(
        self, seconds: Annotated[float, Query(ge=0.1, le=LONGEST_LISTENING_S)] = 3.0
    ) -> list[HeardAnswer]:
        """Everything that is said at the broker for a while and what lies there, to choose sensors from."""
        broker = await self._database.run(self._book.get)
        if broker is None:
            raise no_broker()
        found = await self._at_work.listen(broker, seconds)
        return [
            HeardAnswer(
                topic=one.topic,
                payload=one.payload,
                fields=[FieldAnswer(field=field, state=state) for field, state in one.fields],
            )
            for one in found
        ]

    async def sensors(self) -> list[TopicSensorAnswer]:
        """Every sensor at the broker."""
        return [self._sensor(one) for one in await self._database.run(self._book.sensors)]

    async def add_sensor(self, asked: TopicSensorQuestion, access: TheAccess) -> TopicSensorAnswer:
        """Makes a topic a sensor of a site; rules can be set off by it from now on."""
        access.require(Permission.ADMIN, asked.site)
        check_topic(asked.topic)
        if await self._database.run(self._sites.get, asked.site) is None:
            raise WachtelError(ErrorKind.NOT_FOUND, f"There is no site {asked.site!r}.")
        sensor = TopicSensor(secrets.token_hex(6), asked.site, asked.name, asked.topic, asked.field)
        await self._database.run(self._book.add_sensor, sensor)
        await self._at_work.sensors_changed()
        return self._sensor(sensor)

    async def remove_sensor(self, sensor: Annotated[str, Path(max_length=64)]) -> None:
        """The topic is no sensor any more; rules that name it wait in vain."""
        await self._database.run(self._book.remove_sensor, sensor)
        await self._at_work.sensors_changed()

    def _sensor(self, sensor: TopicSensor) -> TopicSensorAnswer:
        return TopicSensorAnswer(
            id=sensor.id,
            site=sensor.site,
            name=sensor.name,
            topic=sensor.topic,
            field=sensor.field,
            state=self._at_work.sensor_says(sensor.id),
        )


def _answer(broker: Broker, *, locked: bool) -> BrokerAnswer:
    shown = replace(broker, password="")
    return BrokerAnswer(
        host=shown.host,
        port=shown.port,
        user=shown.user,
        has_password=bool(broker.password) or locked,
        locked=locked,
        tls=shown.tls,
        ca=shown.ca,
        prefix=shown.prefix,
        discovery=shown.discovery,
        allow_control=shown.allow_control,
        enabled=shown.enabled,
        language=shown.language,
    )


def _body(error: WachtelError) -> ErrorBody:
    return ErrorBody(
        kind=error.kind, what=error.what, hint=error.hint, details=dict(error.details), code=error.code
    )
