"""What every notifier driver must do (`wachtel.notifiers.api`), as tests that a driver's author inherits.

::

    class TestMyNotifier(NotifierContract):
        @pytest.fixture
        def driver(self) -> AnyDriver: ...

        @pytest.fixture
        def receiver(self) -> Iterator[ReceiverUnderTest]: ...
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import pytest

from wachtel.base.clock import Clock, SystemClock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.event import Why
from wachtel.model.message import Message, MessageKind, Named
from wachtel.notifiers.api import Letter, Needs, NotifierDriver, Priority, Receipt

AnyDriver = NotifierDriver[Any]

AT = WallUs(1_795_271_400_000_000)
PATIENCE_S = 30.0
PICTURE = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + bytes(20_000) + b"\xff\xd9"
"""Begins and ends like a JPEG; nobody on the way looks into it."""

NONSENSE = ("", " ", "\0", "file:///etc/passwd", "javascript:alert(1)", "x" * 5000, "http://[::1", "//")


@dataclass(frozen=True, slots=True)
class ReceiverUnderTest:
    """Somebody who gets messages on this machine.

    ``address`` is what a person would type, with a password or another secret in it, which is ``secret``. ``got`` gives
    the ids of the messages received so far, doubled ones counted once. ``vanish`` lets nobody listen any more.
    """

    address: str
    secret: str
    got: Callable[[], Sequence[str]]
    vanish: Callable[[], None]


class NotifierContract(ABC):
    """Inherit, fill in the two fixtures, and run pytest."""

    @pytest.fixture
    @abstractmethod
    def driver(self) -> AnyDriver:
        """The driver under test."""

    @pytest.fixture
    @abstractmethod
    def receiver(self) -> Iterator[ReceiverUnderTest]:
        """A receiver that takes everything."""

    @pytest.fixture
    def clock(self) -> Clock:
        """The machine's clock."""
        return SystemClock()

    def test_settings_survive_being_stored(self, driver: AnyDriver, receiver: ReceiverUnderTest) -> None:
        settings = driver.create(receiver.address, allow_local=True)
        stored = msgspec.json.encode(settings)
        assert msgspec.json.decode(stored, type=driver.settings_type) == settings

    def test_what_is_shown_holds_no_secret(self, driver: AnyDriver, receiver: ReceiverUnderTest) -> None:
        settings = driver.create(receiver.address, allow_local=True)
        shown = driver.address(settings)
        assert shown and receiver.secret not in shown
        assert not driver.secret(settings) or driver.secret(settings) not in shown

    def test_an_address_that_makes_no_sense_is_refused_in_words(
        self, driver: AnyDriver, receiver: ReceiverUnderTest
    ) -> None:
        for address in NONSENSE:
            with pytest.raises(WachtelError) as raised:
                driver.create(address, allow_local=True)
            assert raised.value.kind in (ErrorKind.INVALID, ErrorKind.FORBIDDEN_URL)
            assert raised.value.hint and receiver.secret not in str(raised.value)

    def test_a_change_keeps_the_secret_that_receivers_know(
        self, driver: AnyDriver, receiver: ReceiverUnderTest
    ) -> None:
        settings = driver.create(receiver.address, allow_local=True)
        for address in (None, receiver.address):
            changed = driver.change(settings, address, allow_local=True)
            assert driver.secret(changed) == driver.secret(settings)
            assert driver.address(changed) == driver.address(settings)

    @pytest.mark.parametrize("kind", list(MessageKind))
    def test_every_kind_of_message_arrives(
        self, driver: AnyDriver, receiver: ReceiverUnderTest, clock: Clock, kind: MessageKind
    ) -> None:
        message = a_message(kind)
        deliver(driver, message, driver.create(receiver.address, allow_local=True), clock)
        assert receiver.got() == [message.id]

    def test_a_message_with_nothing_but_its_kind_arrives(
        self, driver: AnyDriver, receiver: ReceiverUnderTest, clock: Clock
    ) -> None:
        message = Message("bare", MessageKind.TEST, AT)
        deliver(driver, message, driver.create(receiver.address, allow_local=True), clock)
        assert receiver.got() == ["bare"]

    def test_a_letter_with_picture_and_links_arrives(
        self, driver: AnyDriver, receiver: ReceiverUnderTest, clock: Clock
    ) -> None:
        settings = driver.create(receiver.address, allow_local=True)
        asyncio.run(within_time(driver.deliver(full_letter(), settings, clock)))
        assert receiver.got() == [a_message().id]

    def test_it_says_what_it_needs_and_how_much_people_bear(
        self, driver: AnyDriver, receiver: ReceiverUnderTest
    ) -> None:
        assert driver.needs(driver.create(receiver.address, allow_local=True)) in Needs
        assert 0 <= driver.per_hour <= 240

    def test_a_field_nobody_knows_is_refused(self, driver: AnyDriver, receiver: ReceiverUnderTest) -> None:
        with pytest.raises(WachtelError) as raised:
            driver.create(receiver.address, allow_local=True, fields={"no-such-field": "x"})
        assert raised.value.kind is ErrorKind.INVALID and raised.value.hint

    def test_repeating_is_harmless(
        self, driver: AnyDriver, receiver: ReceiverUnderTest, clock: Clock
    ) -> None:
        settings = driver.create(receiver.address, allow_local=True)
        for _ in range(2):
            deliver(driver, a_message(), settings, clock)
        assert receiver.got() == [a_message().id]

    def test_nobody_there_is_an_error_that_can_be_tried_again_and_tells_no_secret(
        self, driver: AnyDriver, receiver: ReceiverUnderTest, clock: Clock
    ) -> None:
        settings = driver.create(receiver.address, allow_local=True)
        receiver.vanish()
        with pytest.raises(WachtelError) as raised:
            deliver(driver, a_message(), settings, clock)
        assert raised.value.retryable and raised.value.hint
        assert receiver.secret not in f"{raised.value} {raised.value.details}"


