"""Tries an address a person entered, of a stream or of a whole device. Blocks; for a process of its own."""

from dataclasses import replace

from wachtel.base.clock import Clock
from wachtel.base.errors import WachtelError
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.drivers import driver_for
from wachtel.model.device import DeviceReport, StreamOffer
from wachtel.model.probe import ProbeReport
from wachtel.protocols.camera_url import CameraUrl, is_device_url, parse_camera_url, parse_device_url
from wachtel.sources.probe.findings import Findings, shown
from wachtel.sources.trust import TrustFirst

DEADLINE_S = 25.0
"""Enough for a device's own word and then a look at its stream."""


def trial(url: str, *, allow_local: bool, clock: Clock) -> ProbeReport:
    """Never raises for a bad URL or a bad camera: the report says what is wrong."""
    if not is_device_url(url):
        return _stream(url, allow_local, clock)
    asked = device_trial(url, allow_local=allow_local, clock=clock)
    if asked.device is None or asked.device.main is None:
        return asked
    main = with_log_in(asked.device.main, parse_device_url(url))
    seen = _stream(main, allow_local, clock)
    rest = [one for one in seen.findings if one.code != "sub_stream"]
    return replace(seen, url=asked.url, findings=(*asked.findings, *rest), device=asked.device)


def device_trial(url: str, *, allow_local: bool, clock: Clock) -> ProbeReport:
    """Asks a device what it offers, and looks at no stream. Never raises for a bad device."""
    findings = Findings(shown(url))
    try:
        parsed = parse_device_url(url)
        findings.url = parsed.public()
        trust = TrustFirst((), clock, findings.certificate)
        report = _described(parsed, DeviceOptions(allow_local=allow_local, trust=trust), clock)
    except WachtelError as error:
        findings.fail(error)
        return findings.report()
    findings.found.extend(report.findings)
    return replace(findings.report(), device=report)


def with_log_in(offer: StreamOffer, device: CameraUrl) -> str:
    """The stream's address with the device's user and password."""
    url = parse_camera_url(offer.url)
    return replace(url, user=device.user, password=device.password).full()


def _described(url: CameraUrl, options: DeviceOptions, clock: Clock) -> DeviceReport:
    device = driver_for(url.scheme).open(url, options, clock)
    try:
        return device.describe()
    finally:
        device.close()


def _stream(url: str, allow_local: bool, clock: Clock) -> ProbeReport:
    from wachtel.sources.probe.trial import (
        probe,  # native code is behind it, and this is a process of its own
    )

    return probe(url, allow_local=allow_local, clock=clock)
