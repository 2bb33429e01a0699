"""``wachtel discover``: cameras and Wemo devices on the local networks."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.model.device import FoundDevice

LONGEST_S = 30.0


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "discover",
        help="look for cameras and Wemo devices on the local networks",
        description="Asks the local networks once, by WS-Discovery, UPnP and mDNS. Nothing is asked farther away, "
        "and nothing by itself.",
    )
    parser.add_argument(
        "--seconds", type=float, default=5.0, metavar="N", help="how long to listen (default: 5)"
    )
    parser.add_argument("--json", action="store_true", help="JSON on standard output")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ends 1 when nobody answered. Raises `WachtelError`."""
    from wachtel.base.clock import SystemClock
    from wachtel.cameras.discovery.search import default_plan
    from wachtel.cameras.discovery.wemo import search_with_names

    if not 1 <= options.seconds <= LONGEST_S:
        raise WachtelError(ErrorKind.INVALID, f"--seconds lies between 1 and {LONGEST_S:g}.")
    *_, found = search_with_names(default_plan(), options.seconds, SystemClock())
    if options.json:
        print(json.dumps({"devices": [asdict(one) for one in found]}))
    else:
        _show(found)
    return 0 if found else 1


def _show(found: "list[FoundDevice]") -> None:
    for one in found:
        name = " ".join(part for part in (one.make, one.model) if part)
        print("\t".join((one.what, one.address, one.url or "-", name or "-", one.name or "-")))
    if not found:
        print("Nobody answered. Is the camera switched on and in the same network?", file=sys.stderr)
