"""``/api/v1/rules``: what happens by itself, why it did or did not, and what it would have done."""

import secrets
from dataclasses import replace
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from wachtel.automation.rule_conflicts import conflicts
from wachtel.automation.rule_doers import no_broker
from wachtel.automation.rules import needs_place
from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.model.rule import DRIVEN, OF_CAMERA_PARTS, ActionKind, Rule, RuleNote, Why
from wachtel.model.rule_checks import check_rule
from wachtel.storage.state import State
from wachtel.storage.state.rule_work import OrderState, StoredOrder
from wachtel.web.access import TheAccess, TheRule
from wachtel.web.answers import Answer, moment
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.house import RulePictureShelf, RulesAtWork
from wachtel.web.rule_questions import (
    ActionAnswer,
    ConflictAnswer,
    RuleAnswer,
    RuleChangeQuestion,
    RuleQuestion,
    action_answer,
    conditions_answer,
    rule_of,
    trigger_answer,
)
from wachtel.web.threads import OneThread

MOST_RULES = 200


class OrderAnswer(Answer):
    """What came of one action: ``state`` is waiting, done, given_up or overtaken by a newer one for the same."""

    action: ActionAnswer
    state: OrderState
    tries: int
    error: str


class NoteAnswer(Answer):
    """``cause`` names what set the rule off, or would have; ``times`` how often it was the same."""

    at: str
    cause: str
    why: Why
    detail: str
    times: int
    orders: list[OrderAnswer]


class RehearsedAnswer(Answer):
    """One thing the rule would have decided in the last seven days."""

    at: str
    cause: str
    why: Why
    detail: str
    actions: list[ActionAnswer]


class PictureAnswer(Answer):
    """A picture a rule took; its name begins with the moment."""

    name: str
    url: str


