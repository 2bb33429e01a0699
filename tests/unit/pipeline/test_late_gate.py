"""A camera whose disk comes later than its stream: watched from the beginning, recorded from the disk on."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from recording_rig import FPS, GOP, START, RecordingRig

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import US_PER_S
from wachtel.model.footage import GapReason
from wachtel.pipeline.event_gate import EventGate
from wachtel.pipeline.late_gate import LateGate
from wachtel.pipeline.recorder import Gate, Recorder

LOST = WachtelError(ErrorKind.STREAM_ENDED, "The camera is gone.")


class LateRig(RecordingRig):
    """Its recorder waits until somebody plugs the disk in."""

    def __init__(self, root: Path, *, events: bool = False) -> None:
        super().__init__(root, 5.0 if events else None, events=events)
        self.late, self.real = LateGate(), self.gate
        self.gate: Gate = self.late  # type: ignore[assignment]

    def plug(self) -> None:
        self.late.put(self.real)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[LateRig]:
    made = LateRig(tmp_path)
    yield made
    made.close()


def test_recording_begins_with_the_next_key_frame_in_mid_stream(rig: LateRig) -> None:
    rig.play([GOP + 5, rig.plug, 3 * GOP - 5])
    (segment,) = rig.segments()
    assert segment.frames == 2 * GOP
    assert (rig.gaps()[0].start, rig.gaps()[0].end) == (START, segment.start)
    assert segment.start == START + round((2 * GOP + 1) / FPS * US_PER_S)
    assert rig.gaps()[0].reason == GapReason.RESTART


def test_a_connection_that_ended_before_is_forgotten(rig: LateRig) -> None:
    rig.play([GOP, LOST], [rig.plug, 2 * GOP])
    (segment,) = rig.segments()
    assert segment.frames == 2 * GOP


def test_a_disk_that_comes_when_the_camera_is_stopped_gets_the_account(rig: LateRig) -> None:
    rig.play([GOP])
    assert not rig.gaps()
    rig.plug()
    rig.flusher.run_once()
    assert rig.gaps()[0].start == START and rig.gaps()[-1].end == rig.clock.wall_us()


def test_there_are_drafts_once_there_is_a_file_and_none_where_pictures_wait(tmp_path: Path) -> None:
    rig, kinds = LateRig(tmp_path), []
    late_events = LateGate()
    late_events.put(EventGate(cast(Recorder, rig.real), rig.clock, 5.0))

    def look() -> None:
        for gate in (rig.late, late_events):
            with gate.draft() as draft:
                kinds.append(draft is not None)

    rig.play([GOP, look, rig.plug, GOP + 3, look])
    assert kinds == [False, False, True, False]
    rig.close()


def test_an_event_is_kept_once_the_disk_is_there(tmp_path: Path) -> None:
    rig = LateRig(tmp_path, events=True)
    assert isinstance(rig.real, EventGate) and not isinstance(rig.real, Recorder)
    rig.late.keep(START, None)
    rig.play([GOP, rig.plug, GOP, lambda: rig.late.keep(rig.clock.wall_us(), None), 2 * GOP])
    assert rig.pictures() == 3 * GOP
    rig.close()
