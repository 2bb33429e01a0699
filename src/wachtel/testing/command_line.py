"""What the commands of all virtual devices have in common: a host, ports, lines that say where they are, and an end."""

import argparse
import sys
import threading
from collections.abc import Mapping


def add_host(parser: argparse.ArgumentParser) -> None:
    """``--host``: loopback unless somebody wants it otherwise."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")


def add_port(parser: argparse.ArgumentParser, option: str, what: str) -> None:
    """A port to listen on, any free one by itself."""
    parser.add_argument(
        option, type=port_number, default=0, metavar="N", help=f"{what}; 0 is any free one (default)"
    )


def add_motion_every(parser: argparse.ArgumentParser, who: str) -> None:
    """``--motion-every``: half of the time something moves."""
    parser.add_argument(
        "--motion-every", type=float, default=0.0, metavar="S", help=f"let {who} see motion every S seconds"
    )


def port_number(text: str) -> int:
    """For ``type=``. Raises `argparse.ArgumentTypeError`."""
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port between 0 and 65535")
    return int(text)


def tell(addresses: Mapping[str, str]) -> None:
    """One line ``name address`` for each; whoever started the command waits for them."""
    for name, address in addresses.items():
        sys.stdout.write(f"{name} {address}\n")
    sys.stdout.flush()


def stop_signal() -> threading.Event:
    """Set by SIGINT and SIGTERM. Only the main thread may ask for it."""
    import signal

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
