"""Raw sound on a port of its own, as the first model's free image sends it: s16le, 16 kHz, one channel."""

import math
import socketserver
import struct
import threading

RATE = 16_000
_CHUNK_S = 0.064
_TONE_HZ = 440.0
_AMPLITUDE = 6000


class SoundServer(socketserver.ThreadingTCPServer):
    """Plays a tone to everybody who connects, in real time."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], stopped: threading.Event) -> None:
        self.stopped = stopped
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients leave in the middle; that is not worth a line."""


class _Handler(socketserver.BaseRequestHandler):
    server: SoundServer

    def handle(self) -> None:
        sample = 0
        count = int(RATE * _CHUNK_S)
        while not self.server.stopped.is_set():
            values = (
                round(_AMPLITUDE * math.sin(2 * math.pi * _TONE_HZ * at / RATE))
                for at in range(sample, sample + count)
            )
            self.request.sendall(struct.pack(f"<{count}h", *values))
            sample += count
            self.server.stopped.wait(_CHUNK_S)