class RuleRoutes:
    """Making rules, and seeing what they do."""

    def __init__(
        self,
        state: State,
        at_work: RulesAtWork,
        pictures: RulePictureShelf,
        database: OneThread,
        clock: Clock,
    ) -> None:
        self._pictures = pictures
        self._state = state
        self._at_work = at_work
        self._database = database
        self._clock = clock

    def add_to(self, door: Door) -> None:
        every, one = "/api/v1/rules", "/api/v1/rules/{rule}"
        door.route("GET", every, self.all, needs=Permission.VIEW, on=On.EACH)
        door.route("POST", every, self.add, needs=Permission.ADMIN, on=On.EACH, status=201)
        door.route("POST", "/api/v1/rule-rehearsals", self.rehearse_new, needs=Permission.ADMIN, on=On.EACH)
        door.route("PATCH", one, self.change, needs=Permission.ADMIN, on=On.RULE)
        door.route("DELETE", one, self.remove, needs=Permission.ADMIN, on=On.RULE, status=204)
        door.route("GET", f"{one}/log", self.log, needs=Permission.VIEW, on=On.RULE)
        door.route("GET", f"{one}/pictures", self.pictures, needs=Permission.VIEW, on=On.RULE)
        door.media(
            f"{one}/pictures/{{name}}", self.picture, needs=Permission.VIEW, on=On.RULE, gives="image/jpeg"
        )
        door.route("GET", f"{one}/rehearsal", self.rehearse, needs=Permission.VIEW, on=On.RULE)

    async def find(self, rule: str) -> Rule | None:
        return await self._database.run(self._state.rules.get, rule)

    async def all(self, access: TheAccess) -> list[RuleAnswer]:
        """Every rule, oldest first."""
        rules = await self._database.run(self._state.rules.all)
        return [_answer(rule, rules) for rule in rules if access.may(Permission.VIEW, rule.site)]

    async def add(self, asked: RuleQuestion, access: TheAccess) -> RuleAnswer:
        """Adds a rule; it counts what happens from now on."""
        access.require(Permission.ADMIN, asked.site)
        now = self._clock.wall_us()
        rule = rule_of(asked, Rule(secrets.token_hex(6), "", "", (), (), created=now, hears_from=now))
        await self._database.run(self._check, rule)
        if len(await self._database.run(self._state.rules.all)) >= MOST_RULES:
            raise WachtelError(ErrorKind.INVALID, f"There are {MOST_RULES} rules already.")
        await self._database.run(self._state.rules.add, rule)
        return await self._changed(rule)

    async def change(self, asked: RuleChangeQuestion, rule: TheRule) -> RuleAnswer:
        """Changes a rule; from now on it counts as it is."""
        changed = replace(rule, hears_from=self._clock.wall_us())
        if asked.name is not None:
            changed = replace(changed, name=asked.name)
        if asked.enabled is not None:
            changed = replace(changed, enabled=asked.enabled)
        if asked.triggers is not None:
            changed = replace(changed, triggers=tuple(one.trigger() for one in asked.triggers))
        if asked.actions is not None:
            changed = replace(changed, actions=tuple(one.action() for one in asked.actions))
        if asked.conditions is not None:
            changed = replace(changed, conditions=asked.conditions.conditions())
        await self._database.run(self._check, changed)
        await self._database.run(self._state.rules.change, changed)
        return await self._changed(changed)

    async def remove(self, rule: TheRule) -> None:
        """Removes a rule; what it holds for a while ends now."""
        await self._database.run(self._state.rules.remove, rule.id)
        await self._at_work.rules_changed()

    async def log(self, rule: TheRule, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> list[NoteAnswer]:
        """Why it did or did not fire, newest first, with what came of its actions."""
        notes = await self._database.run(self._state.rule_work.log, rule.id, limit)
        orders = await self._database.run(self._state.rule_work.newest, rule.id, 4 * limit)
        by_cause: dict[str, list[StoredOrder]] = {}
        for order in reversed(orders):
            by_cause.setdefault(order.order.cause, []).append(order)
        return [_note(note, by_cause.get(note.cause, [])) for note in notes]

    async def pictures(self, rule: TheRule) -> list[PictureAnswer]:
        """The pictures it took, newest first; 200 of each rule are kept."""
        names = await self._database.run(self._pictures.names, rule.id)
        return [
            PictureAnswer(name=name, url=f"/api/v1/rules/{rule.id}/pictures/{name}.jpg") for name in names
        ]

    async def picture(self, name: str, rule: TheRule) -> Response:
        """One of them."""
        found = await self._database.run(self._pictures.read, rule.id, name.removesuffix(".jpg"))
        if found is None:
            raise WachtelError(ErrorKind.NOT_FOUND, "This rule has no such picture, or no longer.")
        return Response(found, media_type="image/jpeg", headers={"cache-control": "private, max-age=86400"})

    async def rehearse(self, rule: TheRule) -> list[RehearsedAnswer]:
        """What it would have done in the last seven days; nothing is switched. Armed counts as it is now."""
        return await self._rehearsed(rule)

    async def rehearse_new(self, asked: RuleQuestion, access: TheAccess) -> list[RehearsedAnswer]:
        """The same for a rule that is not stored."""
        access.require(Permission.ADMIN, asked.site)
        rule = rule_of(asked, Rule("rehearsed", "", "", (), ()))
        await self._database.run(self._check, rule)
        return await self._rehearsed(rule)

    async def _rehearsed(self, rule: Rule) -> list[RehearsedAnswer]:
        outcome = await self._at_work.rehearse(rule)
        done: dict[str, list[ActionAnswer]] = {}
        for order in outcome.orders:
            done.setdefault(order.cause, []).append(action_answer(order.action))
        return [
            RehearsedAnswer(
                at=moment(note.at),
                cause=note.cause,
                why=note.why,
                detail=note.detail,
                actions=done.get(note.cause, []),
            )
            for note in outcome.notes[-1000:]
        ]

    def _check(self, rule: Rule) -> None:
        """Raises `WachtelError` (invalid) for what cannot be meant, and for what it names that is not there."""
        check_rule(rule)
        known = {camera.id for camera in self._state.cameras.all() if camera.site == rule.site}
        for trigger in rule.triggers:
            for camera in trigger.cameras:
                if camera not in known:
                    raise _missing("camera", camera)
        for action in rule.actions:
            if action.kind is ActionKind.PUBLISH and self._state.broker.get() is None:
                raise no_broker()
            if action.kind in DRIVEN:
                actuator = self._state.actuators.get(action.target)
                if actuator is None or actuator.site != rule.site:
                    raise _missing("actuator", action.target)
            if action.kind in OF_CAMERA_PARTS and action.target.partition("/")[0] not in known:
                raise _missing("camera", action.target.partition("/")[0])
            if action.kind is ActionKind.MESSAGE:
                channel = self._state.channels.get(action.target)
                if channel is None or channel.site not in (None, rule.site):
                    raise _missing("channel", action.target)

    async def _changed(self, rule: Rule) -> RuleAnswer:
        await self._at_work.rules_changed()
        return _answer(rule, await self._database.run(self._state.rules.all))


def _missing(what: str, name: str) -> WachtelError:
    return WachtelError(ErrorKind.INVALID, f"There is no {what} {name!r} at this site.")


def _answer(rule: Rule, others: list[Rule]) -> RuleAnswer:
    names = {other.id: other.name for other in others}
    found = conflicts(rule, others) if rule.enabled else []
    return RuleAnswer(
        id=rule.id,
        site=rule.site,
        name=rule.name,
        enabled=rule.enabled,
        created=moment(rule.created),
        triggers=[trigger_answer(one) for one in rule.triggers],
        conditions=conditions_answer(rule.conditions),
        actions=[action_answer(one) for one in rule.actions],
        conflicts=[
            ConflictAnswer(rule=one.rule, name=names[one.rule], actuator=one.actuator, minutes=one.minutes)
            for one in found
        ],
        needs_place=needs_place(rule),
    )


def _note(note: RuleNote, orders: list[StoredOrder]) -> NoteAnswer:
    return NoteAnswer(
        at=moment(note.at),
        cause=note.cause,
        why=note.why,
        detail=note.detail,
        times=note.times,
        orders=[
            OrderAnswer(
                action=action_answer(one.order.action), state=one.state, tries=one.tries, error=one.last_error
            )
            for one in orders
        ],
    )
