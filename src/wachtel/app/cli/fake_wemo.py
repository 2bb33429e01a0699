"""``wachtel fake-wemo``: a fake Wemo switch, dimmer, Maker or Motion, for trying things out."""

import argparse

from wachtel.app.cli.fake_device import add_device
from wachtel.testing.wemo import command


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    add_device(
        subparsers,
        "fake-wemo",
        command,
        short="be a Wemo switch, dimmer, Maker or motion sensor",
        description="A fake Wemo device that answers searches, takes orders and tells subscribers, with faults.",
    )
