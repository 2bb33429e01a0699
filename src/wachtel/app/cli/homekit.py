"""``wachtel homekit``: the cameras in Apple Home."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from wachtel.app.cli.options import add_data

if TYPE_CHECKING:
    from wachtel.app.api_client import Api


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "homekit",
        help="show the cameras in Apple Home",
        description="A bridge to Apple Home. While it is off, nothing of it is sent or heard.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    showing = actions.add_parser("show", help="say how it is, and show the code to pair with")
    showing.set_defaults(run=show)
    starting = actions.add_parser("on", help="switch it on")
    starting.add_argument(
        "--address",
        metavar="ADDRESS",
        help="the address of this machine it shall be found at (default: its only one)",
    )
    starting.add_argument("--port", type=int, metavar="N", help="the port it listens at (default: 51826)")
    starting.set_defaults(run=switch_on)
    stopping = actions.add_parser("off", help="switch it off; pairings are kept")
    stopping.set_defaults(run=switch_off)
    resetting = actions.add_parser("reset", help="forget every pairing and make a new code")
    resetting.set_defaults(run=reset)
    for action in (showing, starting, stopping, resetting):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def show(options: argparse.Namespace) -> int:
    """Says how it is."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        return _say(api.call("GET", "/api/v1/homekit"), as_json=options.json)


def switch_on(options: argparse.Namespace) -> int:
    """Switches it on at one address."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        before = api.call("GET", "/api/v1/homekit")
        address = options.address or before["address"] or _only_address()
        body: dict[str, Any] = {"address": address, "port": options.port or before["port"]}
        return _say(api.call("PUT", "/api/v1/homekit", body), as_json=options.json)


def switch_off(options: argparse.Namespace) -> int:
    """Switches it off."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        return _say(_switched_off(api), as_json=options.json)


def _switched_off(api: "Api") -> dict[str, Any]:
    found: dict[str, Any] = api.call("GET", "/api/v1/homekit")
    if found["address"] is not None:
        body = {"address": found["address"], "port": found["port"], "enabled": False}
        found = api.call("PUT", "/api/v1/homekit", body)
    return found


def reset(options: argparse.Namespace) -> int:
    """Forgets every pairing."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        return _say(api.call("POST", "/api/v1/homekit/reset"), as_json=options.json)


def _only_address() -> str:
    from wachtel.base.errors import ErrorKind, WachtelError
    from wachtel.cameras.discovery.networks import local_networks

    found = [address for address, _ in local_networks()]
    if len(found) == 1:
        return found[0]
    raise WachtelError(
        ErrorKind.INVALID,
        "This machine has several addresses." if found else "This machine has no address in a local network.",
        hint=f"Say which with --address: {', '.join(found)}." if found else "Say which with --address.",
    )


def _say(found: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(found))
        return 0
    if not found["enabled"]:
        print("HomeKit is off; nothing of it is sent or heard.")
        return 0
    if found["trouble"]:
        print(f"HomeKit does not run. {found['trouble']['what']} {found['trouble']['hint']}".strip())
        return 1
    where = f"{found['address']}:{found['port']}"
    print(f"HomeKit is on at {where}, paired with {found['paired']} controllers.")
    if found["code"] and not found["paired"]:
        _draw(found["uri"])
        print(f"Setup code: {found['code']}")
    return 0


def _draw(uri: str) -> None:
    """For a terminal only: elsewhere the blocks of the QR code are noise."""
    if sys.stdout.isatty():
        import segno

        segno.make(uri, micro=False).terminal(sys.stdout, compact=True)
