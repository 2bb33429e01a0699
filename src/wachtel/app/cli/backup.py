"""``wachtel backup``: everything that is not footage, in one file."""

import argparse
from pathlib import Path

from wachtel.app.cli.options import add_data, say
from wachtel.app.cli.passphrase import add_passphrase, new_passphrase


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "backup",
        help="save everything that is not footage",
        description="Saves cameras, accounts, tokens, channels and settings in one file, also while the server runs. "
        "The keys come along only under a passphrase; without them cameras ask for their passwords after a restore.",
    )
    add_data(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="where to write it")
    add_passphrase(parser)
    parser.add_argument(
        "--without-keys", action="store_true", help="leave the keys out and ask for no passphrase"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Writes the file."""
    from wachtel.base.clock import SystemClock
    from wachtel.storage.backup import back_up
    from wachtel.storage.data_folder import places

    passphrase = None if options.without_keys else new_passphrase(options)
    names = back_up(places(options.data), options.output, passphrase, SystemClock().wall_us())
    say(f"{options.output}: {', '.join(names)}")
    return 0
