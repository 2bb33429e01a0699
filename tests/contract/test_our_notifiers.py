"""Our own notifiers keep the contract; they are loaded the way strangers' are."""

from collections.abc import Iterator

import pytest
from ntfy_receiver import NtfyServer, sequence_of
from webhook_receiver import Receiver

from wachtel.base.plugins import load
from wachtel.model.message import MessageKind
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


IDS = {sequence_of(id): id for id in ["bare", *(a_message(kind).id for kind in MessageKind)]}
