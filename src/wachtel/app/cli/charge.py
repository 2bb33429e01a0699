"""``wachtel charge``: what subscribers owe, and what is owed to them."""

import argparse
import json

from wachtel.app.cli.options import add_data


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "charge", help="what subscribers owe, and what is owed to them", description="Manages charges."
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="book what has become due, and show charges and refunds")
    listing.add_argument("--lang", choices=("de", "en"), default="en", help="of the words; default: en")
    listing.set_defaults(run=show)
    paying = actions.add_parser("paid", help="note that a charge was paid, or a refund paid out")
    paying.add_argument("charge", metavar="CHARGE", help="its id")
    paying.add_argument("--reference", default="", metavar="TEXT", help="how the bank calls it")
    paying.add_argument("--on", metavar="DATE", help="the day it was paid (default: today)")
    paying.set_defaults(run=paid)
    for action in (listing, paying):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def show(options: argparse.Namespace) -> int:
    """Books what is due, then lists all."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        api.call("POST", "/api/v1/charges")
        found = api.call("GET", "/api/v1/charges")
    if options.json:
        print(json.dumps(found))
        return 0
    for one in found:
        print(f"{_line(one)}\t{one['text'][options.lang]}")
    return 0


def paid(options: argparse.Namespace) -> int:
    """Notes a payment."""
    from wachtel.app.api_client import named, open_api

    body = {"reference": options.reference} | ({"on": options.on} if options.on else {})
    with open_api(options.data) as api:
        one = api.call("POST", f"/api/v1/charges/{named(options.charge)}/paid", body)
    print(json.dumps(one) if options.json else _line(one))
    return 0


def _line(one: dict[str, str]) -> str:
    state = f"paid {one['paid_on']}" if one["paid_on"] else f"due {one['due_on']}"
    span = f"{one['start']}/{one['end']}"
    return "\t".join((one["id"], one["kind"], span, f"{one['amount']} {one['currency']}", state))
