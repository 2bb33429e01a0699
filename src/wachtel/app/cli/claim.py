"""``wachtel claim``: what customers claim when a service ends, and what becomes of it."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wachtel.app.cli.options import add_data, pair, say
from wachtel.base.errors import ErrorKind, WachtelError

WORDS = (
    "receipt_accepted", "receipt_refused", "label_sent", "label_received", "returned", "recycled", "reviewed",
    "reopened", "withdrawn", "resumed",
)  # fmt: skip
_BATCH_BYTES = 128 * 1024
_BATCH = 200


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "claim",
        help="what customers claim when a service ends",
        description="Opens the desk for claims and works on them. Amounts come from the policy, each with its reason.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for action in (
        _desk(actions),
        _list(actions),
        _show(actions),
        _bring(actions),
        _say(actions),
        _paid(actions),
    ):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")
        action.add_argument("--lang", choices=("de", "en"), default="en", help="of the words; default: en")


def _desk(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("desk", help="show or change the rules, open or close the form")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--open", action="store_true", default=None, help="customers may hand claims in")
    group.add_argument("--close", dest="open", action="store_false", default=None, help="no more of them")
    parser.add_argument("--policy", metavar="NAME", help="belkin-2020 or wachtel-promise")
    parser.add_argument(
        "--option", action="append", type=pair, metavar="NAME=VALUE", help="read the rules differently"
    )
    parser.add_argument(
        "--rate", action="append", type=pair, metavar="CUR=AMOUNT", help="what a lost month is worth"
    )
    parser.set_defaults(run=desk)
    return parser


def _list(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("list", help="show claims, newest first")
    parser.add_argument(
        "--stage",
        action="append",
        metavar="STAGE",
        help="only these: checking, evidence_missing, awaiting_return, decided, paid, closed, rejected, withdrawn",
    )
    parser.set_defaults(run=show_all)
    return parser


def _show(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("show", help="show a claim with its arithmetic and its history")
    parser.add_argument("claim", metavar="CLAIM", help="its id")
    parser.set_defaults(run=show)
    return parser


def _bring(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("import", help="take over claims from a file as `wachtel refund` reads it")
    parser.add_argument("claims", metavar="CLAIMS.json", type=Path, help="the claims; - reads standard input")
    parser.set_defaults(run=bring)
    return parser


def _say(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("say", help="say what became known about a claim")
    parser.add_argument("claim", metavar="CLAIM", help="its id")
    parser.add_argument("word", choices=WORDS, metavar="WORD", help=", ".join(WORDS))
    parser.add_argument("item", nargs="?", default="", metavar="ITEM", help="subscription, or camera:SERIAL")
    parser.add_argument("--on", metavar="DATE", help="the day it happened (default: today)")
    parser.add_argument("--amount", type=pair, metavar="CUR=AMOUNT", help="what a person decided")
    parser.add_argument("--note", default="", metavar="TEXT", help="why; the customer reads it")
    parser.set_defaults(run=tell)
    return parser


def _paid(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("paid", help="note that what is due for a claim was paid")
    parser.add_argument("claim", metavar="CLAIM", help="its id")
    parser.add_argument("--reference", required=True, metavar="TEXT", help="how the bank calls it")
    parser.set_defaults(run=paid)
    return parser


def desk(options: argparse.Namespace) -> int:
    """Shows the desk, after changing what was asked for."""
    from wachtel.app.api_client import open_api

    asked = {
        "open": options.open,
        "policy": options.policy,
        "options": None if options.option is None else dict(options.option),
        "rates": None if options.rate is None else dict(options.rate),
    }
    changes = {name: value for name, value in asked.items() if value is not None}
    with open_api(options.data) as api:
        found = api.call("GET", "/api/v1/claims/desk")
        if changes:
            found = api.call("PUT", "/api/v1/claims/desk", found | changes)
    if options.json:
        print(json.dumps(found))
        return 0
    settings = [f"{name}={value}" for part in ("options", "rates") for name, value in found[part].items()]
    form = "open" if found["open"] else "closed"
    print(f"The form is {form}. Policy: {' '.join([found['policy'], *settings])}")
    return 0


def show_all(options: argparse.Namespace) -> int:
    """A line a claim."""
    from wachtel.app.api_client import open_api

    found: list[Any] = []
    with open_api(options.data) as api:
        before = ""
        while True:
            stages = "".join(f"&stage={stage}" for stage in options.stage or ())
            page = api.call("GET", f"/api/v1/claims?limit=100{stages}{before}")
            found += page["claims"]
            if page["next"] is None:
                break
            before = f"&before={page['next']}"
    if options.json:
        print(json.dumps(found))
        return 0
    for one in found:
        due = ", ".join(f"{amount} {currency}" for currency, amount in one["due"].items()) or "-"
        print("\t".join((one["id"], one["submitted_at"][:10], one["stage_text"][options.lang], due)))
    return 0


def show(options: argparse.Namespace) -> int:
    """One claim."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        _print(_found(api, options.claim), options)
    return 0


