"""``wachtel fake-camera``: a camera that plays files, for trying things out."""

import argparse

from wachtel.testing.fake_camera.command import EXAMPLES, add_arguments
from wachtel.testing.fake_camera.command import run as play


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "fake-camera",
        help="play files as a camera, with faults to order",
        description="Plays one file, or two, as a camera's main and sub stream in real time.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Plays until a signal ends it. Raises `WachtelError`."""
    return play(args)
