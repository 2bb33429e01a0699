"""The web push driver. A channel is one browser on one device."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from wachtel.base.address import check_public, in_numbers, resolved
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.web_address import leads_into_the_house, parse_web_url
from wachtel.base.web_call import Sender
from wachtel.notifiers.api import NO_FIELDS, Letter, Needs, Receipt

if TYPE_CHECKING:
    from types import ModuleType

FIELDS = ("p256dh", "auth", "key", "subject")
GONE = "push_gone"
_GONE = frozenset({"404", "410"})
NOBODY = "mailto:wachtel@localhost"
AUTH_BYTES = 16


@dataclass(frozen=True, slots=True)
class WebPushSettings:
    """``endpoint`` came from the browser, as did ``p256dh`` and ``auth`` (RFC 8291); ``key`` is ours, ``subject`` says
    to the push service who sends. Anybody who knows the endpoint and our key can send to the device.
    """

    endpoint: str
    p256dh: str
    auth: str
    key: str
    subject: str = NOBODY
    allow_local: bool = False


class WebPushDriver:
    """POSTs each message, encrypted for one browser, to the push service that the browser named."""

    settings_type = WebPushSettings
    per_hour = 12

    def __init__(self) -> None:
        self._sender = Sender()

    def create(
        self, address: str, *, allow_local: bool, fields: Mapping[str, str] = NO_FIELDS
    ) -> WebPushSettings:
        """The endpoint; fields ``p256dh``, ``auth``, ``key`` and ``subject``, which may also stand behind a ``#``.

        An endpoint comes from a browser, so it may lead nowhere but to the internet, by https; ``allow_local`` is the
        owner's word for a push service of their own. Raises `WachtelError` (forbidden_url, invalid).
        """
        endpoint, _, more = address.strip().partition("#")
        given = dict(parse_qsl(more)) | dict(fields)
        _check_endpoint(endpoint, allow_local=allow_local)
        if given.keys() - set(FIELDS) or not _is_subscription(given):
            raise _no_subscription()
        subject = given.get("subject") or NOBODY
        return WebPushSettings(endpoint, given["p256dh"], given["auth"], given["key"], subject, allow_local)

    def change(
        self,
        settings: WebPushSettings,
        address: str | None,
        *,
        allow_local: bool,
        fields: Mapping[str, str] = NO_FIELDS,
    ) -> WebPushSettings:
        """Another subscription of the same browser. Raises as `create`."""
        if address is None and not fields:
            _check_endpoint(settings.endpoint, allow_local=allow_local)
            return replace(settings, allow_local=allow_local)
        before = {name: getattr(settings, name) for name in FIELDS}
        return self.create(
            settings.endpoint if address is None else address,
            allow_local=allow_local,
            fields=_over(before, address, fields),
        )

    def address(self, settings: WebPushSettings) -> str:
        """The push service's host."""
        return parse_web_url(settings.endpoint, allow_local=True).shown()

    def secret(self, settings: WebPushSettings) -> str:  # noqa: ARG002
        """The browser got it when it subscribed."""
        return ""

    def needs(self, settings: WebPushSettings) -> Needs:  # noqa: ARG002
        """Whatever the device, its maker carries the message."""
        return Needs.PUSH_SERVICE

    async def deliver(self, letter: Letter, settings: WebPushSettings, clock: Clock) -> Receipt:
        """One request. Raises `WachtelError`; with the code ``push_gone`` the device is to be forgotten."""
        url = parse_web_url(settings.endpoint, allow_local=settings.allow_local)
        endpoint = await resolved(
            url.host, url.port, allow_local=settings.allow_local, public_only=not settings.allow_local
        )
        rules = await asyncio.to_thread(_encrypting)
        body = rules.encrypted(
            rules.payload(letter), rules.decoded(settings.p256dh), rules.decoded(settings.auth)
        )
        headers = rules.headers_of(letter, url, settings.key, settings.subject, clock.wall_us())
        try:
            return Receipt(await self._sender.post(url, endpoint, headers, body))
        except WachtelError as error:
            if error.details.get("status") in _GONE:
                raise _gone(url.host, error.details["status"]) from error
            raise


def _encrypting() -> "ModuleType":
    """Its libraries are loaded when the first message goes this way."""
    from wachtel.notifiers.webpush import encrypting

    return encrypting


def _over(before: Mapping[str, str], address: str | None, fields: Mapping[str, str]) -> dict[str, str]:
    typed = dict(parse_qsl((address or "").partition("#")[2]))
    return {**before, **typed, **fields}


def _check_endpoint(endpoint: str, *, allow_local: bool) -> None:
    url = parse_web_url(endpoint, allow_local=allow_local)
    if allow_local:
        return
    if url.scheme != "https" or url.user is not None:
        raise _no_subscription()
    address = in_numbers(url.host.removesuffix("."))
    if address is not None:
        check_public(address, url.host)
    elif leads_into_the_house(url.host):
        raise _no_subscription()


def _is_subscription(given: Mapping[str, str]) -> bool:
    rules = _encrypting()
    try:
        return bool(
            rules.is_point(rules.decoded(given["p256dh"]))
            and len(rules.decoded(given["auth"])) == AUTH_BYTES
            and rules.public_key(given["key"])
            and len(given.get("subject", "")) <= 300
        )
    except (KeyError, ValueError):
        return False


def _no_subscription() -> WachtelError:
    return WachtelError(
        ErrorKind.INVALID,
        "That is no subscription to push messages as browsers make it.",
        code="push_subscription",
        hint="Open the page on the device and switch messages on there.",
    )


def _gone(host: str, status: str) -> WachtelError:
    return WachtelError(
        ErrorKind.NOT_FOUND,
        f"{host} knows this device no more ({status}); it is forgotten.",
        code="push_gone",
        hint="Switch messages on again on that device.",
        details={"host": host, "status": status},
    )
