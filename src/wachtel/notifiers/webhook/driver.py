"""The webhook driver."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from wachtel.base.address import resolved
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.ids import secret
from wachtel.base.web_address import leads_into_the_house, parse_web_url
from wachtel.base.web_call import Sender
from wachtel.notifiers.api import NO_FIELDS, Letter, Needs, Receipt
from wachtel.notifiers.webhook.body import body_of, headers_of

SECRET_BITS = 256


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """``url`` may hold user and password; ``secret`` signs."""

    url: str
    secret: str
    allow_local: bool = False


class WebhookDriver:
    """POSTs each message; see `wachtel.notifiers.webhook.body` for what a receiver gets."""

    settings_type = WebhookSettings
    per_hour = 0

    def __init__(self) -> None:
        self._sender = Sender()

    def create(
        self, address: str, *, allow_local: bool, fields: Mapping[str, str] = NO_FIELDS
    ) -> WebhookSettings:
        """Settings with a new secret; there are no fields. Raises `WachtelError` (forbidden_url, invalid)."""
        _refuse(fields)
        parse_web_url(address, allow_local=allow_local)
        return WebhookSettings(address.strip(), secret(SECRET_BITS), allow_local)

    def change(
        self,
        settings: WebhookSettings,
        address: str | None,
        *,
        allow_local: bool,
        fields: Mapping[str, str] = NO_FIELDS,
    ) -> WebhookSettings:
        """Another address, the same secret. Raises `WachtelError` (forbidden_url, invalid)."""
        _refuse(fields)
        url = settings.url if address is None else address.strip()
        parse_web_url(url, allow_local=allow_local)
        return replace(settings, url=url, allow_local=allow_local)

    def address(self, settings: WebhookSettings) -> str:
        """Scheme and host."""
        return parse_web_url(settings.url, allow_local=True).shown()

    def secret(self, settings: WebhookSettings) -> str:
        """What the receiver checks signatures with."""
        return settings.secret

    def needs(self, settings: WebhookSettings) -> Needs:
        """By the host of the address."""
        inside = leads_into_the_house(parse_web_url(settings.url, allow_local=True).host)
        return Needs.LAN if inside else Needs.INTERNET

    async def deliver(self, letter: Letter, settings: WebhookSettings, clock: Clock) -> Receipt:
        """One POST to the address that the host name has now; no redirects are followed.

        Raises `WachtelError`: unreachable, refused, timeout, busy (try again later); forbidden_url, redirect, denied,
        not_found, invalid (trying again does not help).
        """
        url = parse_web_url(settings.url, allow_local=settings.allow_local)
        endpoint = await resolved(url.host, url.port, allow_local=settings.allow_local)
        body = body_of(letter.message)
        headers = headers_of(letter.message, body, settings.secret, clock.wall_us())
        return Receipt(await self._sender.post(url, endpoint, headers, body))


def _refuse(fields: Mapping[str, str]) -> None:
    if fields:
        raise WachtelError(
            ErrorKind.INVALID,
            "A webhook has no fields beside its address.",
            code="no_such_field",
            hint="User and password stand in the address.",
        )
