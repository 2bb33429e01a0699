"""Our own notifiers keep the contract; they are loaded the way strangers' are."""

from collections.abc import Iterator

import pytest
from webhook_receiver import Receiver

from wachtel.base.plugins import load
from wachtel.testing.contracts.notifier import AnyDriver, NotifierContract, ReceiverUnderTest


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
