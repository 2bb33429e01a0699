"""Makes letters of messages: words in the channel's language, links that can be opened, the picture."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol
from zoneinfo import ZoneInfo

from wachtel.automation.signed_links import LinkSigner, Opens
from wachtel.automation.wording import priority_of, text_of, title_of
from wachtel.base.errors import WachtelError
from wachtel.base.units import US_PER_S, WallUs
from wachtel.model.message import Message
from wachtel.notifiers.api import Letter, no_picture
from wachtel.storage.state.channels import Channel
from wachtel.storage.state.sites import Sites

log = logging.getLogger(__name__)

PICTURE_TIMEOUT_S = 3.0
VALID_US = 86_400 * US_PER_S
"""So long a link opens without a log-in: as long as a push service keeps a message."""

PICTURE_PATH = "/api/v1/message-pictures/"
QUIET_PATH = "/api/v1/quiet/"

PictureOf = Callable[[Message], Awaitable[bytes | None]]


async def without_picture(_message: Message) -> bytes | None:
    """Where there is no archive."""
    return None


class Letters(Protocol):
    """Puts a message as one channel wants it."""

    async def write(self, message: Message, channel: Channel) -> Letter: ...


class LetterDesk:
    """``picture`` finds a message's picture; ``base`` gives the address under which people reach the page, without a
    slash at its end, "" as long as nobody knows; ``signer`` makes links that open without a log-in, None for none.
    """

    def __init__(
        self,
        sites: Sites,
        picture: PictureOf = without_picture,
        base: Callable[[], str] = lambda: "",
        signer: LinkSigner | None = None,
    ) -> None:
        self._sites = sites
        self._picture = picture
        self._base = base
        self._signer = signer

    async def write(self, message: Message, channel: Channel) -> Letter:
        """The letter; nothing is fetched before the driver asks for it."""
        return await asyncio.to_thread(self._write, message, channel)

    def _write(self, message: Message, channel: Channel) -> Letter:
        sites = self._sites.all()
        zones = {site.id: site.time_zone for site in sites}
        zone = ZoneInfo(zones.get("" if message.site is None else message.site.id, self._sites.first_zone()))
        language, base = channel.wishes.language, self._base()
        picture, quiet = self._signed(message, channel)
        return Letter(
            message=message,
            title=title_of(message, language),
            text=text_of(message, language, zone, name_site=len(sites) > 1),
            language=language,
            priority=priority_of(message),
            link=f"{base}{message.link}" if base and message.link else "",
            quiet_link=f"{base}{QUIET_PATH}{quiet}" if base and quiet else "",
            quiet_page=f"{base}/#/quiet?token={quiet}" if base and quiet else "",
            picture_path=f"{PICTURE_PATH}{picture}" if picture else "",
            quiet_path=f"{QUIET_PATH}{quiet}" if quiet else "",
            picture=self._fetcher(message) if message.snapshot else no_picture,
        )

    def _signed(self, message: Message, channel: Channel) -> tuple[str, str]:
        """Tokens for the picture and for being quiet; "" where there is nothing to open, or no key to sign with."""
        if self._signer is None:
            return "", ""
        until = WallUs(message.at + VALID_US)
        try:
            quiet = self._signer.sign(Opens.QUIET, channel.id, until)
            shown = message.snapshot and message.event
            return self._signer.sign(Opens.PICTURE, message.event, until) if shown else "", quiet
        except WachtelError as error:
            log.warning("messages go without links that open by themselves: %s", error)
            return "", ""

    def _fetcher(self, message: Message) -> Callable[[], Awaitable[bytes | None]]:
        async def fetch() -> bytes | None:
            """A message without its picture is better than none."""
            try:
                async with asyncio.timeout(PICTURE_TIMEOUT_S):
                    return await self._picture(message)
            except (WachtelError, TimeoutError) as error:
                log.info("message %s goes without its picture: %s", message.id, error)
                return None

        return fetch
