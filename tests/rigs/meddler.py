"""Stands between a client and a fake camera, and makes of its line what real ones are like."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable

HOST = "127.0.0.1"


class Meddler:
    """``with Meddler(port) as between``: hands everything on. ``alter`` changes what the camera says.

    With ``bursts_s`` the camera's words are held back so long, again and again; with ``alone`` a second connection is
    closed at once while there is another.
    """

    def __init__(
        self,
        target: int,
        alter: Callable[[bytes], bytes] = lambda data: data,
        bursts_s: float = 0.0,
        alone: bool = False,
    ) -> None:
        self._target = target
        self._alter = alter
        self._bursts_s = bursts_s
        self._alone = alone
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._busy = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Meddler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._alone and self._busy:
                near.close()
                continue
            self._busy += 1
            threading.Thread(target=self._hand_on, args=(near,), daemon=True).start()

    def _hand_on(self, near: socket.socket) -> None:
        with near, socket.create_connection((HOST, self._target)) as far:
            back = threading.Thread(target=self._from_camera, args=(far, near), daemon=True)
            back.start()
            with contextlib.suppress(OSError):
                while data := near.recv(65_536):
                    far.sendall(data)
            self._busy -= 1
            with contextlib.suppress(OSError):
                far.shutdown(socket.SHUT_RDWR)
            back.join()

    def _from_camera(self, far: socket.socket, near: socket.socket) -> None:
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while data := far.recv(65_536):
                if self._bursts_s and time.monotonic() - began > self._bursts_s:
                    self._over.wait(self._bursts_s)
                    began = time.monotonic()
                near.sendall(self._alter(data))
        with contextlib.suppress(OSError):
            near.shutdown(socket.SHUT_RDWR)
