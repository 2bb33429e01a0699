"""Asking for the passphrase of a backup."""

import argparse
import sys

from wachtel.base.errors import ErrorKind, WachtelError

SHORTEST = 8
MOST_BYTES_READ = 4096


def add_passphrase(parser: argparse.ArgumentParser) -> None:
    """``--passphrase-stdin``."""
    parser.add_argument(
        "--passphrase-stdin", action="store_true", help="read the passphrase of the keys from standard input"
    )


def new_passphrase(options: argparse.Namespace) -> str:
    """One to lock with: asked twice, and not too short. Raises `WachtelError` (invalid)."""
    found = _read(options, "Passphrase for the keys: ")
    if len(found) < SHORTEST:
        raise WachtelError(
            ErrorKind.INVALID,
            f"A passphrase has at least {SHORTEST} characters.",
            hint="Or leave the keys out: --without-keys.",
        )
    if not options.passphrase_stdin and _ask("The same again: ") != found:
        raise WachtelError(ErrorKind.INVALID, "The two passphrases differ.")
    return found


def known_passphrase(options: argparse.Namespace) -> str | None:
    """One to open with; nothing typed means none. Raises `WachtelError` (invalid) without a terminal."""
    return _read(options, "Passphrase of the keys (empty: leave them out): ") or None


def _read(options: argparse.Namespace, question: str) -> str:
    if options.passphrase_stdin:
        return sys.stdin.read(MOST_BYTES_READ).removesuffix("\n").removesuffix("\r")
    return _ask(question)


def _ask(question: str) -> str:
    import getpass

    if not sys.stdin.isatty():
        raise WachtelError(
            ErrorKind.INVALID,
            "There is no terminal to ask for the passphrase.",
            hint="Use --passphrase-stdin or --without-keys.",
        )
    return getpass.getpass(question)
