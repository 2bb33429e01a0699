"""The worker processes of an installation, and which camera is whose."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from wachtel.base.clock import Clock
from wachtel.base.tasks import TaskSupervisor
from wachtel.base.wire import Message
from wachtel.model.camera import Camera
from wachtel.model.sound import SoundWish
from wachtel.model.stream import StreamName
from wachtel.pipeline.messages import (
    ForgetCamera,
    FromAnalysis,
    FromMedia,
    HearCamera,
    RunCamera,
    StopCamera,
    WatchCamera,
)
from wachtel.pipeline.worker_process import WorkerProcess

CAMERAS_PER_MEDIA_WORKER = 25
CAMERAS_PER_ANALYSIS_WORKER = 8


class MediaCrew:
    """The media workers. Each keeps the cameras it was given; a new one is started when the others are full."""

    def __init__(
        self,
        archive: Path,
        keys: Path,
        run: Path,
        clock: Clock,
        tasks: TaskSupervisor,
        on_message: Callable[[FromMedia], None],
        on_death: Callable[[list[str]], None],
    ) -> None:
        self.workers: list[WorkerProcess[FromMedia]] = []
        self._archive, self._keys, self._run = archive, keys, run
        self._clock = clock
        self._tasks = tasks
        self._on_message = on_message
        self._on_death = on_death
        self._cameras: list[dict[str, Camera]] = []
        self._waiting: dict[int, list[Message]] = {}

    def add(self, camera: Camera) -> None:
        """Starts a camera, or starts it anew with changed settings."""
        number = self._number_of(camera.id)
        if number is None:
            number = self._with_room()
        self._cameras[number][camera.id] = camera
        self.workers[number].send(RunCamera(camera))

    def remove(self, camera: str) -> None:
        """Stops a camera."""
        number = self._number_of(camera)
        if number is not None:
            del self._cameras[number][camera]
            self.workers[number].send(StopCamera(camera))

    def send(self, camera: str, message: Message) -> None:
        """Sends to the camera's worker."""
        number = self._number_of(camera)
        if number is not None:
            self.workers[number].send(message)

    def send_anywhere(self, camera: str, message: Message) -> None:
        """Sends to the camera's worker, or to any when nobody records it any more; waits for one that is down."""
        number = self._number_of(camera)
        if number is None:
            number = 0 if self.workers else self._hire()
        if self.workers[number].is_up:
            self.workers[number].send(message)
        else:
            self._waiting.setdefault(number, []).append(message)

    def _begin(self, number: int) -> None:
        """A worker is up: it learns of its cameras, and then what waited for it."""
        worker, cameras = self.workers[number], self._cameras[number]
        worker.send_all(RunCamera(camera) for camera in cameras.values())
        worker.send_all(self._waiting.pop(number, ()))

    def tap_of(self, camera: str) -> str | None:
        """The Unix socket at which the packets of this camera can be had."""
        number = self._number_of(camera)
        return None if number is None else str(self._tap(number))

    def _tap(self, number: int) -> Path:
        return self._run / f"tap-{number}.sock"

    def _number_of(self, camera: str) -> int | None:
        return next((n for n, cameras in enumerate(self._cameras) if camera in cameras), None)

    def _with_room(self) -> int:
        for number, cameras in enumerate(self._cameras):
            if len(cameras) < CAMERAS_PER_MEDIA_WORKER:
                return number
        return self._hire()

    def _hire(self) -> int:
        number = len(self.workers)
        cameras: dict[str, Camera] = {}
        worker: WorkerProcess[FromMedia] = WorkerProcess(
            f"media-{number}",
            "wachtel.pipeline.media_worker:media_worker",
            (str(self._archive), str(self._keys), str(self._tap(number))),
            FromMedia,
            self._clock,
            on_start=lambda: self._begin(number),
            on_message=self._on_message,
            on_death=lambda: self._on_death(list(cameras)),
        )
        self.workers.append(worker)
        self._cameras.append(cameras)
        self._tasks.keep(worker.name, worker.run)
        return number


class AnalysisCrew:
    """The analysis workers: at most one per core, one for eight cameras."""

    def __init__(
        self,
        clock: Clock,
        tasks: TaskSupervisor,
        tap_of: Callable[[str], str | None],
        on_message: Callable[[FromAnalysis], None],
        on_death: Callable[[list[str]], None],
    ) -> None:
        self.workers: list[WorkerProcess[FromAnalysis]] = []
        self._clock = clock
        self._tasks = tasks
        self._tap_of = tap_of
        self._on_message = on_message
        self._on_death = on_death
        self._orders: list[dict[str, WatchCamera]] = []
        self._wishes: dict[str, tuple[SoundWish, ...]] = {}

    def hear(self, camera: str, wishes: tuple[SoundWish, ...]) -> None:
        """Listens to a camera that is watched, for these."""
        if self._wishes.get(camera, ()) != wishes:
            self._wishes[camera] = wishes
            self._send_wishes(camera)

    def _send_wishes(self, camera: str) -> None:
        for order in self._hearing([camera]):
            self.send(camera, order)

    def _hearing(self, cameras: Iterable[str]) -> list[HearCamera]:
        """Sound comes with the main stream."""
        taps = {camera: self._tap_of(camera) for camera in cameras if camera in self._wishes}
        return [
            HearCamera(camera, StreamName.MAIN, tap, self._wishes[camera])
            for camera, tap in taps.items()
            if tap is not None
        ]

    def watch(self, camera: Camera) -> None:
        """Watches a camera: its sub stream if there is one."""
        tap = self._tap_of(camera.id)
        if tap is None:
            return
        stream = StreamName.SUB if camera.sub_url else StreamName.MAIN
        order = WatchCamera(camera.id, stream, tap, camera.motion)
        number = self._number_of(camera.id)
        if number is None:
            number = self._with_room()
        new = camera.id not in self._orders[number]
        self._orders[number][camera.id] = order
        self.workers[number].send(order)
        if new:
            self._send_wishes(camera.id)

    def forget(self, camera: str) -> None:
        """Stops watching."""
        number = self._number_of(camera)
        if number is not None:
            self.hear(camera, ())
            self._wishes.pop(camera, None)
            del self._orders[number][camera]
            self.workers[number].send(ForgetCamera(camera))

    def send(self, camera: str, message: Message) -> bool:
        """Sends to the worker that watches this camera; False when there is none."""
        number = self._number_of(camera)
        if number is None:
            return False
        self.workers[number].send(message)
        return True

    def _number_of(self, camera: str) -> int | None:
        return next((n for n, orders in enumerate(self._orders) if camera in orders), None)

    def _with_room(self) -> int:
        most = max(1, os.cpu_count() or 1)
        for number, orders in enumerate(self._orders):
            if len(orders) < CAMERAS_PER_ANALYSIS_WORKER:
                return number
        if len(self.workers) < most:
            return self._hire()
        return min(range(most), key=lambda number: len(self._orders[number]))

    def _hire(self) -> int:
        orders: dict[str, WatchCamera] = {}
        worker: WorkerProcess[FromAnalysis] = WorkerProcess(
            f"analysis-{len(self.workers)}",
            "wachtel.pipeline.analysis_worker:analysis_worker",
            (),
            FromAnalysis,
            self._clock,
            on_start=lambda: worker.send_all([*orders.values(), *self._hearing(orders)]),
            on_message=self._on_message,
            on_death=lambda: self._on_death(list(orders)),
        )
        self.workers.append(worker)
        self._orders.append(orders)
        self._tasks.keep(worker.name, worker.run)
        return len(self.workers) - 1
