"""``wachtel restore``: puts a backup back."""

import argparse
from pathlib import Path

from wachtel.app.cli.options import add_data, say
from wachtel.app.cli.passphrase import add_passphrase, known_passphrase


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "restore",
        help="put a backup back",
        description="Puts a file made by wachtel backup into a data folder, while no server runs. Footage is not "
        "touched. What was there is kept beside it with the ending .before-restore.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")
    add_data(parser)
    add_passphrase(parser)
    parser.add_argument("--without-keys", action="store_true", help="leave the keys where they are")
    parser.add_argument("--replace", action="store_true", help="also where there is a state already")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Restores, unless a server runs."""
    from wachtel.app.api_client import server_runs
    from wachtel.base.errors import ErrorKind, WachtelError
    from wachtel.storage.backup import restore
    from wachtel.storage.data_folder import places

    if server_runs(options.data):
        raise WachtelError(ErrorKind.BUSY, "The server is running.", hint="Stop it first.")
    passphrase = None if options.without_keys else known_passphrase(options)
    names = restore(options.file, places(options.data), passphrase, replace=options.replace)
    say(f"Restored into {options.data}: {', '.join(names)}")
    return 0
