"""The real server, except that its search for devices asks given addresses of loopback, where no search ever looks."""

import argparse
import asyncio
import sys
from ipaddress import IPv4Network
from pathlib import Path

from wachtel.app.edge import Edge, EdgeOptions
from wachtel.cameras.discovery.search import SearchPlan

NOBODY = ("127.0.0.1", 9)


def door(text: str) -> tuple[str, int]:
    """``host:port``."""
    host, _, port = text.partition(":")
    return host, int(port)


async def serve(options: argparse.Namespace) -> None:
    plan = SearchPlan(
        (("127.0.0.1", IPv4Network("127.0.0.0/8")),), options.ws, NOBODY, options.mdns, (options.netcam,)
    )
    edge = await Edge.open(
        EdgeOptions(options.data, port=options.port, rtsp_port=options.rtsp_port, search_plan=lambda: plan)
    )
    sys.stdout.write(f"{edge.url}\n{edge.rtsp_url}\n")
    sys.stdout.flush()
    await edge.run_until_signal()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    parser.add_argument("--port", type=int)
    parser.add_argument("--rtsp-port", type=int)
    for name in ("--ws", "--mdns", "--netcam"):
        parser.add_argument(name, type=door)
    asyncio.run(serve(parser.parse_args()))
