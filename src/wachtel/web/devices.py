"""Devices as the API tells of them, and how a device's address becomes those of its streams."""

from dataclasses import replace

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.model.device import Ability, DeviceReport, StreamOffer
from wachtel.model.probe import ProbeReport
from wachtel.protocols.camera_url import parse_camera_url, parse_device_url
from wachtel.web.answers import Answer
from wachtel.web.camera_address import checked_url
from wachtel.web.ports.cameras import Prober


class StreamOfferAnswer(Answer):
    """One stream a device offers; ``url`` is without credentials, ``key_frames_s`` the distance of key frames."""

    id: str
    url: str
    codec: str
    width: int
    height: int
    fps: float | None
    key_frames_s: float | None


class DeviceAnswer(Answer):
    """What a device says of itself. ``clock_ahead_s``: its clock less ours, null where it does not say."""

    kind: str
    make: str
    model: str
    firmware: str
    serial: str
    main: StreamOfferAnswer | None
    sub: StreamOfferAnswer | None
    streams: list[StreamOfferAnswer]
    clock_ahead_s: float | None
    abilities: list[Ability]


def device_answer(device: DeviceReport) -> DeviceAnswer:
    return DeviceAnswer(
        kind=device.kind,
        make=device.make,
        model=device.model,
        firmware=device.firmware,
        serial=device.serial,
        main=None if device.main is None else _offer(device.main),
        sub=None if device.sub is None else _offer(device.sub),
        streams=[_offer(one) for one in device.streams],
        clock_ahead_s=device.clock_ahead_s,
        abilities=list(device.abilities),
    )


def _offer(offer: StreamOffer) -> StreamOfferAnswer:
    return StreamOfferAnswer(
        id=offer.id,
        url=offer.url,
        codec=offer.codec,
        width=offer.width,
        height=offer.height,
        fps=offer.fps,
        key_frames_s=offer.key_frames_s,
    )


async def found_streams(prober: Prober, url: str, *, allow_local: bool) -> tuple[str, str | None]:
    """Main and sub address of a device, with its log-in. Raises `WachtelError` with what the device said."""
    checked = checked_url(url, allow_local=allow_local)
    report = await prober.describe(checked, allow_local=allow_local)
    if report.device is None or report.device.main is None:
        raise _reason(report)
    sub = report.device.sub
    main = _with_log_in(report.device.main, checked)
    return main, None if sub is None else _with_log_in(sub, checked)


def _with_log_in(offer: StreamOffer, device: str) -> str:
    owner = parse_device_url(device)
    return replace(parse_camera_url(offer.url), user=owner.user, password=owner.password).full()


def _reason(report: ProbeReport) -> WachtelError:
    for finding in report.findings:
        if finding.level == "error" and finding.kind in list(ErrorKind):
            return WachtelError(
                ErrorKind(finding.kind),
                finding.what,
                hint=finding.hint,
                details=finding.details,
                code=finding.code,
            )
    return WachtelError(ErrorKind.NO_SUCH_STREAM, "The device offers no stream.", code="no_profiles")
