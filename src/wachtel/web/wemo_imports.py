"""``/api/v1/wemo/rule-imports``: rules that the Wemo app kept become rules of ours."""

import base64
import binascii
from typing import Annotated

from pydantic import Field

from wachtel.actuators.wemo.messages import Place
from wachtel.actuators.wemo.settings import checked_host
from wachtel.automation.wemo.imports import ImportWish, RulesImport
from wachtel.automation.wemo.rule_import import Converted
from wachtel.automation.wemo.rule_words import words
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.model.rule import Rule
from wachtel.storage.foreign.wemo_rules import LARGEST_FILE_BYTES
from wachtel.web.access import TheAccess
from wachtel.web.answers import Answer, Question, moment
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.wemo import WemoHouse
from wachtel.web.rule_questions import (
    ActionAnswer,
    ConditionsAnswer,
    TriggerAnswer,
    action_answer,
    conditions_answer,
    trigger_answer,
)

Identifier = Annotated[str, Field(max_length=128)]


class WemoPlaceQuestion(Question):
    """A device that keeps rules."""

    udn: Identifier
    host: Annotated[str, Field(max_length=64)]
    port: Annotated[int, Field(ge=1, le=65535)]
    allow_local: bool = False


class WemoImportQuestion(Question):
    """Either ``file``, in base64, or ``device``. ``cameras``: which camera takes the place of which old sensor.

    ``channel`` is for rules that send messages. ``dry_run`` only tells what would be made.
    """

    site: Annotated[str, Field(max_length=64)]
    file: Annotated[str, Field(max_length=LARGEST_FILE_BYTES * 4 // 3 + 8)] = ""
    device: WemoPlaceQuestion | None = None
    cameras: dict[Identifier, Identifier] = Field(default={}, max_length=64)
    channel: Annotated[str, Field(max_length=64)] = ""
    dry_run: bool = True


class ImportedRuleAnswer(Answer):
    """A rule that is made, or would be."""

    id: str
    name: str
    enabled: bool
    triggers: list[TriggerAnswer]
    conditions: ConditionsAnswer
    actions: list[ActionAnswer]


class RemarkAnswer(Answer):
    """Why something of the old rule was not carried over (``left``), or what to check. ``rule`` is its old name."""

    rule: str
    left: bool
    code: str
    de: str
    en: str


class WemoImportAnswer(Answer):
    """``id`` undoes it; "" when nothing was made."""

    id: str
    rules: list[ImportedRuleAnswer]
    remarks: list[RemarkAnswer]


class WemoImportedAnswer(Answer):
    """An import that can be undone; ``rules`` are those of it that are still there."""

    id: str
    site: str
    at: str
    rules: list[str]


class WemoImportRoutes:
    """Nothing is changed in the file or the device."""

    def __init__(self, house: WemoHouse) -> None:
        self._house = house

    def add_to(self, door: Door) -> None:
        every, one = "/api/v1/wemo/rule-imports", "/api/v1/wemo/rule-imports/{imported}"
        door.route("GET", every, self.all, needs=Permission.ADMIN, on=On.EACH)
        door.route("POST", every, self.take_over, needs=Permission.ADMIN, on=On.EACH)
        door.route("DELETE", one, self.undo, needs=Permission.ADMIN, on=On.EACH, status=204)

    async def all(self, access: TheAccess) -> list[WemoImportedAnswer]:
        """Imports that can be undone, newest first."""
        found = await self._house.rule_imports()
        return [_imported(one) for one in found if access.may(Permission.ADMIN, one.site)]

    async def take_over(self, asked: WemoImportQuestion, access: TheAccess) -> WemoImportAnswer:
        """Tells what would be made of the old rules, or makes it."""
        access.require(Permission.ADMIN, asked.site)
        data = await self._data(asked)
        wish = ImportWish(asked.site, asked.cameras, asked.channel)
        if asked.dry_run:
            return _answer("", await self._house.look_at_rules(data, wish))
        done, found = await self._house.take_over_rules(data, wish)
        return _answer(done.id, found)

    async def _data(self, asked: WemoImportQuestion) -> bytes:
        if (asked.device is None) == (not asked.file):
            raise WachtelError(ErrorKind.INVALID, "Give either a file or a device.")
        if asked.device is not None:
            host = checked_host(asked.device.host, allow_local=asked.device.allow_local)
            return await self._house.rules_of(Place(asked.device.udn, host, asked.device.port))
        try:
            return base64.b64decode(asked.file, validate=True)
        except (binascii.Error, ValueError):
            raise WachtelError(ErrorKind.INVALID, "The file is not in base64.") from None

    async def undo(self, imported: Identifier, access: TheAccess) -> None:
        """Removes the rules that an import made; those that were removed already stay so."""
        known = next((one for one in await self._house.rule_imports() if one.id == imported), None)
        if known is None or not access.may(Permission.ADMIN, known.site):
            raise WachtelError(ErrorKind.NOT_FOUND, "There is no such import, or its rules are gone.")
        await self._house.undo_import(imported)


def _answer(id: str, found: Converted) -> WemoImportAnswer:
    remarks = []
    for one in found.remarks:
        german, english = words(one.code, one.details)
        remarks.append(RemarkAnswer(rule=one.rule, left=one.left, code=one.code, de=german, en=english))
    return WemoImportAnswer(id=id, rules=[_rule(one) for one in found.rules], remarks=remarks)


def _rule(rule: Rule) -> ImportedRuleAnswer:
    return ImportedRuleAnswer(
        id=rule.id,
        name=rule.name,
        enabled=rule.enabled,
        triggers=[trigger_answer(one) for one in rule.triggers],
        conditions=conditions_answer(rule.conditions),
        actions=[action_answer(one) for one in rule.actions],
    )


def _imported(one: RulesImport) -> WemoImportedAnswer:
    return WemoImportedAnswer(id=one.id, site=one.site, at=moment(one.at), rules=list(one.rules))
