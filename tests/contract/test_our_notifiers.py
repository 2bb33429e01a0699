"""Our own notifiers keep the contract; they are loaded the way strangers' are."""

from collections.abc import Iterator

import pytest
from mail_server import MailServer
from ntfy_receiver import NtfyServer, sequence_of
from push_service import PushService
from webhook_receiver import Receiver

from wachtel.base.plugins import load
from wachtel.model.message import MessageKind
from wachtel.notifiers.email.composing import message_id
from wachtel.notifiers.webpush.encrypting import topic
from wachtel.testing.contracts.notifier import AnyDriver, NotifierContract, ReceiverUnderTest, a_message


class TestWebhook(NotifierContract):
    @pytest.fixture
    def driver(self) -> AnyDriver:
        loaded: AnyDriver = load("wachtel.notifiers", "webhook")
        return loaded

    @pytest.fixture
    def receiver(self) -> Iterator[ReceiverUnderTest]:
        with Receiver() as running:
            url = running.url.replace("://", "://anna:hidden-canary@")
            yield ReceiverUnderTest(
                url, "hidden-canary", lambda: list(dict.fromkeys(running.accepted)), running.stop
            )


class TestNtfy(NotifierContract):
    @pytest.fixture
    def driver(self) -> AnyDriver:
        loaded: AnyDriver = load("wachtel.notifiers", "ntfy")
        return loaded

    @pytest.fixture
    def receiver(self) -> Iterator[ReceiverUnderTest]:
        with NtfyServer(user="anna", password="hidden-canary") as server:
            url = server.topic_url.replace("://", "://anna:hidden-canary@")
            yield ReceiverUnderTest(
                url, "hidden-canary", lambda: [IDS[sequence] for sequence in server.shown], server.stop
            )


class TestEmail(NotifierContract):
    @pytest.fixture
    def driver(self) -> AnyDriver:
        loaded: AnyDriver = load("wachtel.notifiers", "email")
        return loaded

    @pytest.fixture
    def receiver(self) -> Iterator[ReceiverUnderTest]:
        with MailServer(user="anna", password="hidden-canary") as server:
            who = "from=wachtel@house.example&to=anna@house.example&security=none"
            address = f"smtp://anna:hidden-canary@127.0.0.1:{server.port}/?{who}"
            ids = {message_id(message, "wachtel@house.example"): message for message in KNOWN}
            yield ReceiverUnderTest(
                address, "hidden-canary", lambda: [ids[known] for known in server.inbox], server.stop
            )


KNOWN = ["bare", *(a_message(kind).id for kind in MessageKind)]
IDS = {sequence_of(id): id for id in KNOWN}


class TestWebPush(NotifierContract):
    @pytest.fixture
    def driver(self) -> AnyDriver:
        loaded: AnyDriver = load("wachtel.notifiers", "webpush")
        return loaded

    @pytest.fixture
    def receiver(self) -> Iterator[ReceiverUnderTest]:
        with PushService() as service:
            tags = {topic(message): message for message in KNOWN}
            yield ReceiverUnderTest(
                service.address, "endpoint-canary", lambda: [tags[tag] for tag in service.shown], service.stop
            )
