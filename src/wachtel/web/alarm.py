"""``/api/v1/sites/{site}/alarm``: the alarm panel of a site, and ``arm``, by which rules see it armed."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Query
from pydantic import Field

from wachtel.accounts.alarm_codes import AlarmCodes, new_salt
from wachtel.accounts.throttle import TooManyTries
from wachtel.automation.alarm_desk import ArmRequest
from wachtel.automation.alarm_panel import AlarmPanel
from wachtel.automation.alarm_status import needs_code, no_panel, status_of
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.access import Permission
from wachtel.model.alarm import AlarmNoteKind, AlarmSettings, AlarmStatus, AlarmWord, ArmedBy, Phase
from wachtel.model.camera import Site
from wachtel.model.message import MessageKind
from wachtel.model.rule import ArmState
from wachtel.storage.state import State
from wachtel.storage.state.alarms import AlarmCode
from wachtel.web.access import Access, TheAccess, TheSite, Way
from wachtel.web.alarm_questions import (
    SettingsAnswer,
    SettingsQuestion,
    settings_answer,
)
from wachtel.web.answers import Answer, Question, Refusal, moment, moment_or_none
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.house import AlarmsAtWork
from wachtel.web.threads import OneThread

Code = Annotated[str, Field(max_length=64)]


class ArmAnswer(Answer):
    """How rules see the site armed. ``since`` is null when nobody ever armed or disarmed the site."""

    state: ArmState
    since: str | None


class ArmQuestion(Question):
    """The new state. ``code`` is needed where the alarm panel asks for one; ``bypass`` leaves out open sensors."""

    state: ArmState
    code: Code = ""
    bypass: bool = False


class DisarmQuestion(Question):
    """``code`` is needed where the panel has codes."""

    code: Code = ""


class StatusAnswer(Answer):
    """What the panel is doing. ``until`` is the end of the running delay, ``now`` the moment of this answer.

    ``blocking`` names the open sensors that stand in the way of arming so.
    """

    set_up: bool
    state: AlarmWord
    mode: ArmState
    since: str | None = None
    until: str | None = None
    now: str
    zone: str = ""
    sources: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    bypassed: tuple[str, ...] = ()
    siren_until: str | None = None
    open: tuple[str, ...] = ()
    blocking: dict[ArmState, list[str]] = Field(default={})
    code_to_arm: bool = False
    code_to_disarm: bool = False


class NoteAnswer(Answer):
    """A line of the log. ``number`` rises from line to line."""

    number: int
    at: str
    kind: AlarmNoteKind
    who: str
    detail: str


class CodeAnswer(Answer):
    """A code without its digits."""

    id: str
    name: str
    duress: bool
    created: str


class CodeQuestion(Question):
    """A new code. With ``duress`` it disarms like any other, and tells whoever gets messages of that kind."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    code: Code
    duress: bool = False


