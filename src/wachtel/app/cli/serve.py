"""``wachtel serve``: the server."""

import argparse
import ipaddress
from typing import TYPE_CHECKING

from wachtel.app.cli.options import add_data, say, usage_error
from wachtel.base.errors import ErrorKind, WachtelError

if TYPE_CHECKING:
    from wachtel.model.live import IceServers


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = subparsers.add_parser(
        "serve", help="run the server", description="Runs the server until Ctrl+C."
    )
    add_data(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, default=8090, help="port of the page; 0 takes a free one (default: %(default)s)"
    )
    parser.add_argument(
        "--rtsp-port",
        type=int,
        default=8554,
        help="port for other programs by RTSP; 0 takes a free one (default: %(default)s)",
    )
    parser.add_argument(
        "--insecure-http",
        action="store_true",
        help="allow plain HTTP and RTSP on an address others can reach",
    )
    parser.add_argument(
        "--https", action="store_true", help="serve with TLS on this machine's own address (127.0.0.1) too"
    )
    parser.add_argument(
        "--plain-rtsp",
        action="store_true",
        help="with TLS: let RTSP stay unencrypted, for programs that know no rtsps",
    )
    parser.add_argument(
        "--public-name",
        action="append",
        default=[],
        metavar="NAME",
        help="a further name under which the page is opened, as behind a proxy; may be repeated",
    )
    parser.add_argument(
        "--ice-server",
        action="append",
        default=[],
        metavar="URL",
        help="a STUN or TURN server of yours for WebRTC from outside (stun:HOST:PORT, turn:HOST:PORT); may be"
        " repeated; user and password of TURN are taken from WACHTEL_TURN_USER and WACHTEL_TURN_PASSWORD",
    )
    parser.add_argument("--verbose", action="store_true", help="tell more on standard error")
    parser.set_defaults(run=run)


def is_loopback(host: str) -> bool:
    """True for an address that only this machine can reach."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ice_servers(options: argparse.Namespace) -> "IceServers":
    """The owner's STUN and TURN servers. Raises `WachtelError` (invalid)."""
    import os

    from wachtel.model.live import IceServers

    for url in options.ice_server:
        if not url.startswith(("stun:", "turn:", "turns:")) or any(not 32 < ord(char) < 127 for char in url):
            raise WachtelError(
                ErrorKind.INVALID,
                f"{url!r} is no address of a STUN or TURN server.",
                hint="Write turn:HOST:PORT.",
            )
    user, password = os.environ.get("WACHTEL_TURN_USER", ""), os.environ.get("WACHTEL_TURN_PASSWORD", "")
    return IceServers(tuple(options.ice_server), user, password)


def is_encrypted(options: argparse.Namespace) -> bool:
    """Whether to serve with TLS: on every address that others can reach, unless the owner says otherwise.

    Raises `WachtelError` (invalid) when that address is not to be served without, and nothing is set up.
    """
    from wachtel.app.tls.store import SERVED_FILE
    from wachtel.storage.data_folder import places

    if options.https and options.insecure_http:
        raise usage_error("--https and --insecure-http exclude each other.")
    is_set_up = (places(options.data).keys / SERVED_FILE).exists()
    if is_loopback(options.host):
        if options.https and not is_set_up:
            raise WachtelError(
                ErrorKind.INVALID, "There is no certificate yet.", hint="`wachtel tls create` makes one."
            )
        return bool(options.https)
    if options.insecure_http:
        return False
    if not is_set_up:
        raise WachtelError(
            ErrorKind.INVALID,
            f"On {options.host} others could read passwords and pictures on the way.",
            hint="`wachtel tls create` makes a certificate; or listen on 127.0.0.1 behind a proxy with TLS, or say"
            " --insecure-http if you know the network.",
        )
    return True


def run(options: argparse.Namespace) -> int:
    """Serves until a signal."""
    encrypted = is_encrypted(options)
    from wachtel.app.light_start import start_light

    start_light()
    import asyncio
    import logging

    from wachtel.app.edge import Edge, EdgeOptions
    from wachtel.app.logs import log_to_stderr

    log_to_stderr(logging.INFO if options.verbose else logging.WARNING)

    async def serve() -> None:
        names = frozenset(options.public_name)
        edge = await Edge.open(
            EdgeOptions(
                options.data,
                options.host,
                options.port,
                names,
                options.rtsp_port,
                ice_servers(options),
                encrypted=encrypted,
                plain_rtsp=options.plain_rtsp,
            )
        )
        print(f"{edge.url}\n{edge.rtsp_url}", flush=True)
        link = edge.first_run_link()
        if link:
            say(f"No account exists yet. Open this link once to make yours: {link}")
        await edge.run_until_signal()

    asyncio.run(serve())
    return 0
