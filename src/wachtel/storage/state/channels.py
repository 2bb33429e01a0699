"""Ways to tell people, in state.sqlite: what may be shown in plain columns, the driver's settings sealed."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.message import MessageKind
from wachtel.model.wishes import NO_WISHES, Wishes
from wachtel.storage.state.accounts import sites_of
from wachtel.storage.state.database import Database
from wachtel.storage.state.outbox import OutboxState
from wachtel.storage.state.schema import account as accounts
from wachtel.storage.state.schema import channel as table
from wachtel.storage.state.schema import outbox
from wachtel.storage.state.schema import site as sites
from wachtel.storage.state.sealing import Sealer

NEVER = WallUs(0)
_WITH_PERSON = select(table, accounts.c.sites.label("sees")).select_from(table).outerjoin(accounts)


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to tell somebody. ``kind`` names its driver, ``address`` is what may be shown of where it leads.

    ``site`` None means every site; ``kinds`` are the messages it wants, of what happened since ``created`` and since
    ``hears_from``, when it was switched on last. One that is not ``enabled`` gets none. ``account`` is the person whose
    device it is, None for a channel of the house; ``sees`` are the sites that person may see now, None for all of them.
    """

    id: str
    name: str
    kind: str
    site: str | None
    kinds: frozenset[MessageKind]
    address: str
    allow_local: bool
    created: WallUs
    enabled: bool = True
    hears_from: WallUs = NEVER
    account: str | None = None
    wishes: Wishes = NO_WISHES
    sees: frozenset[str] | None = None


class Channels:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def all(self) -> list[Channel]:
        """Every channel, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(_WITH_PERSON.order_by(table.c.created, table.c.id)).all()
        return [_channel(row) for row in rows]

    def get(self, channel: str) -> Channel | None:
        with self._database.read() as connection:
            row = connection.execute(_WITH_PERSON.where(table.c.id == channel)).first()
        return None if row is None else _channel(row)

    def settings(self, channel: str) -> str | None:
        """The driver's settings as JSON; None when the key is lost, or there is no such channel."""
        with self._database.read() as connection:
            sealed = connection.scalar(select(table.c.settings).where(table.c.id == channel))
        return None if sealed is None else self._sealer.open(sealed, _place(channel))

    def add(self, channel: Channel, settings: str) -> None:
        """Raises `WachtelError` (not_found: no such site; conflict: id taken; disk_error: no key to seal with)."""
        values = _values(channel) | {"settings": self._sealer.seal(settings, _place(channel.id))}
        with self._database.write() as connection:
            _require_site(connection, channel.site)
            connection.execute(insert(table).values(id=channel.id, **values))

    def change(self, channel: Channel, settings: str | None) -> None:
        """Stores what changed; settings None stay as they are. What waits in a channel that is off is discarded.

        Raises `WachtelError` (not_found).
        """
        values = _values(channel)
        if settings is not None:
            values["settings"] = self._sealer.seal(settings, _place(channel.id))
        with self._database.write() as connection:
            if not connection.execute(
                update(table).where(table.c.id == channel.id).values(**values)
            ).rowcount:
                raise _unknown(channel.id)
            if not channel.enabled:
                waiting = outbox.c.state == OutboxState.WAITING.value
                connection.execute(delete(outbox).where(outbox.c.channel == channel.id, waiting))

    def remove(self, channel: str) -> None:
        """Forgets the channel, its messages and its tries. Raises `WachtelError` (not_found)."""
        with self._database.write() as connection:
            connection.execute(delete(outbox).where(outbox.c.channel == channel))
            if not connection.execute(delete(table).where(table.c.id == channel)).rowcount:
                raise _unknown(channel)


def _values(channel: Channel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "kind": channel.kind,
        "site": channel.site,
        "kinds": msgspec.json.encode(sorted(channel.kinds)).decode(),
        "address": channel.address,
        "allow_local": channel.allow_local,
        "created": channel.created,
        "enabled": channel.enabled,
        "hears_from": channel.hears_from,
        "account": channel.account,
        "wishes": msgspec.json.encode(channel.wishes).decode(),
    }


def _require_site(connection: Connection, site: str | None) -> None:
    if site is not None and connection.execute(select(sites.c.id).where(sites.c.id == site)).first() is None:
        raise WachtelError(
            ErrorKind.NOT_FOUND, f"There is no site {site!r}.", hint="`wachtel site list` shows the sites."
        )


def _place(channel: str) -> str:
    return f"channel/{channel}/settings"


def _channel(row: Row[Any]) -> Channel:
    kinds = msgspec.json.decode(row.kinds, type=frozenset[MessageKind])
    return Channel(
        row.id,
        row.name,
        row.kind,
        row.site,
        kinds,
        row.address,
        row.allow_local,
        WallUs(row.created),
        row.enabled,
        WallUs(row.hears_from),
        row.account,
        msgspec.json.decode(row.wishes, type=Wishes),
        sites_of(row.sees),
    )


def _unknown(channel: str) -> WachtelError:
    return WachtelError(ErrorKind.NOT_FOUND, f"There is no channel {channel!r}.")
