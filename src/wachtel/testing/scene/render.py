"""Encodes the scene once, into a folder that is kept."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from wachtel.testing.scene.film import SCENE_FPS, SCENE_LENGTH_S, Bytes, Film
from wachtel.testing.scene.garden import HEIGHT, WIDTH

SCENE_VERSION = 2
"""Part of the file names: raise it when the picture changes."""
SUB_FPS = 10
SUB_WIDTH, SUB_HEIGHT = 640, 360
_GOP_S = 2
_BT709 = 1
_VIDEO_RANGE = 1


def render_scene(folder: Path) -> tuple[Path, Path]:
    """The files of main (1280x720 at 15 frames a second) and sub stream (640x360 at 10).

    They are made if they are not there. Both last 40 s, have a key frame every 2 s, and are to be played in a
    loop: the number in the picture counts the main stream's frames since the loop began (see
    `frame_number.read_frame_number`), and the clock shows the time since then.
    """
    main, sub = folder / f"scene-{SCENE_VERSION}-main.mp4", folder / f"scene-{SCENE_VERSION}-sub.mp4"
    if not (main.exists() and sub.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        film = Film()
        _encode(main, film, SCENE_FPS, (WIDTH, HEIGHT), bit_rate=2_000_000)
        _encode(sub, film, SUB_FPS, (SUB_WIDTH, SUB_HEIGHT), bit_rate=400_000)
    return main, sub


def _encode(path: Path, film: Film, fps: int, size: tuple[int, int], bit_rate: int) -> None:
    """Writes beside the file and renames, so that what is there is whole."""
    unfinished = path.with_suffix(".part")
    with av.open(unfinished.as_posix(), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options=_encoder_options(fps, bit_rate))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.color_range, context.colorspace = _VIDEO_RANGE, _BT709
        context.color_primaries, context.color_trc = _BT709, _BT709
        for number, picture in enumerate(_pictures(film, fps)):
            frame = VideoFrame.from_ndarray(picture, format="yuv420p").reformat(*size, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    unfinished.rename(path)


def _pictures(film: Film, fps: int) -> Iterator[Bytes]:
    return (film.frame(number / fps) for number in range(SCENE_LENGTH_S * fps))


def _encoder_options(fps: int, bit_rate: int) -> dict[str, str]:
    gop = str(_GOP_S * fps)
    return {
        "preset": "superfast",
        "tune": "zerolatency",
        "profile": "main",
        "crf": "24",
        "maxrate": str(bit_rate),
        "bufsize": str(bit_rate),
        "g": gop,
        "keyint_min": gop,
        "sc_threshold": "0",
        "threads": "1",
    }
