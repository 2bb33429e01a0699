"""``wachtel refund``: what customers get when a service ends, by a policy, with the arithmetic in words."""

import argparse
import csv
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from wachtel.app.cli.options import pair, say
from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.service.decision import Decision, Rejection
    from wachtel.service.policies import Policy
    from wachtel.service.words import Language

_CHUNK_BYTES = 32 * 1024
_WRONG_USAGE = (ErrorKind.INVALID, ErrorKind.NOT_FOUND)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "refund",
        help="decide refund claims by a policy",
        description="Reads a JSON list of claims and prints a JSON list of decisions, each amount with its reason and "
        "the arithmetic in words. A claim that cannot be read is answered; the others are still decided.",
    )
    parser.add_argument("claims", metavar="CLAIMS.json", type=Path, help="the claims; - reads standard input")
    parser.add_argument("--policy", required=True, metavar="NAME", help="belkin-2020 or wachtel-promise")
    parser.add_argument(
        "--option", action="append", default=[], type=pair, metavar="NAME=VALUE",
        help="read the rules differently; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--rate", action="append", default=[], type=pair, metavar="CUR=AMOUNT",
        help="what a lost month is worth in a currency; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--as-of",
        type=_day,
        metavar="DATE",
        help="decide by what had happened on this day; default: all dates",
    )
    parser.add_argument("--lang", choices=("de", "en"), default="en", help="of the words; default: en")
    parser.add_argument("--csv", action="store_true", help="print a table, a row for every amount")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints the decisions; 2 for an unknown policy or option, 1 for a file that cannot be read."""
    from wachtel.service.policies import policy_named

    try:
        policy = policy_named(options.policy).with_options(dict(options.option), dict(options.rate))
    except WachtelError as error:
        if error.kind not in _WRONG_USAGE:
            raise
        say(f"wachtel refund: {error}")
        return 2
    decide_file(options, policy)
    return 0


def decide_file(options: argparse.Namespace, policy: "Policy") -> None:
    """Answers as they are known; neither claims nor answers are kept. Raises `WachtelError` for an unreadable file."""
    from wachtel.app.seen_on_disk import SeenOnDisk
    from wachtel.service.claim_stream import split_list
    from wachtel.service.desk import ClaimsDesk

    with SeenOnDisk() as seen:
        desk = ClaimsDesk(policy, seen, options.as_of)
        answers = desk.answer_all(split_list(chunks(options.claims)))
        write = _write_table if options.csv else _write_list
        write(answers, options.lang, sys.stdout)


def chunks(path: Path) -> Iterator[bytes]:
    """A file in pieces; ``-`` is standard input. Raises `WachtelError` (not_found)."""
    try:
        with open(sys.stdin.fileno() if str(path) == "-" else path, "rb", closefd=str(path) != "-") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise WachtelError(
            ErrorKind.NOT_FOUND, f"{path} cannot be read: {error.strerror}.", hint="Check the path."
        ) from error


def _write_list(answers: "Iterator[Decision | Rejection]", language: "Language", out: TextIO) -> None:
    """The list is closed even when the claims break off, so that what was decided can be read."""
    from msgspec.json import encode

    from wachtel.service.answers import as_json

    between = "[\n"
    try:
        for answer in answers:
            out.write(between + encode(as_json(answer, language)).decode())
            between = ",\n"
    finally:
        out.write("[]\n" if between == "[\n" else "\n]\n")


def _write_table(answers: "Iterator[Decision | Rejection]", language: "Language", out: TextIO) -> None:
    from wachtel.service.answers import COLUMNS, as_rows

    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for answer in answers:
        table.writerows(as_rows(answer, language))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a date such as 2020-07-30") from None
