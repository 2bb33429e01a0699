"""RTSP cameras: our own client, so that nothing but the camera's own address is ever contacted."""

from wachtel.sources.rtsp.driver import driver

__all__ = ["driver"]
