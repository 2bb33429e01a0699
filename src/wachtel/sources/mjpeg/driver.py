"""Opens http and https URLs that give a stream of JPEGs."""

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.camera_url import CameraUrl
from wachtel.sources.api import MediaSource, SourceOptions
from wachtel.sources.http_stream import HttpStream, get
from wachtel.sources.mjpeg.pcm import open_sound, split_sound_port
from wachtel.sources.mjpeg.source import MjpegSource

_STREAM = "multipart/x-mixed-replace"
_STILLS = frozenset({"image/jpeg", "image/jpg", "image/pjpeg"})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})


class MjpegDriver:
    """The `SourceDriver` of Motion JPEG."""

    schemes = frozenset({"http", "https"})

    def open(self, url: CameraUrl, options: SourceOptions, clock: Clock) -> MediaSource:
        """As `SourceDriver.open`. ``transport`` means nothing here; sound comes from beside, see `pcm`."""
        began = clock.monotonic_s()
        url, sound_port = split_sound_port(url)
        stream = get(url, options, clock)
        if stream.content_type != _STREAM:
            stream.close()
            raise no_stream(stream)
        quiet_since = options.quiet_since(began, clock.monotonic_s())
        wanted = sound_port if options.audio else None
        sound = None if wanted is None else open_sound(stream.endpoint, wanted, clock)
        return MjpegSource(stream, options.stall_timeout_s, quiet_since, clock, sound)


def no_stream(stream: HttpStream) -> WachtelError:
    """What it is instead of a stream, in words."""
    name, kind = stream.endpoint.name, stream.content_type
    if kind in _STILLS:
        return WachtelError(
            ErrorKind.UNSUPPORTED_CODEC,
            f"{name} gives single still pictures at this address, no stream.",
            code="single_stills",
            hint="Look in the camera's manual for its RTSP or MJPEG address.",
            details={"host": name},
        )
    page = kind in _PAGES
    what = "a web page" if page else "something that is no video"
    return WachtelError(
        ErrorKind.NOT_A_CAMERA,
        f"{name} answers with {what}, not with a camera's stream.",
        code="web_page" if page else "not_video",
        hint="Most cameras are reached at an address like rtsp://user:password@192.168.1.20/stream1.",
        details={"host": name},
    )


driver = MjpegDriver()
