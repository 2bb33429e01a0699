"""TCP connections to cameras, with the errors of sockets translated once into words."""

import socket
import ssl

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import MonoS
from wachtel.sources.address import Endpoint
from wachtel.sources.trust import TRUST_ANYBODY, Trust

_SHORTEST_WAIT_S = 0.01
"""A socket takes no wait to mean that it must not wait at all."""


def connect(
    endpoint: Endpoint, deadline: MonoS, clock: Clock, *, tls: bool = False, trust: Trust = TRUST_ANYBODY
) -> socket.socket:
    """A connected socket, TLS included by the deadline. Raises `WachtelError`: refused, timeout, unreachable,
    not_a_camera (no TLS there), untrusted."""

    def left_s() -> float:
        return max(_SHORTEST_WAIT_S, deadline - clock.monotonic_s())

    try:
        connection = socket.create_connection((endpoint.ip, endpoint.port), left_s())
    except OSError as error:
        raise connect_error(error, endpoint) from error
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(left_s())
    return _wrap(connection, endpoint, trust) if tls else connection


def _wrap(connection: socket.socket, endpoint: Endpoint, trust: Trust) -> socket.socket:
    """TLS without a check of who signed the certificate: cameras sign their own; ``trust`` knows the last one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        wrapped = context.wrap_socket(connection, server_hostname=endpoint.name)
    except TimeoutError as error:
        connection.close()
        raise silent(endpoint) from error
    except OSError as error:
        connection.close()
        raise WachtelError(
            ErrorKind.NOT_A_CAMERA,
            f"{endpoint.name} port {endpoint.port} does not speak TLS.",
            code="no_tls",
            hint="Try the URL with rtsp or http instead of rtsps or https.",
            details={"host": endpoint.name, "port": str(endpoint.port)},
        ) from error
    try:
        trust.check(endpoint, wrapped.getpeercert(binary_form=True) or b"")
    except WachtelError:
        wrapped.close()
        raise
    return wrapped


def connect_error(error: OSError, endpoint: Endpoint) -> WachtelError:
    """Why no connection came about."""
    place = {"host": endpoint.name, "port": str(endpoint.port)}
    if isinstance(error, TimeoutError):
        return WachtelError(
            ErrorKind.TIMEOUT,
            f"{endpoint.name} does not answer on port {endpoint.port}.",
            code="no_answer",
            hint="Is the camera switched on, in the same network, and the address right?",
            details=place,
        )
    if isinstance(error, ConnectionRefusedError):
        return WachtelError(
            ErrorKind.REFUSED,
            f"Port {endpoint.port} of {endpoint.name} is closed.",
            code="port_closed",
            hint="Check the port, and whether RTSP is switched on in the camera's own settings.",
            details=place,
        )
    return WachtelError(
        ErrorKind.UNREACHABLE,
        f"{endpoint.name} cannot be reached: {(error.strerror or 'no connection').lower()}.",
        code="not_reachable",
        hint="Is the camera switched on and in the same network?",
        details=place,
    )


def silent(endpoint: Endpoint) -> WachtelError:
    """The error for something that accepts connections and then says nothing."""
    return WachtelError(
        ErrorKind.TIMEOUT,
        f"{endpoint.name} accepts the connection on port {endpoint.port} but does not answer.",
        code="silent",
        hint="The camera may be starting or overloaded; if it stays so, switch it off and on.",
        details={"host": endpoint.name, "port": str(endpoint.port)},
    )


def shut(connection: socket.socket, how: int) -> None:
    """Shuts a connection from another thread.

    The plain socket's way on purpose: a TLS socket's own ``shutdown`` forgets the encryption, and whatever is sent
    afterwards would travel in the clear.
    """
    try:
        socket.socket.shutdown(connection, how)
    except OSError:
        return
