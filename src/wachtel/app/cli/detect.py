"""``wachtel detect``: the motion and event engine over a file."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wachtel.pipeline.detect import Detection

_FAILED = 1
_WRONG_USAGE = 2


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser("detect", help="find events in a video file, as if it were a live camera")
    parser.add_argument("file", metavar="FILE", type=Path, help="any video file")
    parser.add_argument(
        "--zone",
        metavar='"x,y x,y x,y"',
        action="append",
        default=[],
        help="only motion in this polygon counts (pixels of the video); may be repeated",
    )
    parser.add_argument("--sensitivity", metavar="0..100", type=int, default=50, help="50 is normal")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints what was found; 2 for a zone or sensitivity that makes no sense, 1 for an unreadable file."""
    from wachtel.app.typed_zone import zones_from_text
    from wachtel.base.errors import ErrorKind, WachtelError
    from wachtel.base.plugins import load
    from wachtel.model.camera import MotionSettings
    from wachtel.pipeline.detect import detect_file, video_size

    try:
        zones = zones_from_text(args.zone, *video_size(args.file)) if args.zone else ()
        settings = MotionSettings(sensitivity=args.sensitivity, zones=zones)
        found = detect_file(args.file, settings, load("wachtel.detectors", "motion"))
    except WachtelError as error:
        print(f"wachtel detect: {error}", file=sys.stderr)
        return _WRONG_USAGE if error.kind is ErrorKind.INVALID else _FAILED
    print(json.dumps(found.as_json()) if args.json else _table(found))
    return 0


def _table(found: "Detection") -> str:
    seconds = found.frames / found.fps if found.fps else 0.0
    counted = "1 event" if len(found.events) == 1 else f"{len(found.events)} events"
    summary = f"{counted} in {found.frames} frames ({seconds:.1f} s), {found.cpu_s:.1f} s of CPU"
    if not found.events:
        return summary
    lines = [f"{'start':>9} {'end':>9} {'known at':>9} {'score':>6}  zones"]
    for event in found.events:
        times = f"{event.start_s:9.2f} {event.end_s:9.2f} {event.reported_s:9.2f}"
        lines.append(f"{times} {event.score:6.2f}  {', '.join(event.zones)}".rstrip())
    return "\n".join([*lines, summary])