class AlarmRoutes:
    """The panel, its settings, its codes and its log."""

    def __init__(
        self, state: State, codes: AlarmCodes, at_work: AlarmsAtWork, database: OneThread, hashing: OneThread
    ) -> None:
        self._state = state
        self._codes = codes
        self._at_work = at_work
        self._database = database
        self._hashing = hashing

    def add_to(self, door: Door) -> None:
        site, alarm = "/api/v1/sites/{site}", "/api/v1/sites/{site}/alarm"
        see, use, admin = Permission.VIEW, Permission.CONTROL, Permission.ADMIN
        door.route("GET", f"{site}/arm", self.arm_state, needs=see, on=On.SITE)
        door.route("PUT", f"{site}/arm", self.put_arm, needs=use, on=On.SITE)
        door.route("GET", alarm, self.status, needs=see, on=On.SITE)
        door.route("POST", f"{alarm}/arm", self.arm, needs=use, on=On.SITE)
        door.route("POST", f"{alarm}/disarm", self.disarm, needs=use, on=On.SITE)
        door.route("GET", f"{alarm}/log", self.log, needs=see, on=On.SITE)
        door.route("GET", f"{alarm}/settings", self.settings, needs=admin, on=On.SITE)
        door.route("PUT", f"{alarm}/settings", self.set_up, needs=admin, on=On.SITE)
        door.route("DELETE", f"{alarm}/settings", self.remove, needs=admin, on=On.SITE, status=204)
        door.route("GET", f"{alarm}/codes", self.codes, needs=admin, on=On.SITE)
        door.route("POST", f"{alarm}/codes", self.add_code, needs=admin, on=On.SITE, status=201)
        door.route("DELETE", f"{alarm}/codes/{{code}}", self.remove_code, needs=admin, on=On.SITE, status=204)

    async def arm_state(self, site: TheSite) -> ArmAnswer:
        """How rules see the site armed."""
        facts = await self._database.run(self._state.site_facts.get, site.id)
        return ArmAnswer(state=facts.armed, since=moment(facts.armed_at) if facts.armed_at else None)

    async def put_arm(self, asked: ArmQuestion, site: TheSite, access: TheAccess) -> ArmAnswer:
        """Arms or disarms the site, by its alarm panel if it has one: then an exit delay may come before."""
        await self._ask(site, asked.state, access, asked.code, bypass=asked.bypass)
        return await self.arm_state(site)

    async def status(self, site: TheSite) -> StatusAnswer:
        """What the alarm panel is doing, and what is open."""
        panel = await self._at_work.panel(site.id)
        now = moment(self._codes.now())
        if panel is None:
            armed = (await self.arm_state(site)).state
            return StatusAnswer(set_up=False, state=AlarmWord(armed.value), mode=armed, now=now)
        has_codes = bool(await self._database.run(self._state.alarms.codes, site.id))
        return _status(panel, status_of(site.id, panel), now, has_codes=has_codes)

    async def arm(self, asked: ArmQuestion, site: TheSite, access: TheAccess) -> StatusAnswer:
        """Arms the site; open sensors are named in ``details.open`` of a conflict."""
        await self._ask(site, asked.state, access, asked.code, bypass=asked.bypass)
        return await self.status(site)

    async def disarm(self, asked: DisarmQuestion, site: TheSite, access: TheAccess) -> StatusAnswer:
        """Disarms the site and ends an alarm."""
        await self._ask(site, ArmState.DISARMED, access, asked.code, bypass=False)
        return await self.status(site)

    async def _ask(self, site: Site, state: ArmState, access: Access, code: str, *, bypass: bool) -> None:
        who, asker = _who(access)
        try:
            await self._at_work.ask(ArmRequest(site.id, state, who, ArmedBy.PAGE, asker, code, bypass))
        except TooManyTries as error:
            wait = error.details["wait_s"]
            raise Refusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                error.what,
                kind=error.kind,
                hint=error.hint,
                details=error.details,
                headers={"retry-after": wait},
            ) from error

    async def log(
        self,
        site: TheSite,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        before: Annotated[int | None, Query(ge=1)] = None,
    ) -> list[NoteAnswer]:
        """What happened and who did it, newest first; ``before`` the line with this number."""
        found = await self._database.run(self._state.alarms.log, site.id, limit, before)
        return [
            NoteAnswer(
                number=one.number,
                at=moment(one.note.at),
                kind=one.note.kind,
                who=one.note.who,
                detail=one.note.detail,
            )
            for one in found
        ]

    async def settings(self, site: TheSite) -> SettingsAnswer:
        """How the panel is set up; where there is none, what is usual."""
        panel = await self._at_work.panel(site.id)
        channels = await self._database.run(self._state.channels.all)
        counted = {
            kind: sum(
                1 for one in channels if one.enabled and kind in one.kinds and one.site in (None, site.id)
            )
            for kind in (MessageKind.ALARM, MessageKind.ALARM_WARNING, MessageKind.DURESS)
        }
        settings = AlarmSettings() if panel is None else panel.settings
        return settings_answer(settings, set_up=panel is not None, channels=counted)

    async def set_up(self, asked: SettingsQuestion, site: TheSite, access: TheAccess) -> SettingsAnswer:
        """Sets up the panel, or changes it while it is disarmed."""
        settings = asked.settings()
        await self._database.run(self._check, settings, site.id)
        await self._at_work.set_up(site.id, settings, new_salt(), _who(access)[0])
        return await self.settings(site)

    def _check(self, settings: AlarmSettings, site: str) -> None:
        """Raises `WachtelError` (invalid) for cameras and sirens that are not there."""
        cameras = {camera.id for camera in self._state.cameras.all() if camera.site == site}
        for zone in settings.zones:
            for camera in zone.cameras:
                if camera not in cameras:
                    raise _missing("camera", camera)
        for siren in settings.sirens:
            found = self._state.actuators.get(siren)
            if found is None or found.site != site:
                raise _missing("actuator", siren)

    async def remove(self, site: TheSite, access: TheAccess) -> None:
        """Takes the panel away with its codes. The log stays."""
        await self._at_work.remove(site.id, _who(access)[0])

    async def codes(self, site: TheSite) -> list[CodeAnswer]:
        """Whose codes there are."""
        return [_code(one) for one in await self._database.run(self._state.alarms.codes, site.id)]

    async def add_code(self, asked: CodeQuestion, site: TheSite, access: TheAccess) -> CodeAnswer:
        """Adds a code; nobody ever sees its digits again."""
        if await self._at_work.panel(site.id) is None:
            raise no_panel()
        made = await self._hashing.run(self._add_code, site.id, asked)
        await self._at_work.noted(site.id, AlarmNoteKind.CODES, _who(access)[0], asked.name)
        return _code(made)

    def _add_code(self, site: str, asked: CodeQuestion) -> AlarmCode:
        return self._codes.add(site, asked.name, asked.code, duress=asked.duress)

    async def remove_code(self, code: str, site: TheSite, access: TheAccess) -> None:
        """Removes a code. While the site is armed that is refused: somebody may need it to disarm."""
        panel = await self._at_work.panel(site.id)
        if panel is not None and panel.state.phase is not Phase.DISARMED:
            raise WachtelError(
                ErrorKind.CONFLICT, "The alarm panel is armed.", hint="Disarm it first.", code="alarm_armed"
            )
        await self._database.run(self._state.alarms.remove_code, site.id, code)
        await self._at_work.noted(site.id, AlarmNoteKind.CODES, _who(access)[0], "removed")


