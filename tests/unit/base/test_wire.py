import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.base.wire import Channel, Message, Unpacker, pack


class Ping(Message, frozen=True):
    number: int
    body: bytes


class Pong(Message, frozen=True):
    number: int


@given(st.lists(st.binary(max_size=50), max_size=8), st.integers(1, 17))
def test_messages_survive_any_cutting_of_the_stream(bodies: list[bytes], step: int) -> None:
    sent = [Ping(number, body) for number, body in enumerate(bodies)]
    stream = b"".join(pack(message) for message in sent)
    unpacker: Unpacker[Ping | Pong] = Unpacker(Ping | Pong)
    received = [m for at in range(0, len(stream), step) for m in unpacker.feed(stream[at : at + step])]
    assert received == sent


@given(st.binary(min_size=4, max_size=200))
def test_nonsense_is_refused_or_awaits_more(data: bytes) -> None:
    unpacker: Unpacker[Ping] = Unpacker(Ping)
    try:
        unpacker.feed(data)
    except WachtelError as error:
        assert "between processes" in error.what


def test_a_channel_ends_when_the_other_end_is_gone() -> None:
    left, right = socket.socketpair()
    with left, right:
        sender: Channel[Ping] = Channel(left, Ping)
        receiver: Channel[Ping] = Channel(right, Ping)
        sender.send(Ping(1, b"a"))
        assert receiver.receive() == [Ping(1, b"a")]
        sender.close()
        with pytest.raises(EOFError):
            receiver.receive()
