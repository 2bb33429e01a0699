"""``wachtel fake-wemo``: a fake Wemo switch, dimmer, Maker or Motion, for trying things out."""

import argparse

from wachtel.testing.wemo.command import EXAMPLES, add_arguments
from wachtel.testing.wemo.command import run as play


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "fake-wemo",
        help="be a Wemo switch, dimmer, Maker or motion sensor",
        description="A fake Wemo device that answers searches, takes orders and tells subscribers, with faults.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Runs until a signal ends it."""
    return play(args)
