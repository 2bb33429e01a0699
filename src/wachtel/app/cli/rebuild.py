"""``wachtel rebuild``: makes the index anew from the files alone."""

import argparse

from wachtel.app.cli.options import add_data, say


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "rebuild",
        help="make the index anew from the files",
        description="Reads journals and files and makes a new index from them; the running server takes it over.",
    )
    add_data(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Asks the running server, else does it itself."""
    from wachtel.app.cli.control import server_of

    server = server_of(options.data)
    if server is not None:
        answer = server.post("/api/v1/archive/rebuild", timeout=None)
        say(f"The running server rebuilt its index: {answer['segments']} files, {answer['events']} events.")
        return 0
    from wachtel.storage.data_folder import places
    from wachtel.storage.rebuild import rebuild, swap_in

    where = places(options.data)
    new = where.index_path.with_suffix(".rebuilding")
    report = rebuild(
        where.archive, new, progress=lambda done, of: say(f"{done} of {of} journals") if done == of else None
    )
    swap_in(where.index_path, new)
    say(f"Rebuilt: {report.segments} files, {report.gaps} gaps, {report.events} events.")
    return 0
