"""A virtual NetCam, and films that are played beside it.

Its web server (Motion JPEG, stills) and its UPnP sensor are those of a NetCam with firmware from before the lock; the
sensor sees whoever walks through the film. Beside them it gives both films as H.264 by RTSP, which no NetCam does: the
demo records these, because what a NetCam sends is small and no browser plays it without being converted.
"""

import asyncio
from pathlib import Path

from wachtel.base.clock import Clock
from wachtel.testing.command_line import tell
from wachtel.testing.fake_camera.camera import FakeCamera
from wachtel.testing.fake_camera.options import FakeCameraOptions
from wachtel.testing.fake_camera.pictures import Pictures
from wachtel.testing.netcam import Mode, NetCamOptions, VirtualNetCam
from wachtel.testing.scene.film import SCENE_LENGTH_S, WALK_ENDS_S, WALK_STARTS_S

SENSOR_IS_LATE_S = 0.7
"""A sensor behind the scenes needs a moment; the product's own engine is quicker."""
_LOOK_EVERY_S = 0.1


class FilmView:
    """What the NetCam shows is what the film shows now."""

    def __init__(self, film: Path, camera: FakeCamera) -> None:
        self._pictures = Pictures(film)
        self._camera = camera

    def at(self, _: float) -> bytes:
        """As `wachtel.testing.netcam.pictures.View.at`; the camera's own time does not matter."""
        return self._pictures.at(self._camera.media_time_s % SCENE_LENGTH_S).jpeg


def somebody_walks(media_time_s: float) -> bool:
    """What the sensor says at this time of the film, which runs round and round."""
    at_s = media_time_s % SCENE_LENGTH_S
    return WALK_STARTS_S + SENSOR_IS_LATE_S <= at_s < WALK_ENDS_S


async def play(main: Path, sub: Path, stop: asyncio.Event, clock: Clock) -> None:
    """Says where everything is and plays until ``stop``."""
    async with FakeCamera(main, sub, FakeCameraOptions(loop=True), clock) as camera:
        options = NetCamOptions(Mode.BEFORE_LOCK, friendly_name="Garden")
        with VirtualNetCam(options, FilmView(sub, camera), clock) as netcam:
            assert netcam.sensor is not None
            address = f"netcam://127.0.0.1:{netcam.http_port}/?wachtel_sensor={netcam.sensor.port}"
            tell({**camera.urls(), "netcam": address})
            seen = False
            while not stop.is_set():
                if somebody_walks(camera.media_time_s) is not seen:
                    seen = not seen
                    netcam.set_motion(seen)
                await clock.sleep(_LOOK_EVERY_S)
