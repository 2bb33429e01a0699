"""What can be asked for about a camera."""

from typing import Annotated, ClassVar

from pydantic import Field

from wachtel.model.camera import RecordAs, RecordedStreams, RecordingMode, Transport
from wachtel.web.answers import Change, Name, Question
from wachtel.web.motion_questions import MotionQuestion

Url = Annotated[str, Field(min_length=1, max_length=2048)]
PreRoll = Annotated[float, Field(ge=0, le=30, allow_inf_nan=False)]
PostRoll = Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)]
KeepDays = Annotated[float, Field(ge=0.04, le=3650, allow_inf_nan=False)]
MostGb = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
GapLimit = Annotated[float, Field(ge=10, le=86_400, allow_inf_nan=False)]


class NewCamera(Question):
    """``allow_local``: the user's word that an address of this very machine or of the link is meant."""

    url: Url
    name: Name
    site: str | None = Field(default=None, max_length=64)
    sub_url: Url | None = None
    mode: RecordingMode = RecordingMode.CONTINUOUS
    allow_local: bool = False


class CameraChange(Change):
    """Only the fields that are sent are changed; ``sub_url`` null takes the second stream away.

    An address without user and password keeps the stored ones as long as it leads to the same host and port.
    """

    nullable: ClassVar = frozenset({"sub_url"})

    name: Name | None = None
    url: Url | None = None
    sub_url: Url | None = None
    mode: RecordingMode | None = None
    record: RecordedStreams | None = None
    record_as: RecordAs | None = None
    record_audio: bool | None = None
    transport: Transport | None = None
    allow_local: bool | None = None
    pre_roll_s: PreRoll | None = None
    post_roll_s: PostRoll | None = None
    gap_limit_s: GapLimit | None = None
    keep_days: KeepDays | None = None
    keep_event_days: KeepDays | None = None
    most_gb: MostGb | None = None
    motion: MotionQuestion | None = None


class ProbeQuestion(Question):
    url: Url
    allow_local: bool = False


PLAIN_FIELDS = frozenset(
    {
        "name",
        "mode",
        "record",
        "record_as",
        "record_audio",
        "transport",
        "allow_local",
        "pre_roll_s",
        "post_roll_s",
        "gap_limit_s",
        "keep_days",
        "keep_event_days",
        "most_gb",
    }
)
"""Fields of `CameraChange` that are named alike in `Camera` and need no thought."""
