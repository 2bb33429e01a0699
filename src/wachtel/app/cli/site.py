"""``wachtel site``: the places of an installation."""

import argparse
import json

from wachtel.app.cli.options import add_data


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "site", help="places with their own cameras", description="Manages places."
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    adding = actions.add_parser("add", help="add a place")
    adding.add_argument("name", metavar="NAME")
    adding.add_argument(
        "--tz", metavar="ZONE", help="time zone, such as Europe/Berlin (default: the machine's)"
    )
    adding.set_defaults(run=add)
    listing = actions.add_parser("list", help="show the places")
    listing.set_defaults(run=show)
    for action in (adding, listing):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def add(options: argparse.Namespace) -> int:
    """Adds a place."""
    from wachtel.app.api_client import open_api
    from wachtel.storage.state.surroundings import system_time_zone

    body = {"name": options.name, "time_zone": options.tz or system_time_zone()}
    with open_api(options.data) as api:
        site = api.call("POST", "/api/v1/sites", body)
    print(
        json.dumps(site)
        if options.json
        else f"Added the site {site['name']} ({site['id']}, {site['time_zone']})."
    )
    return 0


def show(options: argparse.Namespace) -> int:
    """Lists the places."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        sites = api.call("GET", "/api/v1/sites")
    if options.json:
        print(json.dumps(sites))
        return 0
    for site in sites:
        print(f"{site['id']}\t{site['name']}\t{site['time_zone']}")
    return 0
