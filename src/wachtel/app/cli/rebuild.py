"""``wachtel rebuild``: makes the index anew from the files alone."""

import argparse

from wachtel.app.cli.options import add_data, say


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
    from wachtel.storage.rebuild import rebuild, swap_in

    if server_runs(options.data):
        with open_api(options.data, patience_s=None) as api:
            answer = api.call("POST", "/api/v1/archive/rebuild")
        say(_in_words(answer["segments"], answer["gaps"], answer["events"]))
        return 0
    where = places(options.data)
    new = where.index_path.with_suffix(".rebuilding")
    with ProgressLine("journals") as line:
        report = rebuild(where.archive, new, line.tell)
    swap_in(where.index_path, new)
    say(_in_words(report.segments, report.gaps, report.events))
    return 0


def _in_words(segments: int, gaps: int, events: int) -> str:
    return f"The index is new: {segments} files, {gaps} gaps, {events} events."
