"""Each operation of a recorded run fails once, or is the first of a long trouble: nothing promised is broken."""

import errno
import math

import pytest
from disk_run import COMPACT, FULL, DiskRun, Trouble

from wachtel.media.journal import GapLine, SegmentLine
from wachtel.model.footage import GapReason
from wachtel.storage.files.flusher import Flusher, _line

OPERATIONS = DiskRun(COMPACT, None).live().operations
PARTS = 2

KINDS = {
    "fails once": Trouble(errno.EIO, 0),
    "has no room once": Trouble(errno.ENOSPC, 0),
    "fails for a while": Trouble(errno.EIO, 0, lasts_s=9.0),
    "is full for a while": Trouble(FULL, 0, lasts_s=9.0),
}
SELDOM_KINDS = {
    "fails until the next start": Trouble(errno.EIO, 0, lasts_s=math.inf),
    "is full until the next start": Trouble(FULL, 0, lasts_s=math.inf),
    "is read-only for a while": Trouble(errno.EROFS, 0, lasts_s=9.0),
    "fails five times": Trouble(errno.EIO, 0, times=5),
}


def complaints(kind: Trouble, first: int) -> list[str]:
    trouble = Trouble(kind.code, first, kind.times, kind.lasts_s)
    return DiskRun(COMPACT, trouble).live().complaints()


def test_a_disk_that_is_well_gives_no_reason_to_complain() -> None:
    run = DiskRun(COMPACT, None).live()
    assert run.complaints() == [] and OPERATIONS > 100
    assert sum(isinstance(line.line, SegmentLine) for line in run.lines) >= 5


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_from_any_operation_on(kind: Trouble, part: int) -> None:
    for first in range(1 + part, OPERATIONS + 1, PARTS):
        assert complaints(kind, first) == [], f"from operation {first} on"


@pytest.mark.parametrize("kind", SELDOM_KINDS.values(), ids=SELDOM_KINDS.keys())
def test_from_some_operations_on(kind: Trouble) -> None:
    for first in range(1, OPERATIONS + 1, 7):
        assert complaints(kind, first) == [], f"from operation {first} on"


def test_a_full_disk_is_the_reason_of_the_gap() -> None:
    run = DiskRun(COMPACT, Trouble(FULL, OPERATIONS // 2, lasts_s=9.0)).live()
    gaps = [line.line for line in run.lines if isinstance(line.line, GapLine)]
    assert GapReason.DISK_FULL in {gap.reason for gap in gaps}


def test_a_line_that_believes_a_refused_picture_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Flusher, "_journal", lambda self, file, journal, closing: journal.append(_line(file, closing))
    )
    found = sum(bool(complaints(KINDS["has no room once"], first)) for first in range(1, OPERATIONS, 4))
    assert found >= 3
