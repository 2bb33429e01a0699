"""``wachtel arm``: how a site is armed, and where it lies."""

import argparse
import json
from typing import Any

from wachtel.app.cli.alarm import add_code_option, typed_code
from wachtel.app.cli.options import add_data
from wachtel.base.errors import ErrorKind, WachtelError


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "arm",
        help="arm a site, or say how it is armed",
        description="Arms a site for its rules; without a state it says how it is.",
    )
    parser.add_argument("state", nargs="?", choices=("disarmed", "home", "away", "night"), metavar="STATE",
                        help="disarmed, home, away or night")  # fmt: skip
    parser.add_argument("--site", default="home", help="the site (default: home)")
    parser.add_argument(
        "--place", metavar="LATITUDE,LONGITUDE", help="where the site lies, for sunrise and sunset"
    )
    parser.add_argument(
        "--bypass", action="store_true", help="leave out sensors that are open, until it is disarmed"
    )
    add_code_option(parser)
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="JSON on standard output")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Sets what is asked for, and shows how things are."""
    from wachtel.app.api_client import named, open_api

    site = f"/api/v1/sites/{named(options.site)}"
    with open_api(options.data) as api:
        if options.place:
            api.call("PUT", f"{site}/place", _place(options.place))
        if options.state:
            needed = "code_to_disarm" if options.state == "disarmed" else "code_to_arm"
            body = {
                "state": options.state,
                "code": typed_code(api, options, needed),
                "bypass": options.bypass,
            }
            api.call("PUT", f"{site}/arm", body)
        facts = api.call("GET", f"{site}/arm") | api.call("GET", f"{site}/place")
    print(json.dumps(facts) if options.json else f"{options.site}: {facts['state']}")
    return 0


def _place(text: str) -> dict[str, Any]:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError as error:
        raise WachtelError(
            ErrorKind.INVALID,
            f"{text!r} is not a place.",
            hint="Write it like 52.52,13.40, north and east positive.",
        ) from error
    return {"latitude": latitude, "longitude": longitude}
