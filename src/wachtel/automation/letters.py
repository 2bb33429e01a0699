"""Makes letters of messages: words in the channel's language, links that can be opened, the picture."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol
from zoneinfo import ZoneInfo

from wachtel.automation.wording import priority_of, text_of, title_of
from wachtel.base.errors import WachtelError
from wachtel.model.message import Message
from wachtel.notifiers.api import Letter, no_picture
from wachtel.storage.state.channels import Channel
from wachtel.storage.state.sites import Sites

log = logging.getLogger(__name__)

PICTURE_TIMEOUT_S = 3.0

PictureOf = Callable[[Message], Awaitable[bytes | None]]


async def without_picture(_message: Message) -> bytes | None:
    """Where there is no archive."""
    return None


class Letters(Protocol):
    """Puts a message as one channel wants it."""

    async def write(self, message: Message, channel: Channel) -> Letter: ...


class LetterDesk:
    """``picture`` finds a message's picture; ``base`` gives the address under which people reach the page, without a
    slash at its end, "" as long as nobody knows.
    """

    def __init__(
        self, sites: Sites, picture: PictureOf = without_picture, base: Callable[[], str] = lambda: ""
    ) -> None:
        self._sites = sites
        self._picture = picture
        self._base = base

    async def write(self, message: Message, channel: Channel) -> Letter:
        """The letter; nothing is fetched before the driver asks for it."""
        return await asyncio.to_thread(self._write, message, channel)

    def _write(self, message: Message, channel: Channel) -> Letter:
        sites = self._sites.all()
        zones = {site.id: site.time_zone for site in sites}
        zone = ZoneInfo(zones.get("" if message.site is None else message.site.id, self._sites.first_zone()))
        language, base = channel.wishes.language, self._base()
        return Letter(
            message=message,
            title=title_of(message, language),
            text=text_of(message, language, zone, name_site=len(sites) > 1),
            language=language,
            priority=priority_of(message),
            link=f"{base}{message.link}" if base and message.link else "",
            picture=self._fetcher(message) if message.snapshot else no_picture,
        )

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
