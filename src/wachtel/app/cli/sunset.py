"""``wachtel sunset``: ends a service with honour: announced, in order, with a refund for everybody."""

import argparse
import json
from pathlib import Path
from typing import Any

from wachtel.app.cli.options import add_data
from wachtel.base.errors import ErrorKind, WachtelError

STEPS = ("export_ready", "handed_over", "refunds_prepared", "paid", "ended")
LARGEST_FILE_BYTES = 128 * 1024


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "sunset",
        help="end a service with honour",
        description="Announces that the operator's service ends, and keeps the order until then. "
        "Local recording goes on whatever is said here.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for action in (_announce(actions), _show(actions), _amend(actions), _advance(actions)):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")
        action.add_argument("--lang", choices=("de", "en"), default="en", help="of the words; default: en")


def _announce(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("announce", help="say that the service ends, signed")
    parser.add_argument("--operator", required=True, metavar="NAME", help="who runs the service")
    parser.add_argument("--ends-on", required=True, metavar="DATE", help="the first day without the service")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why, for the customers")
    parser.add_argument("--force", action="store_true", help="announce an end in less than 180 days")
    parser.set_defaults(run=announce)
    return parser


def _show(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("show", help="show what is announced, or a notice in a file")
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="a notice to be checked; nothing else happens"
    )
    parser.add_argument(
        "--key", metavar="HEX", help="the operator's key as you know it, to check the file by"
    )
    parser.set_defaults(run=show)
    return parser


def _amend(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("amend", help="change the announcement in favour of the customers")
    parser.add_argument("--ends-on", metavar="DATE", help="a later end")
    parser.add_argument("--refund-percent", type=int, metavar="N", help="pay so much of the computed refunds")
    parser.add_argument("--reason", metavar="TEXT", help="another wording")
    parser.set_defaults(run=amend)
    return parser


def _advance(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    parser = actions.add_parser("advance", help="take the next step, with what proves it")
    parser.add_argument("step", choices=STEPS, metavar="STEP", help=", ".join(STEPS))
    parser.add_argument("--evidence", required=True, metavar="TEXT", help="what proves it")
    parser.set_defaults(run=advance)
    return parser


def announce(options: argparse.Namespace) -> int:
    """Announces the end."""
    body = {
        "operator": options.operator,
        "ends_on": options.ends_on,
        "reason": options.reason,
        "force": options.force,
    }
    return _asked(options, "POST", "/api/v1/sunset", body)


def show(options: argparse.Namespace) -> int:
    """Shows the state, or what a file says."""
    if options.file is not None:
        return _show_file(options)
    return _asked(options, "GET", "/api/v1/sunset", None)


def amend(options: argparse.Namespace) -> int:
    """Amends the announcement."""
    wished = {"ends_on": options.ends_on, "refund_percent": options.refund_percent, "reason": options.reason}
    body = {name: value for name, value in wished.items() if value is not None}
    return _asked(options, "PATCH", "/api/v1/sunset", body)


def advance(options: argparse.Namespace) -> int:
    """Takes the next step."""
    body = {"step": options.step, "evidence": options.evidence}
    return _asked(options, "POST", "/api/v1/sunset/steps", body)


def _asked(options: argparse.Namespace, method: str, path: str, body: Any) -> int:
    from wachtel.app.api_client import open_api

    with open_api(options.data) as api:
        found = api.call(method, path, body)
    if options.json:
        print(json.dumps(found))
        return 0
    print("\n".join(_lines(found, options.lang)))
    return 0


def _lines(found: dict[str, Any], language: str) -> list[str]:
    if not found["announced"]:
        return ["Kein Ende angekündigt." if language == "de" else "No end is announced."]
    lines = _notice_lines(found["notice"], found["problem"], language)
    for step in found["steps"]:
        mark = step["on"] or "-" * 10
        lines.append(
            "  ".join(filter(None, (mark, step["step"], step["text"][language], plain(step["evidence"]))))
        )
    refunds = found["refunds"]
    sums = ", ".join(f"{amount} {currency}" for currency, amount in refunds["totals"].items()) or "0"
    words = ("Erstattungen", "berechnet", "gezahlt") if language == "de" else ("Refunds", "computed", "paid")
    lines.append(f"{words[0]}: {refunds['computed']} {words[1]}, {refunds['paid']} {words[2]} ({sums}).")
    return lines


def _notice_lines(notice: dict[str, Any] | None, problem: str, language: str) -> list[str]:
    lines = []
    if notice is not None:
        who, day, why = plain(str(notice["operator"])), notice["ends_on"], plain(str(notice["reason"]))
        ends = "beendet den Dienst am" if language == "de" else "ends the service on"
        lines = [f"{who} {ends} {day}: {why}"]
    if problem:
        warning = "Nicht zu trauen" if language == "de" else "Not to be trusted"
        lines.append(f"{warning}: {plain(problem)}")
    keeps = "Ihre Kameras zeichnen weiter auf." if language == "de" else "Your cameras go on recording."
    return [*lines, keeps]


def _show_file(options: argparse.Namespace) -> int:
    """0 when the notice is whole and signed by the key that was named, else 1."""
    from wachtel.service.sunset_notice import read_file, read_notice, signed_by

    body, signature, key = read_file(_read(options.file))
    notice = read_notice(body)
    problem = "" if signed_by(body, signature, key) else "the signature is wrong"
    if not problem and options.key and key.hex() != options.key.strip().lower():
        problem = "it was signed with another key"
    if not problem and not options.key:
        problem = "nobody said whose key this must be (--key)"
    values = json.loads(body)
    if options.json:
        print(json.dumps({"notice": values, "verified": not problem, "problem": problem}))
    else:
        print(
            "\n".join(_notice_lines({**values, "ends_on": notice.ends_on.isoformat()}, problem, options.lang))
        )
    return 1 if problem else 0


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE_BYTES)
    except OSError as error:
        raise WachtelError(ErrorKind.NOT_FOUND, f"{path} cannot be read: {error.strerror}.") from error


def plain(text: str) -> str:
    """A stranger's text for a terminal: characters that could steer it become spaces."""
    return "".join(char if char.isprintable() else " " for char in text)
