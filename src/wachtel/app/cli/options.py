"""Arguments that several commands share."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.base.units import WallUs


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


def moment_argument(text: str) -> "WallUs":
    """A time as typed: ISO 8601; without a zone it is the time of this machine."""
    from datetime import UTC, datetime, timedelta

    from wachtel.base.units import WallUs

    try:
        at = datetime.fromisoformat(text).astimezone(UTC)
        return WallUs((at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time such as 2026-11-21T14:30 or 2026-11-21T14:30:00Z"
        ) from error


def iso(at: int) -> str:
    """A moment in the time of this machine, to the second."""
    from datetime import datetime

    return datetime.fromtimestamp(at / 1_000_000).astimezone().isoformat(timespec="seconds")


def say(text: str) -> None:
    """A line for people, out of the way of programs that read standard output."""
    print(text, file=sys.stderr, flush=True)


def show(text: str) -> None:
    """A line of the command's result."""
    print(text, flush=True)


def usage_error(what: str) -> WachtelError:
    """Wrong usage that argparse cannot see."""
    return WachtelError(ErrorKind.INVALID, what)


def pair(text: str) -> tuple[str, str]:
    """``NAME=VALUE`` of an option."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is not NAME=VALUE")
    return name, value
