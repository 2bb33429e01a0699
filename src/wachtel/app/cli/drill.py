"""``wachtel drill``: rehearses the shutdown, promise by promise."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from wachtel.app.cli.options import add_data, say, show

if TYPE_CHECKING:
    from wachtel.app.drill.report import Finding

REHEARSALS = ("index", "vendor", "sunset", "internet")
_VERDICTS = {
    "de": {"pass": "gehalten", "fail": "GEBROCHEN", "not_applicable": "entfällt"},
    "en": {"pass": "pass", "fail": "FAIL", "not_applicable": "not applicable"},
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "drill",
        help="rehearse the shutdown, promise by promise",
        description="Rehearses on copies that the internet, the index or the vendor is gone and that the operator "
        "announces the end, and says what became of each promise. Footage is only read; it may run beside the server.",
    )
    add_data(parser)
    parser.add_argument(
        "--only", action="append", choices=REHEARSALS, metavar="WHAT",
        help=f"rehearse only this, may be repeated: {', '.join(REHEARSALS)}",
    )  # fmt: skip
    parser.add_argument("--lang", choices=("de", "en"), default="en", help="of the words; default: en")
    parser.add_argument("--json", action="store_true", help="one JSON list on standard output")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 when no promise failed, else 1."""
    from wachtel.app.drill.report import Rehearsal
    from wachtel.app.drill.run import needed_bytes
    from wachtel.app.drill.run import run as rehearse
    from wachtel.storage.data_folder import places

    where = places(options.data)
    say(f"Copies take up to {needed_bytes(where) / 1_000_000:.0f} MB for a while; footage is only read.")
    wanted = [Rehearsal(name) for name in REHEARSALS if not options.only or name in options.only]
    findings = rehearse(where, wanted, say)
    if options.json:
        print(json.dumps([_as_json(each) for each in findings], ensure_ascii=False))
    else:
        for each in findings:
            _show(each, options.lang)
    return 1 if any(each.verdict == "fail" for each in findings) else 0


def _as_json(finding: "Finding") -> dict[str, Any]:
    from wachtel.app.drill.report import TITLES

    title = TITLES[finding.promise]
    return {
        "promise": finding.promise,
        "title": {"de": title.de, "en": title.en},
        "verdict": finding.verdict.value,
        "done": {"de": finding.words.de, "en": finding.words.en},
    }


def _show(finding: "Finding", language: str) -> None:
    from wachtel.app.drill.report import TITLES

    title, words = TITLES[finding.promise], finding.words
    texts = (title.de, words.de) if language == "de" else (title.en, words.en)
    show(f"{finding.promise:2}. {_VERDICTS[language][finding.verdict.value]}: {texts[0]}")
    show(f"    {texts[1]}")
