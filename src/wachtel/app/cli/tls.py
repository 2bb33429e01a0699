"""``wachtel tls``: certificates, from an authority of one's own or the owner's."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wachtel.app.cli.options import add_data, say

if TYPE_CHECKING:
    from wachtel.app.tls.names import Names
    from wachtel.app.tls.store import TlsStore

DEFAULT_PORT = 8090
_WHITE_ON_BLACK, _AS_BEFORE = "\x1b[97;40m", "\x1b[0m"
"""Whatever the colours of the terminal are: not every camera reads a code that is bright on dark swapped."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "tls",
        help="encrypted connections: a local authority, or your own certificate",
        description="Certificates with which the server answers on addresses that others can reach.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    creating = actions.add_parser("create", help="make a local authority and a certificate for this machine")
    creating.add_argument(
        "--name", action="append", default=[], help="a name under which the page is opened; may be repeated"
    )
    creating.add_argument(
        "--address",
        action="append",
        default=[],
        metavar="IP",
        help="an address under which the page is opened; may be repeated"
        " (without both: this machine's names and addresses)",
    )
    creating.add_argument(
        "--new-authority",
        action="store_true",
        help="make another authority even if there is one; every device has to install it",
    )
    creating.set_defaults(run=create)
    using = actions.add_parser("use", help="serve with your own certificate")
    using.add_argument(
        "certificate", type=Path, metavar="CERT", help="PEM file: the certificate and those that signed it"
    )
    using.add_argument("key", type=Path, metavar="KEY", help="PEM file: its private key")
    using.set_defaults(run=use)
    showing = actions.add_parser("show", help="what is served, and how devices come to trust it")
    showing.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        help="port of the page in the address (default: %(default)s)",
    )
    showing.set_defaults(run=show)
    ending = actions.add_parser("off", help="serve without TLS again")
    ending.set_defaults(run=switch_off)
    for action in (creating, using, showing, ending):
        add_data(action)
        action.add_argument("--json", action="store_true", help="JSON on standard output")


def _store(options: argparse.Namespace) -> "TlsStore":
    from wachtel.app.tls.store import TlsStore
    from wachtel.storage.data_folder import places

    return TlsStore(places(options.data).keys)


def create(options: argparse.Namespace) -> int:
    """Makes a certificate, and an authority where there is none."""
    from wachtel.app.tls.names import Names
    from wachtel.base.clock import SystemClock

    store = _store(options)
    names = Names.typed(options.name, options.address)
    if not names.names and not names.addresses:
        names = _usual_names(store, options)
    is_new = store.create(
        names.with_this_machine(), SystemClock().wall_us(), new_authority=options.new_authority
    )
    if is_new:
        say(
            "Made a local authority. Devices that are to trust it install it once: `wachtel tls show` leads there."
        )
    _say_when(options)
    return _tell(store, options)


def _usual_names(store: "TlsStore", options: argparse.Namespace) -> "Names":
    """Those of the certificate that the local authority made before, else this machine's."""
    from wachtel.app.tls.names import names_of_this_machine

    served = store.served()
    if served is None or served.source is not None or options.new_authority:
        return names_of_this_machine()
    return served.names


def use(options: argparse.Namespace) -> int:
    """Looks at the owner's certificate and serves with it from now on."""
    from wachtel.base.clock import SystemClock

    store = _store(options)
    store.use(options.certificate, options.key, SystemClock().wall_us())
    if len(store.served_path.read_bytes().split(b"BEGIN CERTIFICATE")) == 2:
        say(
            "The file holds one certificate alone. Some devices want those in between too: take the full chain."
        )
    _say_when(options)
    return _tell(store, options)


def _say_when(options: argparse.Namespace) -> None:
    from wachtel.app.api_client import server_runs

    if server_runs(options.data):
        say(
            "A server that serves with TLS already takes it within seconds. Names that are new take a restart of"
            " `wachtel serve`, and so does TLS where there was none."
        )


def show(options: argparse.Namespace) -> int:
    """Tells what is served, with a QR code to the page where devices get the authority."""
    return _tell(_store(options), options, guide=True)


def switch_off(options: argparse.Namespace) -> int:
    """Removes the certificate; the authority stays for another day."""
    was_on = _store(options).switch_off()
    if options.json:
        print(json.dumps({"tls": "off"}))
    elif was_on:
        print("TLS is off from the next start of the server. The local authority is kept.")
    else:
        print("TLS was off.")
    return 0


def _tell(store: "TlsStore", options: argparse.Namespace, *, guide: bool = False) -> int:
    facts = _facts(store)
    if options.json:
        print(json.dumps(facts))
        return 0
    if facts["tls"] == "off":
        print("TLS is off. `wachtel tls create` makes a certificate, `wachtel tls use` takes yours.")
        return 0
    kind = "made by the local authority" if facts["tls"] == "local" else "yours"
    print(f"certificate   {kind}")
    print(f"names         {', '.join((*facts['names'], *facts['addresses']))}")
    print(f"valid until   {facts['until']}")
    print(f"SHA-256       {facts['fingerprint']}")
    if facts["authority"] is not None and facts["tls"] == "local":
        print(f"authority     {facts['authority']['name']}, until {facts['authority']['until']}")
        print(f"its SHA-256   {facts['authority']['fingerprint']}")
        if guide:
            _show_way(facts, options.port)
    return 0


def _facts(store: "TlsStore") -> dict[str, Any]:
    from wachtel.app.tls.authority import fingerprint

    served, authority = store.served(), store.authority()
    known = authority and {
        "name": common_name(authority.certificate.subject.rfc4514_string()),
        "until": f"{authority.certificate.not_valid_after_utc:%Y-%m-%d}",
        "fingerprint": fingerprint(authority.certificate),
    }
    if served is None:
        return {"tls": "off", "authority": known}
    return {
        "tls": "local" if served.source is None else "own",
        "names": list(served.names.names),
        "addresses": [str(address) for address in served.names.addresses],
        "until": f"{served.certificate.not_valid_after_utc:%Y-%m-%d}",
        "fingerprint": fingerprint(served.certificate),
        "authority": known,
    }


def common_name(subject: str) -> str:
    """Of a subject as RFC 4514 writes it."""
    return subject.removeprefix("CN=")


def _show_way(facts: dict[str, Any], port: int) -> None:
    import io

    import segno

    host = _best_host(facts)
    address = f"https://{host}:{port}/ca"
    print(f"\nOpen this on each device, while `wachtel serve --host 0.0.0.0` runs: {address}\n")
    drawn = io.StringIO()
    segno.make(address, micro=False).terminal(drawn, compact=True)
    for line in drawn.getvalue().splitlines():
        print(f"{_WHITE_ON_BLACK}{line}{_AS_BEFORE}" if sys.stdout.isatty() else line)
    print(
        "\nThe device warns once: it does not know this server yet. Before it trusts the authority, compare the"
        "\nfingerprint that the device shows with 'its SHA-256' above; only if they are the same did nobody in"
        "\nbetween put another one in its place."
    )


def _best_host(facts: dict[str, Any]) -> str:
    """What works without any name service first: an address; then a name."""
    import ipaddress

    addresses = [ipaddress.ip_address(one) for one in facts["addresses"]]
    for address in sorted(addresses, key=lambda one: one.version):
        if not address.is_loopback:
            return str(address) if address.version == 4 else f"[{address}]"
    names = [name for name in facts["names"] if name != "localhost" and "*" not in name]
    return str(names[0]) if names else "127.0.0.1"
