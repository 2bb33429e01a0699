"""The demo's camera in a process of its own, which ends with ours."""

from pathlib import Path

from wachtel.testing.fake_camera.process import FakeCameraProcess


class DemoNetCamProcess(FakeCameraProcess):
    """``with DemoNetCamProcess(main, sub) as camera``: plays until the block ends."""

    MODULE = "wachtel.testing.demo_netcam"

    def __init__(self, main: Path, sub: Path) -> None:
        super().__init__(main, sub)
        self._expected.add("netcam")

    @property
    def netcam_url(self) -> str:
        """The device's address, without log-in."""
        return self.urls["netcam"]
