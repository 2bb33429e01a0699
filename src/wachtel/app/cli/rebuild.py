"""``wachtel rebuild``: makes the index anew from the files alone."""

import argparse
import time
from typing import TYPE_CHECKING

from wachtel.app.cli.options import add_data, say
from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.app.api_client import Api
    from wachtel.app.cli.progress import ProgressLine

WORK = "/api/v1/archive/work"
ASK_EVERY_S = 0.1


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "rebuild",
        help="make the index anew from the files",
        description="Reads journals and files and makes a new index from them; a running server takes it over.",
    )
    add_data(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Asks the running server, else does it itself."""
    from wachtel.app.api_client import open_api, server_runs
    from wachtel.app.cli.progress import ProgressLine
    from wachtel.storage.data_folder import places
    from wachtel.storage.files.volume import verify_expected
    from wachtel.storage.rebuild import rebuild, swap_in

    if server_runs(options.data):
        with open_api(options.data) as api, ProgressLine("journals") as line:
            numbers = _by_server(api, line)
        say(_in_words(numbers["segments"], numbers["gaps"], numbers["events"]))
        return 0
    where = places(options.data)
    verify_expected(where.archive, where.keys)
    new = where.index_path.with_suffix(".rebuilding")
    with ProgressLine("journals") as line:
        report = rebuild(where.archive, new, line.tell)
    swap_in(where.index_path, new)
    say(_in_words(report.segments, report.gaps, report.events))
    return 0


def _by_server(api: "Api", line: "ProgressLine") -> dict[str, int]:
    """Follows the server's work to its end; Ctrl+C stops it there."""
    work = api.call("POST", WORK, {"kind": "rebuild"})
    try:
        while work["finished"] is None:
            time.sleep(ASK_EVERY_S)
            work = api.call("GET", WORK)
            line.tell(work["done"], work["total"])
    except KeyboardInterrupt:
        api.call("DELETE", WORK)
        raise
    if work["error"] is not None:
        raise WachtelError(
            ErrorKind(work["error"]["kind"]), work["error"]["what"], hint=work["error"]["hint"]
        )
    if work["stopped"]:
        raise WachtelError(ErrorKind.CONFLICT, "The rebuild was stopped. The old index stays in use.")
    numbers: dict[str, int] = work["numbers"]
    return numbers


def _in_words(segments: int, gaps: int, events: int) -> str:
    return f"The index is new: {segments} files, {gaps} gaps, {events} events."
