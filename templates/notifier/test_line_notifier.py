"""The contract of notifiers, run on the template against a receiver of ten lines."""

import json
import socketserver
import threading
from collections.abc import Iterator

import pytest
from wachtel_line import driver

from wachtel.testing.contracts.notifier import AnyDriver, NotifierContract, ReceiverUnderTest

WORD = "hidden-canary"


class Listener(socketserver.StreamRequestHandler):
    """Says ok to whoever knows the word."""

    def handle(self) -> None:
        line = json.loads(self.rfile.readline())
        assert isinstance(self.server, Server)
        if line["word"] == WORD:
            self.server.got[line["message"]["id"]] = line["message"]
        self.wfile.write(b"ok\n" if line["word"] == WORD else b"no\n")


class Server(socketserver.ThreadingTCPServer):
    """Remembers each message by its id."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Listener)
        self.got: dict[str, object] = {}
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class TestLine(NotifierContract):
    @pytest.fixture
    def driver(self) -> AnyDriver:
        return driver

    @pytest.fixture
    def receiver(self) -> Iterator[ReceiverUnderTest]:
        server = Server()
        address = f"{WORD}@127.0.0.1:{server.server_address[1]}"
        yield ReceiverUnderTest(address, WORD, lambda: list(server.got), server.stop)
        server.stop()
