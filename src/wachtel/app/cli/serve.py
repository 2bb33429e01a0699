"""``wachtel serve``: the server."""

import argparse
import ipaddress

from wachtel.app.cli.options import add_data, say
from wachtel.base.errors import ErrorKind, WachtelError


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
        "--insecure-http", action="store_true", help="allow plain HTTP on an address others can reach"
    )
    parser.add_argument(
        "--public-name",
        action="append",
        default=[],
        metavar="NAME",
        help="a further name under which the page is opened, as behind a proxy; may be repeated",
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


def run(options: argparse.Namespace) -> int:
    """Serves until a signal."""
    if not is_loopback(options.host) and not options.insecure_http:
        raise WachtelError(
            ErrorKind.INVALID,
            f"On {options.host} others could read passwords and pictures on the way.",
            hint="Listen on 127.0.0.1 behind a proxy with TLS, or say --insecure-http if you know the network.",
        )
    import asyncio
    import logging

    from wachtel.app.edge import Edge, EdgeOptions
    from wachtel.app.logs import log_to_stderr

    log_to_stderr(logging.INFO if options.verbose else logging.WARNING)

    async def serve() -> None:
        names = frozenset(options.public_name)
        edge = await Edge.open(
            EdgeOptions(options.data, options.host, options.port, names, options.rtsp_port)
        )
        print(f"{edge.url}\n{edge.rtsp_url}", flush=True)
        link = edge.first_run_link()
        if link:
            say(f"No account exists yet. Open this link once to make yours: {link}")
        await edge.run_until_signal()

    asyncio.run(serve())
    return 0
