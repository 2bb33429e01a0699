"""Alarm panels in state.sqlite: how each site's is set up, what it is doing, its codes and its log."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.alarm import AlarmNote, AlarmNoteKind, AlarmSettings, PanelState
from wachtel.storage.state.database import Database
from wachtel.storage.state.outbox import NewEntry, insert_entries
from wachtel.storage.state.schema import alarm_code as codes
from wachtel.storage.state.schema import alarm_note as notes
from wachtel.storage.state.schema import alarm_panel as panels

MOST_NOTES = 2000
"""Lines of log that are kept of each site."""


@dataclass(frozen=True, slots=True)
class StoredPanel:
    """``salt`` is that of all codes of the site."""

    settings: AlarmSettings
    state: PanelState
    salt: bytes


@dataclass(frozen=True, slots=True)
class AlarmCode:
    """The code of a person; ``hash`` is what the site's salt makes of it."""

    id: str
    site: str
    name: str
    hash: bytes
    duress: bool
    created: WallUs


@dataclass(frozen=True, slots=True)
class AlarmWork:
    """What one moment changed at a site, stored as one. ``state`` None leaves the state as it was."""

    site: str
    state: PanelState | None = None
    notes: Sequence[AlarmNote] = ()


@dataclass(frozen=True, slots=True)
class LoggedNote:
    """``number`` rises from line to line."""

    number: int
    note: AlarmNote


class Alarms:
    """Blocking; usable by any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, StoredPanel]:
        """Every panel, by its site."""
        with self._database.read() as connection:
            rows = connection.execute(select(panels)).all()
        return {row.site: _panel(row.settings, row.state, row.salt) for row in rows}

    def get(self, site: str) -> StoredPanel | None:
        """None where no panel is set up."""
        with self._database.read() as connection:
            row = connection.execute(select(panels).where(panels.c.site == site)).first()
        return None if row is None else _panel(row.settings, row.state, row.salt)

    def set_up(self, site: str, settings: AlarmSettings, state: PanelState, salt: bytes) -> None:
        """Sets up a panel, or changes how it is set up; then its state and its salt stay as they are.

        Raises `WachtelError` (conflict) when there is no such site.
        """
        encoded = _json(settings)
        statement = upsert(panels).values(site=site, settings=encoded, state=_json(state), salt=salt)
        with self._database.write() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["site"], set_={"settings": encoded})
            )

    def remove(self, site: str) -> None:
        """Takes the panel away with its codes; its log stays. Harmless where there is none."""
        with self._database.write() as connection:
            connection.execute(delete(codes).where(codes.c.site == site))
            connection.execute(delete(panels).where(panels.c.site == site))

    def put(self, work: Sequence[AlarmWork], messages: Sequence[NewEntry] = ()) -> None:
        """Stores it with the messages it makes, in one transaction."""
        with self._database.write() as connection:
            for one in work:
                if one.state is not None:
                    encoded = _json(one.state)
                    connection.execute(update(panels).where(panels.c.site == one.site).values(state=encoded))
                if one.notes:
                    connection.execute(insert(notes), [_row(one.site, note) for note in one.notes])
            if messages:
                insert_entries(connection, messages)
            for site in {one.site for one in work if one.notes}:
                old = select(notes.c.id).where(notes.c.site == site).order_by(notes.c.id.desc())
                connection.execute(delete(notes).where(notes.c.id.in_(old.offset(MOST_NOTES))))

    def log(self, site: str, limit: int = 50, before: int | None = None) -> list[LoggedNote]:
        """What happened, newest first; ``before`` this number."""
        question = select(notes).where(notes.c.site == site).order_by(notes.c.id.desc()).limit(limit)
        if before is not None:
            question = question.where(notes.c.id < before)
        with self._database.read() as connection:
            return [
                LoggedNote(row.id, AlarmNote(WallUs(row.at), AlarmNoteKind(row.kind), row.who, row.detail))
                for row in connection.execute(question)
            ]

    def codes(self, site: str) -> list[AlarmCode]:
        """The codes of a site, oldest first."""
        question = select(codes).where(codes.c.site == site).order_by(codes.c.created, codes.c.id)
        with self._database.read() as connection:
            return [
                AlarmCode(row.id, row.site, row.name, row.hash, row.duress, WallUs(row.created))
                for row in connection.execute(question)
            ]

    def add_code(self, code: AlarmCode) -> None:
        """Raises `WachtelError` (conflict) when there is no such site."""
        values = {
            "id": code.id,
            "site": code.site,
            "name": code.name,
            "hash": code.hash,
            "duress": code.duress,
            "created": code.created,
        }
        with self._database.write() as connection:
            connection.execute(insert(codes).values(**values))

    def remove_code(self, site: str, code: str) -> None:
        """Raises `WachtelError` (not_found)."""
        with self._database.write() as connection:
            found = connection.execute(delete(codes).where(codes.c.site == site, codes.c.id == code))
            if not found.rowcount:
                raise WachtelError(ErrorKind.NOT_FOUND, "There is no such code.")


def _panel(settings: str, state: str, salt: bytes) -> StoredPanel:
    return StoredPanel(
        msgspec.json.decode(settings, type=AlarmSettings), msgspec.json.decode(state, type=PanelState), salt
    )


def _json(value: AlarmSettings | PanelState) -> str:
    return msgspec.json.encode(value).decode()


def _row(site: str, note: AlarmNote) -> dict[str, object]:
    return {"site": site, "at": note.at, "kind": note.kind.value, "who": note.who, "detail": note.detail}
