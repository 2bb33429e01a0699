"""Framed messages between our own processes: four bytes of length (big endian), then MessagePack.

Messages are `msgspec.Struct`s with a tag, so a channel is a union of types and both ends agree on it by type.
"""

import socket
from typing import Generic, TypeVar

import msgspec

from wachtel.base.errors import ErrorKind, WachtelError

LARGEST_MESSAGE_BYTES = 64 << 20
_LENGTH_BYTES = 4

T = TypeVar("T")


class Message(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Base of everything that crosses a process border."""


_encoder = msgspec.msgpack.Encoder()


def pack(message: Message) -> bytes:
    """One message with its length in front."""
    body = _encoder.encode(message)
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


class Unpacker(Generic[T]):
    """Bytes in, messages out; keeps what is not yet whole."""

    def __init__(self, kinds: object) -> None:
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(kinds)
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[T]:
        """The messages that are whole now. Raises `WachtelError` (bad_data) on nonsense."""
        self._rest += data
        found: list[T] = []
        start = 0
        while len(self._rest) - start >= _LENGTH_BYTES:
            length = int.from_bytes(self._rest[start : start + _LENGTH_BYTES], "big")
            if length > LARGEST_MESSAGE_BYTES:
                raise WachtelError(
                    ErrorKind.BAD_DATA, f"A message of {length} bytes between processes is too large."
                )
            end = start + _LENGTH_BYTES + length
            if len(self._rest) < end:
                break
            found.append(self._decode(bytes(self._rest[start + _LENGTH_BYTES : end])))
            start = end
        del self._rest[:start]
        return found

    def _decode(self, body: bytes) -> T:
        try:
            return self._decoder.decode(body)
        except msgspec.MsgspecError as error:
            raise WachtelError(
                ErrorKind.BAD_DATA, f"A message between processes does not fit its type: {error}"
            ) from error


class Channel(Generic[T]):
    """A blocking channel over a stream socket, for the threads of workers. Sending is not thread-safe."""

    def __init__(self, connection: socket.socket, kinds: object) -> None:
        self._connection = connection
        self._unpacker: Unpacker[T] = Unpacker(kinds)

    def send(self, *messages: Message) -> None:
        """Sends messages in one piece; raises `OSError` when the other end is gone."""
        if messages:
            self._connection.sendall(b"".join(map(pack, messages)))

    def receive(self) -> list[T]:
        """Waits for at least a piece of a message; [] may be returned. Raises `EOFError` when the other end closed."""
        data = self._connection.recv(1 << 18)
        if not data:
            raise EOFError
        return self._unpacker.feed(data)

    def close(self) -> None:
        """Closes the socket; a thread waiting in `receive` is woken."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        finally:
            self._connection.close()
