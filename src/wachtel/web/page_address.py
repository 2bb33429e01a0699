"""``/api/v1/page-address``: under which address people reach the page, for links in messages."""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.web_address import parse_web_url
from wachtel.model.access import Permission
from wachtel.storage.state.settings import PAGE_ADDRESS, Settings
from wachtel.web.answers import Answer, Question
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.threads import OneThread


class PageAddressAnswer(Answer):
    """``address`` stands in messages; ``found`` is what this machine found out by itself, "" while it is off, and
    ``said`` what the owner said instead, null when nobody did.
    """

    address: str
    found: str
    said: str | None


class PageAddressQuestion(Question):
    """``said`` null: as it is found out."""

    said: Annotated[str, Field(min_length=1, max_length=300)] | None


class PageAddressRoutes:
    """Seeing and setting it."""

    def __init__(self, settings: Settings, found: Callable[[], str], database: OneThread) -> None:
        self._settings = settings
        self._found = found
        self._database = database

    def add_to(self, door: Door) -> None:
        path = "/api/v1/page-address"
        door.route("GET", path, self.get, needs=Permission.ADMIN, on=On.INSTALLATION)
        door.route("PUT", path, self.put, needs=Permission.ADMIN, on=On.INSTALLATION)

    async def get(self) -> PageAddressAnswer:
        """The address, and where it comes from."""
        said = await self._database.run(self._settings.get, PAGE_ADDRESS, str)
        found = self._found()
        return PageAddressAnswer(address=said or found, found=found, said=said)

    async def put(self, asked: PageAddressQuestion) -> PageAddressAnswer:
        """Says it, or takes it back; holds for the next message."""
        said = None if asked.said is None else _origin(asked.said)
        await self._database.run(self._settings.put, PAGE_ADDRESS, said)
        return await self.get()


def _origin(text: str) -> str:
    """Raises `WachtelError` (forbidden_url, invalid)."""
    url = parse_web_url(text, allow_local=True)
    if url.target != "/" or url.user is not None:
        raise WachtelError(
            ErrorKind.INVALID,
            "The address of the page is that of this machine alone, without a path or a user.",
            hint="It looks like https://wachtel.example.org or https://192.168.1.5:8090.",
        )
    return f"{url.scheme}://{url.authority}"
