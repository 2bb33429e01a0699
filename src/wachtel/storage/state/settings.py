"""Settings of the whole installation in state.sqlite, each a name and a JSON value."""

from typing import TypeVar

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from wachtel.storage.state.database import Database
from wachtel.storage.state.schema import setting as table

T = TypeVar("T")

KEEP_FREE_BYTES = "keep_free_bytes"
"""How much of the archive's volume stays free; absent: the usual part."""

PAGE_ADDRESS = "page_address"
"""Under which address people reach the page, as the owner said; absent: as it is found out."""


class Settings:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str, kind: type[T]) -> T | None:
        """A setting, None when nobody set it or its value is not of this kind."""
        with self._database.read() as connection:
            value = connection.scalar(select(table.c.value).where(table.c.name == name))
        try:
            return None if value is None else msgspec.json.decode(value, type=kind)
        except msgspec.MsgspecError:
            return None

    def put(self, name: str, value: object) -> None:
        """Sets it; None takes it away."""
        with self._database.write() as connection:
            if value is None:
                connection.execute(delete(table).where(table.c.name == name))
                return
            statement = insert(table).values(name=name, value=msgspec.json.encode(value).decode())
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["name"], set_={"value": statement.excluded.value}
                )
            )
