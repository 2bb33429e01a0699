"""``/api/v1/archive``: what can be done with the files themselves."""

from wachtel.model.access import Permission
from wachtel.pipeline.archive_care import Work, WorkKind
from wachtel.web.answers import Answer, ErrorBody, Question, moment, moment_or_none
from wachtel.web.door import Door
from wachtel.web.guard import On
from wachtel.web.ports.archive import Archive, Care


class RebuiltAnswer(Answer):
    """How much the new index holds."""

    segments: int
    gaps: int
    events: int


class NewWork(Question):
    """``check`` compares everything with everything, ``verify`` proves what was recorded, ``rebuild`` makes the
    index anew.
    """

    kind: WorkKind


class FindingAnswer(Answer):
    """``mend``: what would help, "" where nothing is known."""

    kind: str
    place: str
    what: str
    mend: str


class WorkAnswer(Answer):
    """``finished`` is null while it runs, ``done`` counts cameras, journals or files of ``total`` (0: not known yet).
    ``findings`` are the first of ``found``; ``numbers`` tell what came out, by name.
    """

    kind: WorkKind
    started: str
    finished: str | None
    done: int
    total: int
    found: int
    findings: list[FindingAnswer]
    numbers: dict[str, int]
    error: ErrorBody | None
    stopped: bool


class ArchiveRoutes:
    """Care of the archive."""

    def __init__(self, archive: Archive, care: Care) -> None:
        self._archive = archive
        self._care = care

    def add_to(self, door: Door) -> None:
        door.route(
            "POST", "/api/v1/archive/rebuild", self.rebuild, needs=Permission.ADMIN, on=On.INSTALLATION
        )
        path = "/api/v1/archive/work"
        door.route("GET", path, self.last, needs=Permission.ADMIN, on=On.INSTALLATION)
        door.route("POST", path, self.start, needs=Permission.ADMIN, on=On.INSTALLATION)
        door.route("DELETE", path, self.stop, needs=Permission.ADMIN, on=On.INSTALLATION, status=204)

    async def rebuild(self) -> RebuiltAnswer:
        """Makes the index anew from the files and takes it into use; recording goes on meanwhile."""
        rebuilt = await self._archive.rebuild()
        return RebuiltAnswer(segments=rebuilt.segments, gaps=rebuilt.gaps, events=rebuilt.events)

    async def last(self) -> WorkAnswer | None:
        """What runs or ran last; null when nothing did since the server was started."""
        work = self._care.last()
        return None if work is None else _answer(work)

    async def start(self, asked: NewWork) -> WorkAnswer:
        """Begins, and answers at once."""
        return _answer(self._care.start(asked.kind))

    async def stop(self) -> None:
        """Ends what runs as soon as that can be."""
        self._care.stop()


def _answer(work: Work) -> WorkAnswer:
    error = work.error
    return WorkAnswer(
        kind=work.kind,
        started=moment(work.started),
        finished=moment_or_none(work.finished),
        done=work.done,
        total=work.total,
        found=work.found,
        findings=[
            FindingAnswer(kind=one.kind, place=one.place, what=one.what, mend=one.mend)
            for one in work.findings
        ],
        numbers=work.numbers,
        error=None
        if error is None
        else ErrorBody(kind=error.kind, what=error.what, hint=error.hint, details=dict(error.details)),
        stopped=work.stopped,
    )
