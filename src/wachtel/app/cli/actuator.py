"""``wachtel actuator``: what rules switch."""

import argparse
import json

from wachtel.app.cli.options import add_data


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "actuator", help="what rules switch", description="Manages what rules switch."
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    adding = actions.add_parser("add", help="add something that is switched by a web address")
    adding.add_argument("--name", required=True, help="what people call it")
    adding.add_argument("--site", default="home", help="its site (default: home)")
    adding.add_argument(
        "--on", required=True, metavar="URL", help="the address that switches it on; {level} becomes 0..100"
    )
    adding.add_argument("--off", default="", metavar="URL", help="the address that switches it off")
    adding.add_argument(
        "--method", default="GET", choices=("GET", "POST", "PUT"), help="how it is called (default: GET)"
    )
    adding.add_argument("--body", default="", help="what is sent along")
    adding.set_defaults(run=add)
    listing = actions.add_parser("list", help="show what can be switched")
    listing.set_defaults(run=show)
    removing = actions.add_parser("remove", help="remove it")
    removing.add_argument("actuator", metavar="ACTUATOR", help="its id or name")
    removing.set_defaults(run=remove)
    switching = actions.add_parser("switch", help="switch it now, to try it")
    switching.add_argument("actuator", metavar="ACTUATOR", help="its id or name")
    switching.add_argument("state", choices=("on", "off"), metavar="STATE", help="on or off")
    switching.set_defaults(run=switch)
    for action in (adding, listing, removing, switching):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def add(options: argparse.Namespace) -> int:
    """Adds an actuator; typing the address is consent to it, this machine's own included."""
    from wachtel.app.api_client import open_api

    fields = {"on": options.on, "off": options.off, "method": options.method, "body": options.body}
    body = {"name": options.name, "site": options.site, "kind": "http", "fields": fields, "allow_local": True}
    with open_api(options.data) as api:
        made = api.call("POST", "/api/v1/actuators", body)
    print(json.dumps(made) if options.json else f"Added {made['name']} ({made['id']}).")
    return 0


def show(options: argparse.Namespace) -> int:
    """Lists the actuators."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        found = api.call("GET", "/api/v1/actuators")
    if options.json:
        print(json.dumps(found))
        return 0
    for one in found:
        print("\t".join((one["id"], one["name"], one["site"], one["kind"], one["address"])))
    return 0


def remove(options: argparse.Namespace) -> int:
    """Removes an actuator."""
    from wachtel.app.api_client import named, open_api
    from wachtel.app.cli.rule import find

    with open_api(options.data) as api:
        found = find(api, "actuators", options.actuator)
        api.call("DELETE", f"/api/v1/actuators/{named(found['id'])}")
    print(json.dumps({"id": found["id"]}) if options.json else f"Removed {found['name']}.")
    return 0


def switch(options: argparse.Namespace) -> int:
    """Switches an actuator now."""
    from wachtel.app.api_client import named, open_api
    from wachtel.app.cli.rule import find

    with open_api(options.data) as api:
        found = find(api, "actuators", options.actuator)
        api.call("POST", f"/api/v1/actuators/{named(found['id'])}/drive", {"on": options.state == "on"})
    print(
        json.dumps({"id": found["id"]})
        if options.json
        else f"{found['name']} says that it is {options.state}."
    )
    return 0
