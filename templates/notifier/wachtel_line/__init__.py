"""A notifier that sends each message as one line of JSON to a program that listens on a TCP port."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from wachtel.base.address import resolve_host
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import secret
from wachtel.notifiers.api import NO_FIELDS, Letter, Needs, Receipt

PATIENCE_S = 10.0
_ADDRESS = re.compile(
    r"(?:(?P<word>[^\s@]{1,100})@)?(?P<host>[A-Za-z0-9._-]{1,253}):(?P<port>\d{1,5})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class LineSettings:
    """``word`` is sent with every line, so that the receiver knows it is ours."""

    host: str
    port: int
    word: str
    allow_local: bool = False


class LineDriver:
    """The driver: one object, no state."""

    settings_type = LineSettings
    per_hour = 0

    def create(
        self, address: str, *, allow_local: bool, fields: Mapping[str, str] = NO_FIELDS
    ) -> LineSettings:
        """``host:port``, or ``word@host:port``; there are no fields. Raises `WachtelError` (invalid)."""
        if fields:
            raise WachtelError(
                ErrorKind.INVALID, "There are no fields here.", hint="Put the word before the host."
            )
        match = _ADDRESS.fullmatch(address.strip())
        if match is None or not 1 <= int(match["port"]) <= 65535:
            raise WachtelError(
                ErrorKind.INVALID,
                "This is no host with a port.",
                hint="The address looks like example.org:9000.",
            )
        return LineSettings(match["host"], int(match["port"]), match["word"] or secret(128), allow_local)

    def change(
        self,
        settings: LineSettings,
        address: str | None,
        *,
        allow_local: bool,
        fields: Mapping[str, str] = NO_FIELDS,
    ) -> LineSettings:
        """Another place; the word stays unless a new one is typed."""
        if address is None:
            return replace(settings, allow_local=allow_local)
        typed = self.create(address, allow_local=allow_local, fields=fields)
        return typed if "@" in address else replace(typed, word=settings.word)

    def address(self, settings: LineSettings) -> str:
        return f"{settings.host}:{settings.port}"

    def secret(self, settings: LineSettings) -> str:
        return settings.word

    def needs(self, settings: LineSettings) -> Needs:  # noqa: ARG002
        """Nobody can tell by the name of a host; say what is true of yours."""
        return Needs.LAN

    async def deliver(self, letter: Letter, settings: LineSettings, clock: Clock) -> Receipt:
        """One connection, one line, one line of answer: ``ok`` or what is wrong.

        Raises `WachtelError`: unreachable, refused, timeout, busy (try again later); denied (it said no).
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer = await _exchange(letter, settings, clock)
        except TimeoutError as error:
            raise WachtelError(
                ErrorKind.TIMEOUT, f"{settings.host} did not answer in time.", hint="It is tried again."
            ) from error
        except OSError as error:
            refused = isinstance(error, ConnectionRefusedError)
            raise WachtelError(
                ErrorKind.REFUSED if refused else ErrorKind.UNREACHABLE,
                f"{settings.host} cannot be reached on port {settings.port}.",
                hint="Is the receiver running?",
            ) from error
        return _judged(answer, settings)


async def _exchange(letter: Letter, settings: LineSettings, clock: Clock) -> bytes:
    endpoint = await asyncio.to_thread(
        resolve_host,
        settings.host,
        settings.port,
        allow_local=settings.allow_local,
        timeout_s=PATIENCE_S / 2,
    )
    reader, writer = await asyncio.open_connection(endpoint.ip, endpoint.port)
    try:
        line = {
            "word": settings.word,
            "sent": clock.wall_us(),
            "title": letter.title,
            "message": letter.message,
        }
        writer.write(msgspec.json.encode(line) + b"\n")
        await writer.drain()
        return await reader.read(100)
    finally:
        writer.close()


def _judged(answer: bytes, settings: LineSettings) -> Receipt:
    if answer.startswith(b"ok"):
        return Receipt()
    if not answer:
        raise WachtelError(
            ErrorKind.BUSY, f"{settings.host} hung up without an answer.", hint="It is tried again."
        )
    raise WachtelError(
        ErrorKind.DENIED, f"{settings.host} refuses the message.", hint="Does it know this channel's word?"
    )


driver = LineDriver()
"""What the entry point names."""
