"""``wachtel fake-netcam``: a virtual Wemo NetCam, for trying things out."""

import argparse

from wachtel.testing.netcam.command import EXAMPLES, add_arguments
from wachtel.testing.netcam.command import run as play


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "fake-netcam",
        help="be a Wemo NetCam, in setup mode, locked, or set free",
        description="A virtual NetCam with its web server, its UPnP sensor and its quirks.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Runs until a signal ends it."""
    return play(args)
