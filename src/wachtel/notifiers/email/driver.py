"""The e-mail driver."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Mapping
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING

from wachtel.base.address import Endpoint, resolved
from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.base.web_address import leads_into_the_house
from wachtel.notifiers.api import NO_FIELDS, Letter, Needs, Receipt
from wachtel.notifiers.email.composing import composed
from wachtel.notifiers.email.errors import no_connection, put_in_words, some_refused, too_late
from wachtel.notifiers.email.settings import EmailSettings, Security, read, unprotected

if TYPE_CHECKING:
    from aiosmtplib import SMTP

CONNECT_TIMEOUT_S = 5.0
STEP_TIMEOUT_S = 15.0
TRY_TIMEOUT_S = 30.0


class EmailDriver:
    """Hands each message to a mail server (RFC 5321), by a connection of its own."""

    settings_type = EmailSettings
    per_hour = 12

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def create(
        self, address: str, *, allow_local: bool, fields: Mapping[str, str] = NO_FIELDS
    ) -> EmailSettings:
        """``smtps://mail.example.org``; fields ``from``, ``to``, ``user``, ``password``, ``security``.

        Raises `WachtelError` (invalid, forbidden_url).
        """
        return read(address, None, fields, allow_local=allow_local)

    def change(
        self,
        settings: EmailSettings,
        address: str | None,
        *,
        allow_local: bool,
        fields: Mapping[str, str] = NO_FIELDS,
    ) -> EmailSettings:
        """What is not given stays, but nobody's password goes to another server. Raises `WachtelError`."""
        return read(address, settings, fields, allow_local=allow_local)

    def address(self, settings: EmailSettings) -> str:
        """Who gets it, and by which server."""
        return f"{', '.join(settings.recipients)} ({settings.host})"

    def secret(self, settings: EmailSettings) -> str:  # noqa: ARG002
        """The receiver needs none of ours."""
        return ""

    def needs(self, settings: EmailSettings) -> Needs:
        """By the host of the server; where that sends it on to is another matter."""
        return Needs.LAN if leads_into_the_house(settings.host) else Needs.INTERNET

    async def deliver(self, letter: Letter, settings: EmailSettings, clock: Clock) -> Receipt:  # noqa: ARG002
        """One mail for all recipients; returns when the server has taken it.

        Raises `WachtelError`: unreachable, refused, timeout, busy, stream_ended (try again later); denied, invalid,
        forbidden_url (trying again does not help).
        """
        try:
            async with asyncio.timeout(TRY_TIMEOUT_S):
                return await self._deliver(letter, settings)
        except TimeoutError as error:
            raise too_late(settings.host) from error

    async def _deliver(self, letter: Letter, settings: EmailSettings) -> Receipt:
        endpoint, picture = await asyncio.gather(
            resolved(settings.host, settings.port, allow_local=settings.allow_local),
            letter.picture(),
        )
        if settings.security is Security.NONE and ip_address(endpoint.ip).is_global:
            raise unprotected(settings.host)
        mail = composed(letter, settings.sender, settings.recipients, picture)
        connection = await _connected(endpoint, settings.host)
        try:
            return await self._hand_over(connection, mail, settings)
        finally:
            connection.close()

    async def _hand_over(self, connection: socket.socket, mail: bytes, settings: EmailSettings) -> Receipt:
        from aiosmtplib import SMTPException

        server = self._server(connection, settings)
        try:
            await server.connect()
            refused, _ = await server.sendmail(settings.sender, settings.recipients, mail)
        except (SMTPException, OSError) as error:
            raise put_in_words(error, settings.host) from error
        finally:
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                if server.is_connected:
                    await server.quit(timeout=1.0)
            server.close()
        if refused:
            code = min(answer.code for answer in refused.values())
            raise some_refused(settings.host, sorted(refused), code)
        return Receipt(250)

    def _server(self, connection: socket.socket, settings: EmailSettings) -> "SMTP":
        from aiosmtplib import SMTP

        return SMTP(
            hostname=settings.host,
            username=settings.user or None,
            password=settings.password if settings.user else None,
            use_tls=settings.security is Security.TLS,
            start_tls=settings.security is Security.STARTTLS,
            tls_context=None if settings.security is Security.NONE else self._tls,
            local_hostname=_literal(connection),
            timeout=STEP_TIMEOUT_S,
            sock=connection,
        )


async def _connected(endpoint: Endpoint, host: str) -> socket.socket:
    """To the pinned address, whatever the name leads to by now."""
    connection = socket.socket(endpoint.family, socket.SOCK_STREAM)
    connection.setblocking(False)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await asyncio.get_running_loop().sock_connect(connection, (endpoint.ip, endpoint.port))
    except TimeoutError as error:
        connection.close()
        raise too_late(host) from error
    except OSError as error:
        connection.close()
        raise no_connection(error, host, endpoint.port) from error
    except WachtelError:
        connection.close()
        raise
    return connection


def _literal(connection: socket.socket) -> str:
    """How a machine without a public name greets (RFC 5321 section 4.1.3)."""
    own = str(connection.getsockname()[0])
    return f"[IPv6:{own}]" if ":" in own else f"[{own}]"
