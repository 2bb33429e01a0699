"""What lies behind an http or https URL: a stream of JPEGs, one JPEG, or no camera at all."""

from wachtel.base.clock import Clock
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.protocols.camera_url import CameraUrl
from wachtel.sources.address import Endpoint
from wachtel.sources.api import MediaSource, SourceOptions
from wachtel.sources.http_stream import get
from wachtel.sources.probe.findings import Findings


def open_web_source(
    url: CameraUrl, options: SourceOptions, clock: Clock, findings: Findings
) -> MediaSource | None:
    """A source when the address gives one, else None with a finding. Raises `WachtelError` as `get` does."""
    stream = get(url, options, clock)
    kind = stream.content_type
    stream.close()
    if kind == "multipart/x-mixed-replace":
        findings.warn(
            "mjpeg",
            "This is a stream of single JPEGs (Motion JPEG).",
            "If the camera has RTSP too, use that: it is sharper at a tenth of the data.",
        )
        return None
    if kind in ("image/jpeg", "image/jpg"):
        raise WachtelError(
            ErrorKind.UNSUPPORTED_CODEC,
            "This address gives single still pictures, no stream.",
            hint="Look in the camera's manual for its RTSP or MJPEG address.",
        )
    raise no_stream(kind, stream.endpoint)


def no_stream(kind: str, endpoint: Endpoint) -> WachtelError:
    """An answer that is no stream."""
    what = "a web page" if kind in ("text/html", "application/xhtml+xml") else "something that is no video"
    return WachtelError(
        ErrorKind.NOT_A_CAMERA,
        f"{endpoint.name} answers with {what}, not with a camera's stream.",
        hint="Most cameras are reached at an address like rtsp://user:password@192.168.1.20/stream1.",
        details={"host": endpoint.name},
    )
