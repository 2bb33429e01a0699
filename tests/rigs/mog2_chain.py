"""A plain chain of OpenCV as many build it: MOG2 on a small picture, an opening, contours, a smallest area.

Runs in an environment of its own (`mog2_rival`), for Wachtel does not need OpenCV:
``mog2_chain.py clip FILE`` prints the events in it as JSON, ``mog2_chain.py live URL...`` watches until it is ended.
"""

import json
import sys
import threading
from typing import Any

import cv2  # type: ignore[import-not-found, unused-ignore]

SIZE = (320, 180)
SMALLEST_SHARE = 0.002
"""Of the picture; one contour has to be as large. About a walker of 120 of 1080 lines."""
IN_A_ROW = 2
QUIET_ENDS_S = 2.0
MOST_FPS = 10.0
FOREGROUND = 200
"""Shadows are marked with 127."""


class Chain:
    """Says of each picture whether something moves in it."""

    def __init__(self) -> None:
        self._model = cv2.createBackgroundSubtractorMOG2()
        self._kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
        self._learned = 0

    def moves(self, picture: Any) -> bool:
        gray = cv2.cvtColor(cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
        marked = self._model.apply(gray)
        self._learned += 1
        _, marked = cv2.threshold(marked, FOREGROUND, 255, cv2.THRESH_BINARY)
        marked = cv2.morphologyEx(marked, cv2.MORPH_OPEN, self._kernel)
        shapes, _ = cv2.findContours(marked, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        largest = max((cv2.contourArea(shape) for shape in shapes), default=0.0)
        return self._learned > 1 and largest >= SMALLEST_SHARE * SIZE[0] * SIZE[1]


def events(path: str) -> dict[str, Any]:
    """Events of a file, at most ten pictures a second, with the time of the picture that proves each."""
    film, chain = cv2.VideoCapture(path), Chain()
    fps = film.get(cv2.CAP_PROP_FPS)
    every = max(1, round(fps / MOST_FPS))
    found: list[dict[str, float]] = []
    number, row, last = 0, 0, float("-inf")
    while film.grab():
        at = number / fps
        number += 1
        if (number - 1) % every:
            continue
        row = row + 1 if chain.moves(film.retrieve()[1]) else 0
        if row < IN_A_ROW:
            continue
        if at - last > QUIET_ENDS_S:
            found.append({"start_s": at - (IN_A_ROW - 1) * every / fps, "reported_s": at})
        last = at
        found[-1]["end_s"] = at
    return {"events": found, "fps": fps, "frames": number}


def live(urls: list[str]) -> None:
    """Watches streams, each in a thread."""

    def watch(url: str) -> None:
        film, chain = cv2.VideoCapture(url, cv2.CAP_FFMPEG), Chain()
        while True:
            got, picture = film.read()
            if not got:
                return
            chain.moves(picture)

    for url in urls[1:]:
        threading.Thread(target=watch, args=(url,), daemon=True).start()
    watch(urls[0])


if __name__ == "__main__":
    cv2.setNumThreads(1)
    if sys.argv[1] == "clip":
        json.dump(events(sys.argv[2]), sys.stdout)
    else:
        live(sys.argv[2:])
