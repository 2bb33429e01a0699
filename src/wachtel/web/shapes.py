"""How cameras and events look in answers, the same in lists, single answers and the stream of news."""

from collections.abc import Mapping
from typing import Literal

from wachtel.base.units import WallUs
from wachtel.model.camera import (
    Camera,
    CameraCondition,
    RecordAs,
    RecordedStreams,
    RecordingMode,
    StreamState,
    Transport,
)
from wachtel.model.certificate import PinnedCertificate
from wachtel.model.event import Event, EventKind
from wachtel.model.footage import GapReason
from wachtel.model.stream import StreamName
from wachtel.model.watch import Policy, PolicyReason, Watch
from wachtel.storage.state.cameras import shown_url
from wachtel.storage.state.seen import SeenMark
from wachtel.web.answers import Answer, moment, moment_or_none
from wachtel.web.motion_questions import MotionAnswer, motion_answer


class StateAnswer(Answer):
    """``reason`` is an error kind, empty when all is well; ``last_frame`` the time of the newest picture.

    ``code`` and ``details`` are for the same sentence in another language; ``lost`` are packets of the network that
    never came in the last five minutes; ``recorded_as`` the codec in which Motion JPEG is written that is to be H.264,
    "" where nothing is converted.
    """

    condition: CameraCondition
    since: str
    reason: str
    what: str
    hint: str
    last_frame: str | None
    code: str
    details: dict[str, str]
    lost: int
    recorded_as: str


class GapAnswer(Answer):
    """A gap that lasts; ``alarm`` when it is longer than the camera's limit."""

    since: str
    reason: GapReason
    alarm: bool


class WatchAnswer(Answer):
    """How it is watched for motion, since when; ``reason``: the owner's ``settings``, or chosen by Wachtel."""

    policy: Policy
    reason: PolicyReason
    since: str


class CertificateAnswer(Answer):
    """``at`` is ``host:port``; ``since`` is when it was accepted, null for one that was not."""

    at: str
    sha256: str
    since: str | None


class CameraAnswer(Answer):
    """``url``, ``sub_url`` and ``device_url`` come without credentials; ``needs_password`` when the stored ones
    cannot be read. ``gap`` is null while the camera is recorded, and while it is off on purpose. ``motion_now``:
    ``schedule`` when motion is off by schedule at this moment. ``watched`` is null before its pictures are known.
    """

    id: str
    site: str
    name: str
    url: str
    sub_url: str | None
    device_url: str | None
    certificates: list[CertificateAnswer]
    mode: RecordingMode
    record: RecordedStreams
    record_as: RecordAs
    record_audio: bool
    transport: Transport
    allow_local: bool
    needs_password: bool
    pre_roll_s: float
    post_roll_s: float
    gap_limit_s: float
    keep_days: float
    keep_event_days: float
    most_gb: float
    motion: MotionAnswer
    motion_now: Literal["on", "off", "schedule"]
    watched: WatchAnswer | None
    streams: dict[StreamName, StateAnswer]
    gap: GapAnswer | None


class WhyAnswer(Answer):
    travel: float
    within_s: float
    area: float
    line: str
    direction: str


class BoxAnswer(Answer):
    """Shares of the picture's width and height, from the top left."""

    left: float
    top: float
    right: float
    bottom: float


class EventAnswer(Answer):
    """``end`` is null while the event runs; ``reported`` is the time of the picture at which it was known; ``held``:
    its footage is kept from deletion; ``boxes``: what moved on the snapshot.
    """

    id: str
    site: str
    camera: str
    kind: EventKind
    start: str
    end: str | None
    reported: str
    score: float
    zones: list[str]
    why: WhyAnswer
    boxes: list[BoxAnswer]
    snapshot: bool
    recovered: bool
    seen: bool
    held: bool


class LiveInitMessage(Answer):
    """Comes before each init segment of a live view."""

    type: Literal["init"] = "init"
    mime: str
    width: int
    height: int


class LiveStateMessage(StateAnswer):
    """Comes when the state of the stream changes."""

    type: Literal["state"] = "state"


def state_answer(state: StreamState) -> StateAnswer:
    return StateAnswer(
        condition=state.condition,
        since=moment(state.since),
        reason=state.reason,
        what=state.what,
        hint=state.hint,
        last_frame=moment_or_none(state.last_frame),
        code=state.code,
        details=dict(state.details),
        lost=state.lost,
        recorded_as=state.recorded_as,
    )


def camera_answer(
    camera: Camera,
    states: Mapping[StreamName, StreamState],
    *,
    needs_password: bool,
    since: WallUs,
    gap: GapAnswer | None,
    scheduled: bool,
    watch: Watch | None,
) -> CameraAnswer:
    """``since``: from when on a stream nobody speaks of is called off; ``scheduled``: motion is on by schedule."""
    streams = [StreamName.MAIN] if camera.sub_url is None else [StreamName.MAIN, StreamName.SUB]
    off = StreamState(CameraCondition.OFF, since)
    return CameraAnswer(
        id=camera.id,
        site=camera.site,
        name=camera.name,
        url=shown_url(camera.main_url),
        sub_url=None if camera.sub_url is None else shown_url(camera.sub_url),
        device_url=None if camera.device_url is None else shown_url(camera.device_url),
        certificates=[certificate_answer(pin) for pin in camera.certificates],
        mode=camera.mode,
        record=camera.record,
        record_as=camera.record_as,
        record_audio=camera.record_audio,
        transport=camera.transport,
        allow_local=camera.allow_local,
        needs_password=needs_password,
        pre_roll_s=camera.pre_roll_s,
        post_roll_s=camera.post_roll_s,
        gap_limit_s=camera.gap_limit_s,
        keep_days=camera.keep_days,
        keep_event_days=camera.keep_event_days,
        most_gb=camera.most_gb,
        motion=motion_answer(camera.motion),
        watched=None if watch is None else _watch_answer(watch),
        motion_now="off" if not camera.motion.enabled else "on" if scheduled else "schedule",
        streams={name: state_answer(states.get(name, off)) for name in streams},
        gap=gap,
    )


def _watch_answer(watch: Watch) -> WatchAnswer:
    return WatchAnswer(policy=watch.policy, reason=watch.reason, since=moment(watch.since))


def event_answer(event: Event, marks: Mapping[str, SeenMark], *, held: bool) -> EventAnswer:
    """``marks``: up to where the asking account has looked, by site."""
    return EventAnswer(
        id=event.id,
        site=event.site,
        camera=event.camera,
        kind=event.kind,
        start=moment(event.start),
        end=moment_or_none(event.end),
        reported=moment(event.reported),
        score=event.score,
        zones=list(event.zones),
        why=WhyAnswer(
            travel=event.why.travel,
            within_s=event.why.within_s,
            area=event.why.area,
            line=event.why.line,
            direction=event.why.direction,
        ),
        boxes=[
            BoxAnswer(left=box.left, top=box.top, right=box.right, bottom=box.bottom) for box in event.boxes
        ],
        snapshot=event.snapshot,
        recovered=event.recovered,
        seen=is_seen(event, marks),
        held=held,
    )


def is_seen(event: Event, marks: Mapping[str, SeenMark]) -> bool:
    mark = marks.get(event.site)
    return mark is not None and SeenMark(event.start, event.id) <= mark


def certificate_answer(pin: PinnedCertificate) -> CertificateAnswer:
    """As the API tells of it."""
    return CertificateAnswer(at=pin.at, sha256=pin.sha256, since=moment(pin.since))