def _who(access: Access) -> tuple[str, str]:
    """A name for the log, and who is slowed down after wrong codes."""
    if access.way is Way.CONTROL or access.principal is None:
        return "command line", "command line"
    return access.principal.name, access.principal.id


def _status(panel: AlarmPanel, status: AlarmStatus, now: str, *, has_codes: bool) -> StatusAnswer:
    armed = (ArmState.HOME, ArmState.AWAY, ArmState.NIGHT)
    return StatusAnswer(
        set_up=True,
        state=status.word,
        mode=status.mode,
        since=moment(status.since) if status.since else None,
        until=moment_or_none(status.until),
        now=now,
        zone=status.zone,
        sources=status.sources,
        warned=status.warned,
        bypassed=status.bypassed,
        siren_until=moment_or_none(status.siren_until),
        open=tuple(panel.open_sensors()),
        blocking={mode: panel.blocking(mode) for mode in armed},
        code_to_arm=has_codes and needs_code(panel, ArmState.AWAY),
        code_to_disarm=has_codes,
    )


def _code(code: AlarmCode) -> CodeAnswer:
    return CodeAnswer(id=code.id, name=code.name, duress=code.duress, created=moment(code.created))


def _missing(what: str, name: str) -> WachtelError:
    return WachtelError(ErrorKind.INVALID, f"There is no {what} {name!r} at this site.")
