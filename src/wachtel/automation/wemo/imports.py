"""Takes over rules of the Wemo app: first only shown, then made, and all that was made can be removed in one step."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from wachtel.actuators.wemo import driver
from wachtel.automation.actuators import settings_of
from wachtel.automation.wemo.devices import KIND
from wachtel.automation.wemo.rule_import import Converted, Known, convert
from wachtel.automation.wemo.sensors import WemoSensors
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import WallUs
from wachtel.model.rule import Rule
from wachtel.storage.foreign.wemo_rules_process import read_apart
from wachtel.storage.state import State

SETTING = "wemo_imports"
MOST_KEPT = 20


@dataclass(frozen=True, slots=True)
class RulesImport:
    """One import that was done: the rules it made, as far as nobody has removed them since."""

    id: str
    site: str
    at: WallUs
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportWish:
    """``cameras``: which camera takes the place of which old sensor, by its ``uuid:``. ``channel`` "" for none."""

    site: str
    cameras: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""


class RuleImports:
    """Created inside the loop. ``changed`` is called after rules were made or removed."""

    def __init__(self, state: State, changed: Callable[[], Awaitable[None]], clock: Clock) -> None:
        self._state = state
        self._changed = changed
        self._clock = clock

    async def look(self, data: bytes, wish: ImportWish) -> Converted:
        """What an import would make; nothing is stored. Raises `WachtelError` (bad_data, invalid)."""
        file = await read_apart(data)
        known = await asyncio.to_thread(self._known, wish)
        return convert(file, known, wish.site, lambda: secrets.token_hex(6))

    async def apply(self, data: bytes, wish: ImportWish) -> tuple[RulesImport, Converted]:
        """Makes the rules. Raises `WachtelError` (bad_data, invalid)."""
        found = await self.look(data, wish)
        if not found.rules:
            raise WachtelError(
                ErrorKind.INVALID,
                "Nothing of this file can be carried over.",
                hint="The report says what is missing for which rule.",
                code="wemo_nothing_to_import",
            )
        made = await asyncio.to_thread(self._store, found, wish.site)
        await self._changed()
        return made, found

    async def all(self) -> list[RulesImport]:
        """Imports of which rules are still there, newest first."""
        return await asyncio.to_thread(self._imports)

    async def undo(self, one: str) -> None:
        """Removes the rules that an import made. Raises `WachtelError` (not_found)."""
        await asyncio.to_thread(self._remove, one)
        await self._changed()

    def _known(self, wish: ImportWish) -> Known:
        cameras = {one.id for one in self._state.cameras.all() if one.site == wish.site}
        if not set(wish.cameras.values()) <= cameras:
            raise WachtelError(ErrorKind.INVALID, "One of these cameras is not at this site.")
        if wish.channel and self._state.channels.get(wish.channel) is None:
            raise WachtelError(ErrorKind.INVALID, "There is no such channel.")
        targets = {}
        for actuator in self._state.actuators.all():
            if actuator.kind == KIND and actuator.site == wish.site:
                settings = settings_of(driver, self._state.actuators.settings(actuator.id))
                if settings is not None:
                    targets[settings.udn] = actuator.id
        sensors = {
            one.udn: one.name for one in WemoSensors(self._state.settings).all() if one.site == wish.site
        }
        return Known(targets, sensors, wish.cameras, wish.channel)

    def _store(self, found: Converted, site: str) -> RulesImport:
        now = self._clock.wall_us()
        made: list[Rule] = []
        for rule in found.rules:
            stored = replace(rule, created=WallUs(now + len(made)), hears_from=now)
            self._state.rules.add(stored)
            made.append(stored)
        one = RulesImport(secrets.token_hex(6), site, now, tuple(rule.id for rule in made))
        self._state.settings.put(SETTING, [one, *self._imports()][:MOST_KEPT])
        return one

    def _imports(self) -> list[RulesImport]:
        there = {rule.id for rule in self._state.rules.all()}
        known = self._state.settings.get(SETTING, list[RulesImport]) or []
        left = [replace(one, rules=tuple(rule for rule in one.rules if rule in there)) for one in known]
        return [one for one in left if one.rules]

    def _remove(self, wanted: str) -> None:
        known = self._imports()
        one = next((found for found in known if found.id == wanted), None)
        if one is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no such import, or its rules are gone.")
        for rule in one.rules:
            with suppress(WachtelError):
                self._state.rules.remove(rule)
        self._state.settings.put(SETTING, [found for found in known if found.id != wanted] or None)
