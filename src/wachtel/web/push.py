"""``/api/v1/push``: everybody's own devices that show messages."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field
from starlette.requests import Request

from wachtel.automation.push_devices import PushDevices, Subscription
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.storage.state.accounts import Accounts
from wachtel.storage.state.channels import Channel
from wachtel.web.access import Access, TheAccess
from wachtel.web.answers import Answer, Name, Question, moment
from wachtel.web.channels import DeliveryAnswer, delivery_answer
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.house import Messages
from wachtel.web.threads import OneThread

Key = Annotated[str, Field(min_length=1, max_length=200)]


class DeviceAnswer(Answer):
    """One browser on one device."""

    id: str
    name: str
    address: str
    created: str


class PushAnswer(Answer):
    """``public_key`` is what a browser subscribes with; ``devices`` are those of the person who asks."""

    public_key: str
    devices: list[DeviceAnswer]


class DeviceQuestion(Question):
    """What the browser gave (Push API, ``PushSubscription``), and what people call the device."""

    name: Name
    endpoint: Annotated[str, Field(min_length=1, max_length=2048)]
    p256dh: Key
    auth: Key
    language: Literal["de", "en"] = "en"


class PushRoutes:
    """Subscribing, trying, and taking it back."""

    def __init__(
        self, devices: PushDevices, accounts: Accounts, messages: Messages, database: OneThread
    ) -> None:
        self._devices = devices
        self._accounts = accounts
        self._messages = messages
        self._database = database

    def add_to(self, door: Door) -> None:
        every, one = "/api/v1/push", "/api/v1/push/{device}"
        door.route("GET", every, self.all, needs=Permission.VIEW, on=On.EACH)
        door.route("POST", every, self.add, needs=Permission.VIEW, on=On.EACH, status=201)
        door.route("DELETE", one, self.remove, needs=Permission.VIEW, on=On.EACH, status=204)
        door.route("POST", f"{one}/test", self.test, needs=Permission.VIEW, on=On.EACH)

    async def all(self, access: TheAccess) -> PushAnswer:
        """The key to subscribe with, and one's own devices."""
        account = await self._account(access)
        key = await self._database.run(self._devices.public_key)
        return PushAnswer(public_key=key, devices=[_answer(one) for one in await self._of(account)])

    async def add(self, asked: DeviceQuestion, access: TheAccess, request: Request) -> DeviceAnswer:
        """Lets this device show messages; they go through the push service of its browser's maker."""
        account = await self._account(access)
        subscription = Subscription(asked.endpoint, asked.p256dh, asked.auth, _subject(request))
        made = await self._database.run(self._devices.add, account, asked.name, subscription, asked.language)
        await self._messages.channels_changed()
        return _answer(made)

    async def remove(self, device: str, access: TheAccess) -> None:
        """Takes it back."""
        found = await self._database.run(self._devices.get, await self._account(access), device)
        await self._database.run(self._devices.remove, found.id)
        await self._messages.channels_changed()

    async def test(self, device: str, access: TheAccess) -> DeliveryAnswer:
        """Sends a test message to it now."""
        found = await self._database.run(self._devices.get, await self._account(access), device)
        return delivery_answer(await self._messages.test(found))

    async def _of(self, account: str) -> list[Channel]:
        return await self._database.run(self._devices.of, account)

    async def _account(self, access: Access) -> str:
        """Raises `WachtelError` (denied): tokens and the command line have no devices."""
        if await self._database.run(self._accounts.get, access.who.id) is None:
            raise WachtelError(
                ErrorKind.DENIED,
                "Devices belong to people.",
                hint="Log in on the page, on the device that shall show messages.",
            )
        return access.who.id


def _subject(request: Request) -> str:
    """The page's own address, where it is one that push services accept (RFC 8292 section 2.1)."""
    origin = urlsplit(request.headers.get("origin", ""))
    named = origin.scheme == "https" and origin.hostname is not None and "." in origin.hostname
    return f"https://{origin.hostname}" if named and ":" not in str(origin.hostname) else ""


def _answer(channel: Channel) -> DeviceAnswer:
    return DeviceAnswer(
        id=channel.id, name=channel.name, address=channel.address, created=moment(channel.created)
    )
