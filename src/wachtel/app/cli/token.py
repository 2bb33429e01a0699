"""``wachtel token``: the right to come in, for other programs."""

import argparse
import json
from typing import Any

from wachtel.app.cli.options import add_data, say
from wachtel.base.errors import ErrorKind, WachtelError


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "token", help="access for other programs", description="Manages access tokens."
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    creating = actions.add_parser("create", help="make a token; it is shown once")
    creating.add_argument(
        "--name", required=True, metavar="N", help="which program it is for; user name for RTSP"
    )
    creating.add_argument(
        "--scope",
        choices=("view", "control", "admin"),
        default="view",
        help="what it may do (default: %(default)s)",
    )
    creating.set_defaults(run=create)
    listing = actions.add_parser("list", help="show the tokens, without their secrets")
    listing.set_defaults(run=show)
    removing = actions.add_parser("remove", help="withdraw a token at once")
    removing.add_argument("token", metavar="TOKEN", help="its id or name")
    removing.set_defaults(run=remove)
    for action in (creating, listing, removing):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def create(options: argparse.Namespace) -> int:
    """Makes a token; it stands alone on the last line."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        token = api.call("POST", "/api/v1/tokens", {"name": options.name, "scope": options.scope})
    if options.json:
        print(json.dumps({name: token[name] for name in ("id", "name", "scope", "token")}))
        return 0
    say(f"The token {token['name']} ({token['scope']}), shown only this once:")
    print(token["token"])
    return 0


def show(options: argparse.Namespace) -> int:
    """Lists the tokens."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        tokens = api.call("GET", "/api/v1/tokens")
    if options.json:
        print(json.dumps(tokens))
        return 0
    for token in tokens:
        print(f"{token['id']}\t{token['name']}\t{token['scope']}\t{token['created']}")
    return 0


def remove(options: argparse.Namespace) -> int:
    """Withdraws a token."""
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        tokens: list[dict[str, Any]] = api.call("GET", "/api/v1/tokens")
        found = next((token for token in tokens if options.token in (token["id"], token["name"])), None)
        if found is None:
            raise WachtelError(
                ErrorKind.NOT_FOUND,
                f"There is no token {options.token!r}.",
                hint="`wachtel token list` shows them.",
            )
        api.call("DELETE", f"/api/v1/tokens/{named(found['id'])}")
    text = f"The token {found['name']} is worth nothing any more."
    print(json.dumps({"id": found["id"], "name": found["name"]}) if options.json else text)
    return 0
