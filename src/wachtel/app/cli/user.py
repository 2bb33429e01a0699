"""``wachtel user``: people who may log in."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from wachtel.app.cli.options import add_data
from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.app.api_client import Api

MOST_BYTES_READ = 4096


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser("user", help="people who may log in", description="Manages accounts.")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    adding = actions.add_parser("add", help="add somebody; the first one may do everything")
    adding.add_argument("name", metavar="NAME")
    adding.add_argument(
        "--scope",
        choices=("view", "control", "admin"),
        help="what they may do (default: view; admin for the very first one)",
    )
    adding.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    adding.set_defaults(run=add)
    renewing = actions.add_parser(
        "password", help="give somebody a new password, and log them out everywhere"
    )
    renewing.add_argument("name", metavar="NAME")
    renewing.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input"
    )
    renewing.set_defaults(run=renew_password)
    removing = actions.add_parser("remove", help="remove somebody, and log them out everywhere")
    removing.add_argument("name", metavar="NAME")
    removing.set_defaults(run=remove)
    listing = actions.add_parser("list", help="show who may log in")
    listing.set_defaults(run=show)
    for action in (adding, renewing, removing, listing):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def add(options: argparse.Namespace) -> int:
    """Adds somebody."""
    from wachtel.app.api_client import open_api

    password = _password(options)
    with open_api(options.data) as api:
        scope = options.scope or ("view" if api.call("GET", "/api/v1/accounts") else "admin")
        body = {"name": options.name, "password": password, "scope": scope}
        account = api.call("POST", "/api/v1/accounts", body)
    print(json.dumps(account) if options.json else f"Added {account['name']} ({account['scope']}).")
    return 0


def renew_password(options: argparse.Namespace) -> int:
    """Gives somebody a new password: the way back in for whoever forgot theirs."""
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        account = _find(api, options.name)
        body = {"password": _password(options)}
        account = api.call("PATCH", f"/api/v1/accounts/{named(account['id'])}", body)
    print(json.dumps(account) if options.json else f"{account['name']} has a new password.")
    return 0


def remove(options: argparse.Namespace) -> int:
    """Removes somebody."""
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        account = _find(api, options.name)
        api.call("DELETE", f"/api/v1/accounts/{named(account['id'])}")
    removed = {"id": account["id"], "name": account["name"]}
    print(json.dumps(removed) if options.json else f"Removed {account['name']}.")
    return 0


def show(options: argparse.Namespace) -> int:
    """Lists who may log in."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        accounts = api.call("GET", "/api/v1/accounts")
    if options.json:
        print(json.dumps(accounts))
        return 0
    for account in accounts:
        print(f"{account['name']}\t{account['scope']}\t{account['created']}")
    return 0


def _find(api: "Api", name: str) -> dict[str, Any]:
    accounts: list[dict[str, Any]] = api.call("GET", "/api/v1/accounts")
    for account in accounts:
        if account["name"].casefold() == name.casefold():
            return account
    raise WachtelError(
        ErrorKind.NOT_FOUND, f"Nobody here is called {name!r}.", hint="`wachtel user list` shows them."
    )


def _password(options: argparse.Namespace) -> str:
    return _password_from_stdin() if options.password_stdin else _asked_password()


def _password_from_stdin() -> str:
    return sys.stdin.read(MOST_BYTES_READ).removesuffix("\n").removesuffix("\r")


def _asked_password() -> str:
    import getpass

    if not sys.stdin.isatty():
        raise WachtelError(
            ErrorKind.INVALID, "There is no terminal to ask for the password: use --password-stdin."
        )
    password = getpass.getpass("Password: ")
    if getpass.getpass("The same again: ") != password:
        raise WachtelError(ErrorKind.INVALID, "The two passwords differ.")
    return password
