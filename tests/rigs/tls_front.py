"""TLS in front of a fake camera that has none, with a certificate that can be changed."""

import contextlib
import socket
import ssl
import threading

from wachtel.testing.self_signed import self_signed_context

HOST = "127.0.0.1"


class TlsFront:
    """``with TlsFront(port) as front``: hands everything on to that port of this machine."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._context = self_signed_context(HOST)
        self._open: list[socket.socket] = []
        self.heard = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "TlsFront":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self.cut()

    def renew(self) -> None:
        """Another certificate from now on, as after a reset; what is open is cut."""
        self._context = self_signed_context(HOST)
        self.cut()

    def cut(self) -> None:
        """Everybody is thrown out."""
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._hand_on, args=(plain,), daemon=True).start()

    def _hand_on(self, plain: socket.socket) -> None:
        try:
            near = self._context.wrap_socket(plain, server_side=True)
        except (OSError, ssl.SSLError):
            plain.close()
            return
        with near, socket.create_connection((HOST, self._target)) as far:
            self._open += [near, far]
            back = threading.Thread(target=self._copy, args=(far, near), daemon=True)
            back.start()
            self._copy(near, far, count=True)
            back.join()

    def _copy(self, source: socket.socket, sink: socket.socket, *, count: bool = False) -> None:
        with contextlib.suppress(OSError, ssl.SSLError, ValueError):
            while data := source.recv(65_536):
                self.heard += len(data) if count else 0
                sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
