"""How every virtual device becomes a command; what it takes and does is with the device itself, under testing."""

import argparse
from typing import Protocol


class Device(Protocol):
    """The module ``command`` of a virtual device."""

    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int:
        """Says where it is, runs until a signal ends it, and gives the exit code. Raises `WachtelError`."""
        ...


def add_device(
    subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    device: Device,
    *,
    short: str,
    description: str,
) -> None:
    """Adds the command ``name``."""
    parser = subparsers.add_parser(
        name,
        help=short,
        description=description,
        epilog=device.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    device.add_arguments(parser)
    parser.set_defaults(run=device.run)
