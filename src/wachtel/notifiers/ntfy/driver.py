"""The ntfy driver."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from wachtel.base.address import resolved
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.web_address import WebUrl, leads_into_the_house, parse_web_url
from wachtel.base.web_call import Sender, basic
from wachtel.notifiers.api import NO_FIELDS, Letter, Needs, Receipt
from wachtel.notifiers.ntfy.publishing import with_picture, with_text

FIELDS = ("user", "password", "token")
_NO_PICTURES = frozenset({"400", "413"})
"""How a server answers that keeps no attachments, or none that large."""


@dataclass(frozen=True, slots=True)
class NtfySettings:
    """``url`` is the topic's address; its path is a secret as good as a password. Either a token or user and password
    may be set.
    """

    url: str
    user: str = ""
    password: str = ""
    token: str = ""
    allow_local: bool = False


class NtfyDriver:
    """PUTs each message to a topic."""

    settings_type = NtfySettings
    per_hour = 12

    def __init__(self) -> None:
        self._sender = Sender()

    def create(
        self, address: str, *, allow_local: bool, fields: Mapping[str, str] = NO_FIELDS
    ) -> NtfySettings:
        """``https://ntfy.example.org/topic``; fields ``user`` and ``password``, or ``token``. Raises `WachtelError`."""
        return self.change(NtfySettings(""), address, allow_local=allow_local, fields=fields)

    def change(
        self,
        settings: NtfySettings,
        address: str | None,
        *,
        allow_local: bool,
        fields: Mapping[str, str] = NO_FIELDS,
    ) -> NtfySettings:
        """What is not given stays, but nobody's password goes to another server. Raises `WachtelError`."""
        if fields.keys() - set(FIELDS):
            raise _invalid("ntfy takes the fields user and password, or token.", code="no_ntfy_field")
        text = settings.url if address is None else address
        url = parse_web_url(text, allow_local=allow_local)
        _check_topic(url)
        if settings.url and _place(parse_web_url(settings.url, allow_local=True)) != _place(url):
            settings = NtfySettings("")
        typed = {} if url.user is None else {"user": url.user, "password": url.password or ""}
        given = {name: value.strip() for name, value in (typed | dict(fields)).items()}
        changed = replace(settings, url=_without_user(url), allow_local=allow_local, **given)
        _check_log_in(changed)
        return changed

    def address(self, settings: NtfySettings) -> str:
        """Scheme and host."""
        return parse_web_url(settings.url, allow_local=True).shown()

    def secret(self, settings: NtfySettings) -> str:  # noqa: ARG002
        """The receiver needs none of ours."""
        return ""

    def needs(self, settings: NtfySettings) -> Needs:
        """A server in the house works without the internet."""
        inside = leads_into_the_house(parse_web_url(settings.url, allow_local=True).host)
        return Needs.LAN if inside else Needs.INTERNET

    async def deliver(self, letter: Letter, settings: NtfySettings, clock: Clock) -> Receipt:  # noqa: ARG002
        """One request with the picture; a server that keeps no pictures gets the words alone. Raises `WachtelError`."""
        url = parse_web_url(settings.url, allow_local=settings.allow_local)
        endpoint, picture = await asyncio.gather(
            resolved(url.host, url.port, allow_local=settings.allow_local),
            letter.picture(),
        )
        log_in = _log_in(settings)
        if picture is not None:
            headers, body = with_picture(letter, picture)
            try:
                return Receipt(await self._sender.call("PUT", url, endpoint, headers | log_in, body))
            except WachtelError as error:
                if error.details.get("status") not in _NO_PICTURES:
                    raise
        headers, body = with_text(letter)
        return Receipt(await self._sender.call("PUT", url, endpoint, headers | log_in, body))


def _check_topic(url: WebUrl) -> None:
    if "?" in url.target or url.target.strip("/") == "":
        raise _invalid("The address of an ntfy topic ends with its name.", code="ntfy_topic")


def _check_log_in(settings: NtfySettings) -> None:
    for value in (settings.user, settings.password, settings.token):
        if len(value) > 500 or any(not char.isprintable() for char in value):
            raise _invalid("That is no user, password or token of ntfy.", code="ntfy_log_in")
    if settings.token and not settings.token.isascii():
        raise _invalid("That is no user, password or token of ntfy.", code="ntfy_log_in")


def _place(url: WebUrl) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port


def _without_user(url: WebUrl) -> str:
    return f"{url.scheme}://{url.authority}{url.target}"


def _log_in(settings: NtfySettings) -> dict[str, str]:
    if settings.token:
        return {"Authorization": f"Bearer {settings.token}"}
    return basic(settings.user, settings.password) if settings.user else {}


def _invalid(what: str, *, code: str) -> WachtelError:
    return WachtelError(
        ErrorKind.INVALID, what, code=code, hint="It looks like https://ntfy.example.org/my-topic."
    )
