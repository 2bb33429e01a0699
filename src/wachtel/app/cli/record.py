"""``wachtel record``: one camera without a server."""

import argparse
import json
from pathlib import Path

from wachtel.app.cli.options import say
from wachtel.base.errors import ErrorKind, WachtelError


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "record",
        help="record one camera without a server",
        description="Records a camera into a data folder, watches it for motion and cuts a clip of every event into "
        "DATA/clips/. Runs until Ctrl+C, or for --seconds.",
    )
    parser.add_argument("url", help="the camera, rtsp://user:password@host/path")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DATA", help="the data folder to record into"
    )
    parser.add_argument(
        "--detect", metavar="URL", help="a smaller stream of the same camera to watch for motion"
    )
    parser.add_argument(
        "--zone",
        metavar='"x,y x,y x,y"',
        help="only motion in this polygon counts (pixels of the watched stream)",
    )
    parser.add_argument("--sensitivity", type=int, default=50, metavar="0..100", help="default: %(default)s")
    parser.add_argument("--seconds", type=float, metavar="N", help="end after so many seconds")
    parser.add_argument(
        "--json", action="store_true", help="one JSON object a line for motion, its end, and each clip"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Records until a signal or for the seconds asked for."""
    import asyncio

    from wachtel.app.logs import log_to_stderr
    from wachtel.app.recording import RecordOptions, record

    log_to_stderr()
    wanted = RecordOptions(
        url=options.url,
        data=options.out,
        detect_url=options.detect,
        zone=options.zone,
        sensitivity=options.sensitivity,
        seconds=options.seconds,
    )

    def tell(line: dict[str, object]) -> None:
        if options.json:
            print(json.dumps(line), flush=True)
        else:
            say(in_words(line))

    try:
        asyncio.run(record(wanted, tell))
    except WachtelError as error:
        if error.kind is not ErrorKind.INVALID:
            raise
        say(f"wachtel record: {error}")
        return 2
    return 0


def in_words(line: dict[str, object]) -> str:
    """A line for people."""
    if "clip" in line:
        return f"clip of {line['event']}: {line['clip']}"
    return f"motion {'began' if line['motion'] else 'ended'}: {line['event']}"