def bring(options: argparse.Namespace) -> int:
    """Takes claims over; 1 when one of them could not be read, which is said with its field."""
    from wachtel.app.api_client import open_api
    from wachtel.app.cli.refund import chunks
    from wachtel.service.claim_stream import split_list

    answers: list[Any] = []
    with open_api(options.data) as api:
        for batch in _batches(element.text for element in split_list(chunks(options.claims))):
            answers += api.call("POST", "/api/v1/claims/import", {"claims": batch})
            say(f"{len(answers)} claims")
    if options.json:
        print(json.dumps(answers))
    wrong = [one for one in answers if one["problems"]]
    for one in () if options.json else wrong:
        for problem in one["problems"]:
            print(f"{one['id'] or '-'}\t{problem['field']}\t{problem['text'][options.lang]}")
    new = sum(one["new"] for one in answers)
    say(f"{new} new, {len(answers) - new - len(wrong)} known before, {len(wrong)} wrong")
    return 1 if wrong else 0


def tell(options: argparse.Namespace) -> int:
    """Adds what became known."""
    from wachtel.app.api_client import open_api

    body = {"kind": options.word, "item": options.item, "note": options.note, "on": options.on}
    if options.amount:
        body |= {"currency": options.amount[0], "amount": options.amount[1]}
    with open_api(options.data) as api:
        number = _found(api, options.claim)["number"]
        _print(api.call("POST", f"/api/v1/claims/{number}/facts", body), options)
    return 0


def paid(options: argparse.Namespace) -> int:
    """Notes a payment."""
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        number = _found(api, options.claim)["number"]
        body = {"reference": options.reference}
        _print(api.call("POST", f"/api/v1/claims/{number}/paid", body), options)
    return 0


def _found(api: Any, claim: str) -> Any:
    from wachtel.app.api_client import named

    for one in api.call("GET", f"/api/v1/claims?limit=100&text={named(claim)}")["claims"]:
        if one["id"] == claim:
            return one
    raise WachtelError(
        ErrorKind.NOT_FOUND, f"There is no claim {claim!r}.", hint="Look with `wachtel claim list`."
    )


def _print(one: Any, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(one))
        return
    print(f"{one['id']}\t{one['submitted_at']}\t{one['stage_text'][options.lang]}")
    for item in one["items"]:
        until = f" ({item['until']})" if item["until"] else ""
        print(f"{item['name']}\t{item['amount']} {item['currency']}\tpaid {item['paid']}\t{item['reason']}")
        print(f"\t{item['explanation'][options.lang]}")
        print(f"\t{item['next_text'][options.lang]}{until}")
    for fact in one["facts"]:
        amount = f"{fact['amount']} {fact['currency']}" if fact["amount"] else ""
        words = (fact["on"], fact["text"][options.lang], fact["item"], amount, fact["note"], fact["by"])
        print("\t".join(word for word in words if word))


def _batches(texts: Iterator[bytes]) -> Iterator[list[Any]]:
    """Claims in as many questions as the server takes; what is no JSON is answered like any other wrong claim."""
    batch: list[Any] = []
    size = 0
    for text in texts:
        if batch and (len(batch) == _BATCH or size + len(text) > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        try:
            batch.append(json.loads(text))
        except (ValueError, RecursionError):
            batch.append(text.decode(errors="replace")[:200])
        size += len(text)
    if batch:
        yield batch
