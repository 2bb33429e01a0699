"""``/api/v1/homekit``: the bridge to Apple Home, and how to pair with it."""

from typing import Annotated

from pydantic import Field

from wachtel.automation.homekit.desk import require_library, setup_of
from wachtel.cameras.discovery.networks import local_networks
from wachtel.model.access import Permission
from wachtel.model.homekit import PORT, HomeKit, check_homekit
from wachtel.protocols.homekit import setup_address
from wachtel.storage.state import State
from wachtel.web.answers import Answer, ErrorBody, Question
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.house import HomeKitAtWork
from wachtel.web.threads import OneThread


class HomeKitAnswer(Answer):
    """``address`` is null before it was ever switched on. ``code`` is what a person types to pair, ``uri`` what the QR
    code holds, ``qr`` that as a picture (a data URI); all are null while it is off. ``paired``: with how many
    controllers; ``addresses`` are those of this machine to choose from.
    """

    enabled: bool
    address: str | None
    port: int
    running: bool
    paired: int
    code: str | None
    uri: str | None
    qr: str | None
    trouble: ErrorBody | None
    addresses: list[str]


class HomeKitQuestion(Question):
    """``address``: the one of this machine it shall be found at."""

    address: Annotated[str, Field(min_length=1, max_length=64)]
    port: Annotated[int, Field(ge=1, le=65535)] = PORT
    enabled: bool = True


class HomeKitRoutes:
    """Switching it on and off, and pairing anew."""

    def __init__(self, state: State, at_work: HomeKitAtWork, database: OneThread) -> None:
        self._state = state
        self._at_work = at_work
        self._database = database

    def add_to(self, door: Door) -> None:
        base, admin, all_of_it = "/api/v1/homekit", Permission.ADMIN, On.INSTALLATION
        door.route("GET", base, self.show, needs=admin, on=all_of_it)
        door.route("PUT", base, self.set, needs=admin, on=all_of_it)
        door.route("POST", f"{base}/reset", self.reset, needs=admin, on=all_of_it)

    async def show(self) -> HomeKitAnswer:
        """How it is, and how to pair."""
        settings = await self._database.run(self._state.homekit.get)
        setup = await self._database.run(self._state.homekit.setup)
        state = self._at_work.state
        enabled = settings is not None and settings.enabled
        uri = setup_address(setup.code, setup.setup_id) if enabled and setup is not None else None
        return HomeKitAnswer(
            enabled=enabled,
            address=None if settings is None else settings.address,
            port=PORT if settings is None else settings.port,
            running=state.running,
            paired=state.paired,
            code=setup.code if enabled and setup is not None else None,
            uri=uri,
            qr=None if uri is None else _drawn(uri),
            trouble=None
            if state.trouble is None
            else ErrorBody(
                kind=state.trouble.kind,
                what=state.trouble.what,
                hint=state.trouble.hint,
                details=dict(state.trouble.details),
                code=state.trouble.code,
            ),
            addresses=[address for address, _ in local_networks()],
        )

    async def set(self, asked: HomeKitQuestion) -> HomeKitAnswer:
        """Switches it on or off. To switch it on is to allow that the local network is told of it."""
        wanted = HomeKit(asked.address, asked.port, asked.enabled)
        check_homekit(wanted)
        if wanted.enabled:
            require_library()
            await self._database.run(setup_of, self._state)
        await self._database.run(self._state.homekit.put, wanted)
        await self._at_work.changed()
        return await self.show()

    async def reset(self) -> HomeKitAnswer:
        """Forgets every pairing; the setup code is a new one. What was paired must be added again."""
        await self._database.run(self._state.homekit.reset)
        settings = await self._database.run(self._state.homekit.get)
        if settings is not None and settings.enabled:
            await self._database.run(setup_of, self._state)
        await self._at_work.changed()
        return await self.show()


def _drawn(uri: str) -> str:
    """As a QR code."""
    # 1.5 MB for as long as the server runs, and most never look at this page.
    import segno

    return segno.make(uri, micro=False).svg_data_uri(scale=4, border=4, light="#fff")
