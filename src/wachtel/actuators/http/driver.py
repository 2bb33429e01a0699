"""The HTTP driver: one address to switch on, one to switch off."""

from collections.abc import Mapping
from dataclasses import dataclass

from wachtel.actuators.api import Command
from wachtel.base.address import resolved
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.web_address import parse_web_url
from wachtel.base.web_call import Sender

METHODS = ("GET", "POST", "PUT")
LEVEL = "{level}"


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """``{level}`` in an address becomes 0..100. ``off`` may be "" for what can only be called."""

    on: str
    off: str = ""
    method: str = "GET"
    body: str = ""
    allow_local: bool = False


class HttpDriver:
    """Calls an address; redirects are not followed, and names are looked up anew and checked each time."""

    settings_type = HttpSettings

    def __init__(self) -> None:
        self._sender = Sender()

    def create(self, fields: Mapping[str, str], *, allow_local: bool) -> HttpSettings:
        """Fields ``on``, ``off``, ``method`` and ``body``. Raises `WachtelError` (invalid, forbidden_url)."""
        unknown = fields.keys() - {"on", "off", "method", "body"}
        method = fields.get("method", "GET").upper()
        if unknown or method not in METHODS:
            raise WachtelError(
                ErrorKind.INVALID,
                "A web address takes the fields on, off, method and body.",
                hint=f"The method is one of {', '.join(METHODS)}.",
            )
        settings = HttpSettings(
            fields.get("on", "").strip(),
            fields.get("off", "").strip(),
            method,
            fields.get("body", ""),
            allow_local,
        )
        parse_web_url(_filled(settings.on, 0), allow_local=allow_local)
        if settings.off:
            parse_web_url(_filled(settings.off, 0), allow_local=allow_local)
        return settings

    def address(self, settings: HttpSettings) -> str:
        """Scheme and host."""
        return parse_web_url(_filled(settings.on, 0), allow_local=True).shown()

    async def drive(self, command: Command, settings: HttpSettings, clock: Clock) -> None:  # noqa: ARG002
        """One request to the address that the host name has now. Raises `WachtelError`."""
        level = command.level if command.level is not None else 100 if command.on else 0
        text = settings.on if command.on else settings.off
        if not text:
            raise WachtelError(
                ErrorKind.INVALID,
                "This has no address to switch it off.",
                hint="Add it anew with an address for off.",
            )
        url = parse_web_url(_filled(text, level), allow_local=settings.allow_local)
        endpoint = await resolved(url.host, url.port, allow_local=settings.allow_local)
        body = _filled(settings.body, level).encode()
        headers = {"User-Agent": "Wachtel"}
        if body:
            kind = "application/json" if body.lstrip()[:1] in (b"{", b"[") else "text/plain; charset=utf-8"
            headers["Content-Type"] = kind
        await self._sender.call(settings.method, url, endpoint, headers, body)


def _filled(text: str, level: int) -> str:
    return text.replace(LEVEL, str(level))
