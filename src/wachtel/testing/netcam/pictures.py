"""What a virtual NetCam sees: the garden of the demo, or pictures of yours."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class View(Protocol):
    """Where a camera's pictures come from; asked by several threads."""

    def at(self, at_s: float) -> bytes:
        """The JPEG of a moment, in seconds since the camera started."""
        ...


class Reel:
    """A row of JPEGs over and over, ``fps`` of them a second."""

    def __init__(self, pictures: Sequence[bytes], fps: float = 10.0) -> None:
        self._pictures = tuple(pictures)
        self._fps = fps

    def at(self, at_s: float) -> bytes:
        return self._pictures[int(at_s * self._fps + 1e-6) % len(self._pictures)]


class Drawn(Protocol):
    """What can draw the scene: `wachtel.testing.scene.film.Film`, or something quicker."""

    def frame(self, at_s: float) -> "NDArray[np.uint8]":
        """Planar YUV 4:2:0 (height * 3 / 2, width)."""
        ...


class Garden:
    """The scene of the demo, drawn when it is looked at, each picture once. Preparing it takes seconds."""

    def __init__(
        self, size: tuple[int, int], fps: float, *, upside_down: bool = False, film: Drawn | None = None
    ) -> None:
        self._size = size
        self._fps = fps
        self._upside_down = upside_down
        self._drawn: dict[int, bytes] = {}
        self._lock = threading.Lock()
        self._film = film

    def at(self, at_s: float) -> bytes:
        from wachtel.testing.scene.film import SCENE_LENGTH_S, Film  # numpy only where something is drawn

        number = int(at_s * self._fps + 1e-6) % int(SCENE_LENGTH_S * self._fps)
        with self._lock:
            self._film = self._film or Film()
            if number not in self._drawn:
                self._drawn[number] = self._draw(self._film.frame(number / self._fps))
            return self._drawn[number]

    def _draw(self, picture: "NDArray[np.uint8]") -> bytes:
        from av.video.frame import VideoFrame

        from wachtel.testing.fake_camera.pictures import to_jpeg

        frame = VideoFrame.from_ndarray(picture, format="yuv420p")
        small = frame.reformat(*self._size, format="rgb24").to_ndarray()
        turned = small[::-1, ::-1].copy() if self._upside_down else small
        return to_jpeg(VideoFrame.from_ndarray(turned, format="rgb24"))
