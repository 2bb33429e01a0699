"""``wachtel subscription``: who has which plan until when."""

import argparse
import json

from wachtel.app.cli.options import add_data


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "subscription", help="who has which plan until when", description="Manages subscriptions."
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    adding = actions.add_parser("add", help="begin a subscription")
    adding.add_argument("plan", metavar="PLAN", help="the plan's id")
    adding.add_argument("--subscriber", required=True, help="who has it")
    adding.add_argument("--residence", required=True, metavar="REGION", help="where they live, such as DE")
    adding.add_argument("--currency", metavar="CUR", help="what they pay in (default: that of the region)")
    adding.add_argument("--tz", metavar="ZONE", help="their time zone (default: that of the first site)")
    adding.add_argument("--starts-on", metavar="DATE", help="the first day (default: today)")
    adding.set_defaults(run=add)
    listing = actions.add_parser("list", help="show the subscriptions")
    listing.add_argument("--notices", action="store_true", help="also what each is to be told when")
    listing.add_argument("--lang", choices=("de", "en"), default="en", help="of the notices; default: en")
    listing.set_defaults(run=show)
    cancelling = actions.add_parser("cancel", help="end a subscription with its period")
    resuming = actions.add_parser("resume", help="take a cancellation back")
    for action, word in ((cancelling, "cancel"), (resuming, "resume")):
        action.add_argument("subscription", metavar="SUBSCRIPTION", help="its id")
        action.set_defaults(run=change, word=word)
    for action in (adding, listing, cancelling, resuming):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def add(options: argparse.Namespace) -> int:
    """Begins a subscription."""
    from wachtel.app.api_client import open_api

    body = {"plan": options.plan, "subscriber": options.subscriber, "residence": options.residence}
    chosen = {"currency": options.currency, "time_zone": options.tz, "starts_on": options.starts_on}
    body |= {name: value for name, value in chosen.items() if value is not None}
    with open_api(options.data) as api:
        _tell(api.call("POST", "/api/v1/subscriptions", body), as_json=options.json)
    return 0


def show(options: argparse.Namespace) -> int:
    """Lists the subscriptions."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        found = api.call("GET", "/api/v1/subscriptions")
    if options.json:
        print(json.dumps(found))
        return 0
    for one in found:
        print(_line(one))
        for notice in one["notices"] if options.notices else ():
            print(f"  {notice['on']}\t{notice['text'][options.lang]}")
    return 0


def change(options: argparse.Namespace) -> int:
    """Cancels, or takes a cancellation back."""
    from wachtel.app.api_client import named, open_api

    with open_api(options.data) as api:
        path = f"/api/v1/subscriptions/{named(options.subscription)}/{options.word}"
        _tell(api.call("POST", path), as_json=options.json)
    return 0


def _tell(one: dict[str, object], *, as_json: bool) -> None:
    print(json.dumps(one) if as_json else _line(one))


def _line(one: dict[str, object]) -> str:
    ends = f"ends {one['ends_on']}" if one["ends_on"] else "goes on"
    owed = f"{one['open']} {one['currency']} open"
    columns = (one["id"], one["subscriber"], one["plan"], one["standing"], ends, owed)
    return "\t".join(str(column) for column in columns)
