"""Arguments that several commands share."""

import argparse
import os
import sys
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError


def default_data() -> Path:
    """``~/.local/share/wachtel``, or below ``XDG_DATA_HOME``."""
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local/share") / "wachtel"


def add_data(parser: argparse.ArgumentParser) -> None:
    """``--data DIR``."""
    parser.add_argument(
        "--data", type=Path, default=default_data(), metavar="DIR",
        help="the folder that holds everything (default: %(default)s)",
    )  # fmt: skip


def say(text: str) -> None:
    """A line for people, out of the way of programs that read standard output."""
    print(text, file=sys.stderr, flush=True)


def show(text: str) -> None:
    """A line of the command's result."""
    print(text, flush=True)


def usage_error(what: str) -> WachtelError:
    """Wrong usage that argparse cannot see."""
    return WachtelError(ErrorKind.INVALID, what)
