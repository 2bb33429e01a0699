"""The camera's pair of UDP ports, shared by all sessions."""

import asyncio
from collections.abc import Callable

from wachtel.base.errors import ErrorKind, WachtelError

_TRIES = 50


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, heard: Callable[[tuple[str, int]], None]) -> None:
        self._heard = heard

    def datagram_received(self, _: bytes, addr: tuple[str, int]) -> None:
        self._heard(addr[:2])


class UdpPair:
    """An even port for RTP and the next for RTCP (RFC 3550 section 11)."""

    def __init__(self, rtp: asyncio.DatagramTransport, rtcp: asyncio.DatagramTransport) -> None:
        self.rtp = rtp
        self.rtcp = rtcp
        self.ports: tuple[int, int] = (_port(rtp), _port(rtcp))

    @classmethod
    async def open(cls, host: str, heard: Callable[[tuple[str, int]], None]) -> "UdpPair":
        """Binds a free pair; ``heard`` is called with the sender of whatever comes in."""
        loop = asyncio.get_running_loop()

        async def bind(port: int) -> asyncio.DatagramTransport:
            transport, _ = await loop.create_datagram_endpoint(lambda: _Ear(heard), local_addr=(host, port))
            return transport

        for _ in range(_TRIES):
            rtp = await bind(0)
            if _port(rtp) % 2 == 0:
                try:
                    return cls(rtp, await bind(_port(rtp) + 1))
                except OSError:
                    pass
            rtp.close()
        raise WachtelError(ErrorKind.BUSY, "The fake camera found no free pair of UDP ports.")

    def close(self) -> None:
        """Frees both ports."""
        self.rtp.close()
        self.rtcp.close()


def _port(transport: asyncio.DatagramTransport) -> int:
    port: int = transport.get_extra_info("sockname")[1]
    return port
