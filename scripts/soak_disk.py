"""Lets every operation of a long recorded run fail, once and for a while: scripts/soak disk [--every N].

A simulated disk fails, is full or turns read-only from the n-th operation on, for every n; afterwards journals, files,
ledger and the rows of a real index are compared. Ends 1 when anything promised is broken.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/rigs"), str(ROOT / "tests/unit/storage")]

from disk_run import COMPACT, LONG, Course, DiskRun, Trouble, troubles  # noqa: E402
from stories import PLACE  # noqa: E402

from wachtel.storage.files.disk import read_all  # noqa: E402
from wachtel.storage.files.reading import journals  # noqa: E402
from wachtel.storage.index import Index  # noqa: E402


def main() -> int:
    """Runs the soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--every", type=int, default=10, help="of the long run only each so manieth operation"
    )
    every = parser.parse_args().every
    well = True
    for name, course, step in (("compact", COMPACT, 1), ("long", LONG, every)):
        result = soak(course, step)
        print(json.dumps({"soak": "disk", "run": name, **result}), flush=True)
        well = well and not result["broken"]
    return 0 if well else 1


def soak(course: Course, step: int) -> dict[str, object]:
    """All kinds of trouble from each ``step``th operation on."""
    begun, broken, kinds = time.monotonic(), list[str](), Counter[str]()
    operations = DiskRun(course, None).live().operations
    for first in range(1, operations + 1, step):
        for trouble in troubles(first):
            kinds[str(replace(trouble, first=0))] += 1
            broken += [f"{trouble}: {one}" for one in complaints(course, trouble)]
    seconds = round(time.monotonic() - begun, 1)
    runs = sum(kinds.values())
    return {
        "operations": operations,
        "kinds": len(kinds),
        "runs": runs,
        "broken": len(broken),
        "seconds": seconds,
        "first": broken[:3],
    }


def complaints(course: Course, trouble: Trouble) -> list[str]:
    """One run."""
    run = DiskRun(course, trouble).live()
    return [*run.complaints(), *rows_without_file(run)]


def rows_without_file(run: DiskRun) -> list[str]:
    """What a real index would say of files that are not there."""
    with tempfile.TemporaryDirectory() as folder:
        for path in journals(run.disk, PLACE):
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_bytes(read_all(run.disk, path))
        index = Index.open(Path(folder) / "index.sqlite", Path(folder))
        index.apply(run.lines)
        rows = list(index.all_segments("door"))
        index.close()
    return [f"a row for a missing file: {row.path}" for row in rows if not run.disk.exists(row.path)]


if __name__ == "__main__":
    sys.exit(main())
