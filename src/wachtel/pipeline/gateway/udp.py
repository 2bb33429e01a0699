"""The gateway's pair of UDP ports, shared by all sessions."""

import asyncio

from wachtel.base.errors import ErrorKind, WachtelError

_TRIES = 50


class _Deaf(asyncio.DatagramProtocol):
    """Receiver reports tell us nothing we act on: a session lives as long as its RTSP connection speaks."""


class UdpPair:
    """An even port for RTP and the next for RTCP (RFC 3550 section 11)."""

    def __init__(self, rtp: asyncio.DatagramTransport, rtcp: asyncio.DatagramTransport) -> None:
        self.sockets = (rtp, rtcp)
        self.ports = (_port(rtp), _port(rtcp))

    @classmethod
    async def open(cls, host: str) -> "UdpPair":
        """Binds a free pair. Raises `WachtelError` (busy) when there is none."""
        for _ in range(_TRIES):
            rtp = await _bind(host, 0)
            if _port(rtp) % 2 == 0:
                try:
                    return cls(rtp, await _bind(host, _port(rtp) + 1))
                except OSError:
                    pass
            rtp.close()
        raise WachtelError(ErrorKind.BUSY, "There is no free pair of UDP ports for RTSP.")


async def _bind(host: str, port: int) -> asyncio.DatagramTransport:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(_Deaf, local_addr=(host, port))
    return transport


def _port(transport: asyncio.DatagramTransport) -> int:
    port: int = transport.get_extra_info("sockname")[1]
    return port
