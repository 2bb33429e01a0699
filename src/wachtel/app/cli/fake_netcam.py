"""``wachtel fake-netcam``: a virtual Wemo NetCam, for trying things out."""

import argparse

from wachtel.app.cli.fake_device import add_device
from wachtel.testing.netcam import command


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    add_device(
        subparsers,
        "fake-netcam",
        command,
        short="be a Wemo NetCam, in setup mode, locked, or set free",
        description="A virtual NetCam with its web server, its UPnP sensor and its quirks.",
    )
