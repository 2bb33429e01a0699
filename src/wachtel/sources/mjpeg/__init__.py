"""Motion JPEG over HTTP: the stream of old and of very small cameras."""

from wachtel.sources.mjpeg.driver import driver

__all__ = ["driver"]
