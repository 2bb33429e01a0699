"""``wachtel fake-camera``: a camera that plays files, for trying things out."""

import argparse

from wachtel.app.cli.fake_device import add_device
from wachtel.testing.fake_camera import command


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    add_device(
        subparsers,
        "fake-camera",
        command,
        short="play files as a camera, with faults to order",
        description="Plays one file, or two, as a camera's main and sub stream in real time.",
    )
