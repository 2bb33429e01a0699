"""``wachtel demo``: the whole product on a camera that is drawn, not bought."""

import argparse
import json
from pathlib import Path


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "demo",
        help="try everything with a virtual camera",
        description="Runs a virtual NetCam that looks into a garden, records it, reports who walks by, and "
        "shows all of it on a web page. A log-in link is printed. Without --data all is forgotten at the end.",
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the demo's footage in this folder")
    parser.add_argument(
        "--port", type=int, default=8090, help="port of the page; 0 takes a free one (default: %(default)s)"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        metavar="N",
        help="end after N seconds: 0 if an event with a playable clip was made, else 1",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the demo; with --seconds the last line is its result as JSON."""
    from wachtel.app.light_start import start_light

    start_light()
    import asyncio

    from wachtel.app.demonstration import demonstrate
    from wachtel.app.logs import log_to_stderr

    log_to_stderr()
    result = asyncio.run(demonstrate(options.data, options.port, options.seconds))
    if options.seconds is None:
        return 0
    print(json.dumps(result.as_json()), flush=True)
    return 0 if result.clips >= 1 else 1
