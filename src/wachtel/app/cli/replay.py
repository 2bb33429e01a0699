"""``wachtel replay``: what other motion settings would have made of past days."""

import argparse
from typing import TYPE_CHECKING

from wachtel.app.cli.options import add_data, iso, show, usage_error

if TYPE_CHECKING:
    from wachtel.pipeline.replay import Replayed, Wanted


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "replay",
        help="try other motion settings on past days",
        description="Judges what a camera's detector followed on past days with other settings. Nothing is saved and "
        "no picture is decoded, so a day takes a second or so. Works beside the server and without it.",
    )
    add_data(parser)
    parser.add_argument("--camera", required=True, metavar="C", help="id of the camera")
    parser.add_argument(
        "--day", metavar="DAY", help="a day of the site, as in 2026-11-21; today when left out"
    )
    parser.add_argument("--days", type=int, default=1, metavar="N", help="so many days up to that day")
    parser.add_argument("--sensitivity", type=int, metavar="0..100", help="instead of the camera's")
    parser.add_argument(
        "--zone",
        metavar='"x,y x,y x,y"',
        action="append",
        default=[],
        help="instead of the camera's zones and lines; shares of the picture, 0 to 1; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the events, and how many there are with the settings that are saved."""
    import json
    from dataclasses import replace

    from wachtel.app.typed_replay import replay_asked
    from wachtel.base.clock import SystemClock
    from wachtel.pipeline.replay import replay
    from wachtel.storage.files.candidates import Candidates

    if not 1 <= options.days <= 366:
        raise usage_error("--days must be between 1 and 366.")
    camera, wanted = replay_asked(options, SystemClock().wall_us())
    store = Candidates(options.data)
    saved = replace(wanted, motion=replace(camera.motion, time_zone=wanted.motion.time_zone))
    then, now = replay(store, camera, wanted), replay(store, camera, saved)
    show(json.dumps(_as_json(then, now, wanted)) if options.json else _table(then, now))
    return 0


def _as_json(then: "Replayed", now: "Replayed", wanted: "Wanted") -> dict[str, object]:
    return {
        "events": len(then.events),
        "instead_of": len(now.events),
        "from": iso(wanted.start),
        "to": iso(wanted.end),
        "since": then.since,
        "found": [
            {
                "start": iso(event.start),
                "end": iso(event.end or event.start),
                "score": round(event.score, 3),
                "zones": list(event.zones),
                "line": event.why.line,
                "direction": event.why.direction,
            }
            for event in then.events
        ],
    }


def _table(then: "Replayed", now: "Replayed") -> str:
    summary = f"{len(then.events)} instead of {len(now.events)} events"
    if then.since is None:
        summary += "; nothing is kept of this camera yet"
    lines = []
    for event in then.events:
        places = ", ".join([*event.zones, *([event.why.line] if event.why.line else [])])
        lasted = ((event.end or event.start) - event.start) / 1_000_000
        lines.append(f"{iso(event.start)} {lasted:7.1f} s {event.score:6.2f}  {places}".rstrip())
    return "\n".join([*lines, summary])
