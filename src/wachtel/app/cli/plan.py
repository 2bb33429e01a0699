"""``wachtel plan``: what an operator sells."""

import argparse
import json

from wachtel.app.cli.options import add_data

INTERVALS = ("yearly", "monthly", "free")
EXTRAS = (
    ("--hosted-days", "days of hosted storage"),
    ("--cameras", "cameras on the hub"),
    ("--channels", "message channels"),
)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "plan", help="what an operator sells", description="Manages plans. No plan touches local recording."
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    adding = actions.add_parser("add", help="add a plan; it stays as it is from then on")
    adding.add_argument("id", metavar="ID", help="short name in small letters, such as basic-monthly")
    adding.add_argument("--name", help="what people call it (default: ID)")
    adding.add_argument("--interval", required=True, choices=INTERVALS, help="how often is paid")
    adding.add_argument(
        "--price", action="append", default=[], type=_price, metavar="CUR=AMOUNT",
        help="price of one period, as in EUR=4.99; may be repeated",
    )  # fmt: skip
    for option, what in EXTRAS:
        adding.add_argument(option, type=int, default=0, metavar="N", help=what)
    adding.set_defaults(run=add)
    listing = actions.add_parser("list", help="show the plans")
    listing.set_defaults(run=show)
    for action in (adding, listing):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def add(options: argparse.Namespace) -> int:
    """Adds a plan."""
    from wachtel.app.api_client import open_api

    extras = {"hosted_days": options.hosted_days, "cameras": options.cameras, "channels": options.channels}
    body = {
        "id": options.id,
        "name": options.name or options.id,
        "interval": options.interval,
        "prices": dict(options.price),
        "entitlements": extras,
    }
    with open_api(options.data) as api:
        plan = api.call("POST", "/api/v1/plans", body)
    print(json.dumps(plan) if options.json else f"Added the plan {plan['name']} ({plan['id']}).")
    return 0


def show(options: argparse.Namespace) -> int:
    """Lists the plans."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        plans = api.call("GET", "/api/v1/plans")
    if options.json:
        print(json.dumps(plans))
        return 0
    for plan in plans:
        prices = ", ".join(f"{amount} {currency}" for currency, amount in plan["prices"].items()) or "-"
        extras = ", ".join(f"{name} {number}" for name, number in plan["entitlements"].items())
        print("\t".join((plan["id"], plan["name"], plan["interval"], prices, extras)))
    return 0


def _price(text: str) -> tuple[str, str]:
    currency, equals, amount = text.partition("=")
    if not (currency and equals and amount):
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is not a price such as EUR=4.99")
    return currency, amount
