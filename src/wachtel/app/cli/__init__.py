"""The command line: one module per command, each with ``add_parser`` and ``run``; heavy imports only inside ``run``."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from wachtel import __version__
from wachtel.base.errors import WachtelError
from wachtel.base.redact import redact

COMMANDS = (
    "demo",
    "serve",
    "site",
    "camera",
    "discover",
    "netcam",
    "user",
    "token",
    "tls",
    "channel",
    "rule",
    "actuator",
    "wemo",
    "arm",
    "mqtt",
    "alarm",
    "homekit",
    "record",
    "detect",
    "replay",
    "check",
    "rebuild",
    "verify",
    "export",
    "import_footage",
    "backup",
    "restore",
    "refund",
    "plan",
    "subscription",
    "charge",
    "claim",
    "sunset",
    "drill",
    "fake_camera",
    "fake_netcam",
    "fake_onvif",
    "fake_wemo",
)

Run = Callable[[argparse.Namespace], int]


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = argparse.ArgumentParser(
        prog="wachtel",
        description="A camera service that nobody can switch off.",
        epilog="Each command explains itself: wachtel COMMAND --help",
    )
    root.add_argument("--version", action="version", version=f"wachtel {__version__}")
    subparsers = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = import_module(f"wachtel.app.cli.{name}")
        module.add_parser(subparsers)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command: 0 well, 1 failed, 2 wrong usage; errors are one line on standard error."""
    options = parser().parse_args(arguments)
    run: Run = options.run
    try:
        return run(options)
    except WachtelError as error:
        print(f"wachtel: {redact(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