def a_message(kind: MessageKind = MessageKind.EVENT_BEGAN) -> Message:
    """A message with everything in it, and a name that is hard on formats."""
    return Message(
        id=f"20261121T143000000Z-hall.{kind.value}",
        kind=kind,
        at=AT,
        site=Named("home", 'Zuhause "am Wald" & <b>\u202e'),
        cameras=(Named("hall", "Flur \N{BIRD}"),),
        event="20261121T143000000Z-hall",
        start=AT,
        end=AT,
        score=0.9,
        zones=("path",),
        why=Why(0.2, 0.8, 0.1),
        reason="timeout",
        what="It does not answer.",
        link="/#/event/20261121T143000000Z-hall",
        snapshot="/api/v1/events/20261121T143000000Z-hall/snapshot.jpg",
    )


def plain_letter(message: Message) -> Letter:
    """A letter that holds nothing but the message and some words."""
    return Letter(message, "Bewegung: Flur \N{BIRD}", "14:30:00, Zone path\n<b>&", "de")


def full_letter(message: Message | None = None) -> Letter:
    """A letter with a picture and every link."""

    async def picture() -> bytes:
        return PICTURE

    return replace(
        plain_letter(message or a_message()),
        priority=Priority.HIGH,
        link="https://wachtel.example:8090/#/event/20261121T143000000Z-hall",
        quiet_page="https://wachtel.example:8090/#/quiet?token=abc",
        quiet_link="https://wachtel.example:8090/api/v1/quiet/abc",
        picture_path="/api/v1/message-pictures/abc",
        quiet_path="/api/v1/quiet/abc",
        picture=picture,
    )


def deliver(driver: AnyDriver, message: Message, settings: Any, clock: Clock) -> Receipt:
    """One try, which must not take for ever."""
    return asyncio.run(within_time(driver.deliver(plain_letter(message), settings, clock)))


async def within_time(delivery: Coroutine[Any, Any, Receipt]) -> Receipt:
    """A try that takes for ever has failed."""
    async with asyncio.timeout(PATIENCE_S):
        return await delivery
