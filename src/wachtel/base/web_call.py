"""One request: to a pinned address, within a deadline, without redirects, without reading more than is needed."""

import asyncio
import base64
import contextlib
import ssl
from functools import cached_property
from http import HTTPStatus

import httpx

from wachtel.base.address import Endpoint
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.web_address import WebUrl

TRY_TIMEOUT_S = 15.0
"""For everything: connecting, sending, and the head of the answer."""

CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 10.0
REST_TIMEOUT_S = 1.0
LARGEST_ANSWER_BYTES = 65_536

_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_KINDS = {401: ErrorKind.DENIED, 403: ErrorKind.DENIED, 404: ErrorKind.NOT_FOUND, 410: ErrorKind.NOT_FOUND}


class Sender:
    """Makes connections; each is used once, so that a receiver that goes away is noticed at once."""

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = httpx.create_ssl_context(trust_env=False)
        context.load_default_certs()
        return context

    @cached_property
    def _no_tls(self) -> ssl.SSLContext:
        """For plain HTTP, which never looks at it; to make none is not offered."""
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    async def post(self, url: WebUrl, endpoint: Endpoint, headers: dict[str, str], body: bytes) -> int:
        """The status of the answer, a 2xx. Raises as `call`."""
        return await self.call("POST", url, endpoint, headers, body)

    async def call(
        self, method: str, url: WebUrl, endpoint: Endpoint, headers: dict[str, str], body: bytes = b""
    ) -> int:
        """The status of the answer, a 2xx.

        Raises `WachtelError`: unreachable, refused, timeout, busy (try again later); redirect, denied, not_found,
        invalid (trying again does not help).
        """
        try:
            async with asyncio.timeout(TRY_TIMEOUT_S):
                status = await self._exchange(method, url, endpoint, headers, body)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _timeout(url) from error
        except httpx.ConnectError as error:
            raise _no_connection(url, error) from error
        except httpx.TransportError as error:
            raise _broken(url) from error
        _judge(url, status)
        return status

    async def _exchange(
        self, method: str, url: WebUrl, endpoint: Endpoint, headers: dict[str, str], body: bytes
    ) -> int:
        address = httpx.URL(
            scheme=url.scheme, host=endpoint.ip, port=endpoint.port, raw_path=url.target.encode("ascii")
        )
        request = httpx.Request(
            method,
            address,
            headers={"Host": url.authority, "Connection": "close", **headers, **_log_in(url)},
            content=body,
            extensions={
                "sni_hostname": url.host,
                "timeout": httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S).as_dict(),
            },
        )
        context = await asyncio.to_thread(lambda: self._tls if url.scheme == "https" else self._no_tls)
        async with httpx.AsyncHTTPTransport(verify=context) as transport:
            response = await transport.handle_async_request(request)
            await _read_a_little(response)
            await response.aclose()
        return response.status_code


async def _read_a_little(response: httpx.Response) -> None:
    """Lets a receiver finish its answer, as long as that is short; nobody reads it."""
    size = 0
    with contextlib.suppress(TimeoutError, httpx.TransportError):
        async with asyncio.timeout(REST_TIMEOUT_S):
            async for piece in response.aiter_raw():
                size += len(piece)
                if size > LARGEST_ANSWER_BYTES:
                    return


def basic(user: str, password: str) -> dict[str, str]:
    """The header of HTTP Basic (RFC 7617), in UTF-8."""
    pair = f"{user}:{password}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}


def _log_in(url: WebUrl) -> dict[str, str]:
    return {} if url.user is None else basic(url.user, url.password or "")


def _judge(url: WebUrl, status: int) -> None:
    if 200 <= status < 300:
        return
    details = {"host": url.host, "status": str(status)}
    if 300 <= status < 400:
        raise WachtelError(
            ErrorKind.REDIRECT,
            f"{url.host} sends us elsewhere ({status}), and we follow nobody.",
            code="receiver_redirects",
            hint="Enter the address it leads to, if you know it.",
            details=details,
        )
    if status in _AGAIN or not 400 <= status < 500:
        raise WachtelError(
            ErrorKind.BUSY,
            f"{url.host} could not take the message ({status}).",
            code="receiver_busy",
            hint="It is tried again.",
            details=details,
        )
    raise WachtelError(
        _KINDS.get(status, ErrorKind.INVALID),
        f"{url.host} refuses the message ({status}).",
        code="receiver_refuses",
        hint="Look at the address, and at what the receiver expects.",
        details=details,
    )


def _timeout(url: WebUrl) -> WachtelError:
    return WachtelError(
        ErrorKind.TIMEOUT,
        f"{url.host} did not answer in time.",
        code="receiver_late",
        hint="It is tried again.",
        details={"host": url.host},
    )


def _no_connection(url: WebUrl, error: httpx.ConnectError) -> WachtelError:
    details = {"host": url.host, "port": str(url.port)}
    if _has_cause(error, ssl.SSLError):
        return WachtelError(
            ErrorKind.UNREACHABLE,
            f"{url.host} could not prove that it is {url.host}.",
            code="receiver_unproven",
            hint="Its certificate is not valid here; renew it, or let this machine trust its issuer.",
            details=details,
        )
    if _has_cause(error, ConnectionRefusedError):
        return WachtelError(
            ErrorKind.REFUSED,
            f"{url.host} is there, but nobody listens on port {url.port}.",
            code="receiver_closed",
            hint="Is the receiver running?",
            details=details,
        )
    return WachtelError(
        ErrorKind.UNREACHABLE,
        f"{url.host} cannot be reached.",
        code="receiver_away",
        hint="Is it switched on, and on this network?",
        details=details,
    )


def _broken(url: WebUrl) -> WachtelError:
    return WachtelError(
        ErrorKind.STREAM_ENDED,
        f"{url.host} ended the connection, or did not speak HTTP.",
        code="receiver_broke_off",
        hint="It is tried again.",
        details={"host": url.host},
    )


def _has_cause(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        if isinstance(error, OSError) and error.errno == 111 and kind is ConnectionRefusedError:
            return True
        error = error.__cause__ or error.__context__
    return False
