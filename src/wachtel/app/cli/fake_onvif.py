"""``wachtel fake-onvif``: a virtual ONVIF camera, for trying things out."""

import argparse

from wachtel.app.cli.fake_device import add_device
from wachtel.testing.fake_onvif import command


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    add_device(
        subparsers,
        "fake-onvif",
        command,
        short="be a camera with ONVIF, with quirks to order",
        description="A virtual ONVIF device that plays files: device, media, events and PTZ, found by WS-Discovery.",
    )
