"""Devices that mean harm: no file is read, nobody else is spoken to, and every answer has an end."""

import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from onvif_rig import GUARDED, PASSWORD, PLAIN, STREAMS, address, opened

from wachtel.base.clock import SystemClock
from wachtel.base.errors import WachtelError
from wachtel.cameras.api import DeviceOptions
from wachtel.cameras.onvif import driver
from wachtel.cameras.onvif.device import OnvifDevice
from wachtel.protocols.camera_url import parse_device_url
from wachtel.testing.fake_onvif.options import OnvifAuth, OnvifStream, Quirk
from wachtel.testing.fake_onvif.server import FakeOnvif

QUICK = DeviceOptions(allow_local=True, answer_timeout_s=2.0, whole_timeout_s=4.0)
CANARY = "KANARIENVOGEL"
OPERATIONS = ("GetSystemDateAndTime", "GetDeviceInformation", "GetServices", "GetProfiles", "GetStreamUri")
SOAP = b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>%s</s:Body></s:Envelope>'
BOMB = b'<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">%b]>' % b"".join(
    b'<!ENTITY %c "%b">' % (98 + step, b"&%c;" % (97 + step) * 10) for step in range(9)
)


class Canary:
    """A listener nobody may speak to, and a file nobody may read."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "canary.txt"
        self.file.write_text(CANARY)
        self.heard: list[str] = []
        heard = self.heard

        class Listener(http.server.BaseHTTPRequestHandler):
            def handle(self) -> None:
                heard.append("somebody came")

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canary]:
    found = Canary(tmp_path_factory.mktemp("canary"))
    thread = threading.Thread(target=found.server.serve_forever, args=(0.05,))
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


HOSTILE: dict[str, Callable[[Canary], bytes]] = {
    "file": lambda one: b'<!DOCTYPE x [<!ENTITY e SYSTEM "file://%b">]><x>&e;</x>' % str(one.file).encode(),
    "listener": lambda one: b'<!DOCTYPE x SYSTEM "%b/x.dtd"><x/>' % one.url.encode(),
    "parameter": lambda one: b'<!DOCTYPE x [<!ENTITY %% p SYSTEM "%b/p">%%p;]><x/>' % one.url.encode(),
    "stylesheet": lambda one: b'<?xml-stylesheet href="%b/s.xsl"?>' % one.url.encode() + SOAP % b"<x/>",
    "include": lambda one: (
        SOAP
        % (
            b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://%b"/>'
            % str(one.file).encode()
        )
    ),
    "bomb": lambda _: BOMB + b"<b>&j;</b>",
    "deep": lambda _: b"<a>" * 100_000,
    "wide": lambda _: SOAP % (b"<a/>" * 200_000),
    "attributes": lambda _: SOAP % (b"<a " + b"".join(b'a%d="" ' % i for i in range(50_000)) + b"/>"),
    "large": lambda _: SOAP % (b"<a>" + b"x" * (2 << 20) + b"</a>"),
    "namespaces": lambda _: (
        SOAP % b'<e:GetProfilesResponse xmlns:e="http://evil.example/"><e:Profiles/></e:GetProfilesResponse>'
    ),
    "empty": lambda _: b"",
    "zeros": lambda _: b"\0" * 1000,
    "html": lambda _: b"<html><body><script>alert(1)</script>",
    "json": lambda _: b'{"profiles": []}',
    "other": lambda _: SOAP % b"<x:RebootResponse/>",
    "fault": lambda _: (
        SOAP % b"<s:Fault><s:Reason><s:Text><![CDATA[<script>]]></s:Text></s:Reason></s:Fault>"
    ),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("answer", HOSTILE)
def test_hostile_answers_end_in_words(answer: str, operation: str, canary: Canary) -> None:
    raw = {operation: HOSTILE[answer](canary)}
    with FakeOnvif(replace(PLAIN, raw=raw)) as fake:
        try:
            said = str(opened(fake, QUICK).describe())
        except WachtelError as error:
            said = f"{error} {dict(error.details)}"
    assert CANARY not in said
    assert canary.heard == []


CONTROLS: dict[str, Callable[[OnvifDevice], object]] = {
    "GetNodes": lambda device: device.reach(),
    "GetPresets": lambda device: device.presets(),
    "GotoPreset": lambda device: device.go_to("1"),
    "ContinuousMove": lambda device: device.move(1.0, 0.0, 0.0),
    "GetRelayOutputs": lambda device: device.relays(),
    "SetRelayOutputState": lambda device: device.switch("relay0", on=True),
    "GetVideoEncoderConfigurationOptions": lambda device: device.sub_stream(),
}


@pytest.mark.parametrize("operation", CONTROLS)
def test_hostile_answers_to_who_moves_and_switches_end_in_words(operation: str, canary: Canary) -> None:
    for name, made in HOSTILE.items():
        with FakeOnvif(replace(PLAIN, raw={operation: made(canary)})) as fake:
            device = driver.open(parse_device_url(fake.url), QUICK, SystemClock())
            try:
                told = repr(CONTROLS[operation](device))
            except WachtelError as error:
                told = repr(error) + error.hint
        assert CANARY not in told, name
    assert canary.heard == []


def test_names_of_presets_and_outputs_are_text_and_their_tokens_no_commands() -> None:
    evil = """<script>alert(1)</script>'"&;../../\u202e"""
    with FakeOnvif(replace(PLAIN, presets=((evil, evil),), relays=(evil,))) as fake:
        device = opened(fake)
        [preset] = device.presets()
        assert preset.id == evil and "\u202e" not in preset.name and "\n" not in preset.name
        device.go_to(preset.id)
        device.switch(evil, on=True)
        assert (fake.state.at_preset, fake.state.relays) == (evil, {evil: True})


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd",
        "concat:/etc/passwd|/etc/shadow",
        "subfile,,start,0,end,0,,:/etc/passwd",
        "pipe:0",
        "tcp://127.0.0.1:22",
        "http://127.0.0.1/",
        "gopher://127.0.0.1/",
        "javascript:alert(1)",
        "data:text/plain,x",
        "rtsp://",
        "rtsp://a b/",
        "rtsp://192.0.2.1:99999/",
        "rtsp://\u0000/",
        "",
        "x" * 5000,
    ],
)
def test_addresses_of_streams_that_are_none(uri: str) -> None:
    with (
        FakeOnvif(replace(PLAIN, streams=(OnvifStream("main", uri),))) as fake,
        pytest.raises(WachtelError) as raised,
    ):
        opened(fake, QUICK).describe()
    assert raised.value.code in ("no_profiles", "bad_xml")


@pytest.mark.parametrize(
    "uri",
    ["rtsp://169.254.169.254/latest", "rtsp://evil.example/a", "rtsp://u:p@10.0.0.1/a", "rtsp://[::1]:22/a"],
)
def test_streams_elsewhere_are_asked_of_the_device_itself(uri: str) -> None:
    with FakeOnvif(replace(PLAIN, streams=(OnvifStream("main", uri),))) as fake:
        report = opened(fake, QUICK).describe()
    assert report.main is not None
    assert report.main.url.startswith("rtsp://127.0.0.1:")
    assert "u:p" not in str(report)


@pytest.mark.parametrize(
    "place", ["{url}/onvif/media", "http://127.0.0.1:1/x", "http://evil.example/", "nonsense"]
)
def test_services_elsewhere_are_not_spoken_to(place: str, canary: Canary) -> None:
    given = place.format(url=canary.url).encode()
    services = SOAP % (
        b"<x:GetServicesResponse><x:Service><x:Namespace>http://www.onvif.org/ver10/media/wsdl</x:Namespace>"
        b"<x:XAddr>%b</x:XAddr></x:Service></x:GetServicesResponse>" % given
    )
    with FakeOnvif(replace(GUARDED, raw={"GetServices": services})) as fake:
        report = opened(fake, QUICK).describe()
    assert report.main is not None
    assert report.main.url == STREAMS[0].uri
    assert canary.heard == []


def test_names_are_text_on_one_line() -> None:
    options = replace(
        PLAIN, make="<script>alert(1)</script>", model="a\r\nb\x1b[2J", serial="\u202e" + "x" * 9000
    )
    with FakeOnvif(options) as fake:
        report = opened(fake, QUICK).describe()
    assert report.make == "<script>alert(1)</script>"
    assert report.model.isprintable() and len(report.serial) <= 200


def test_loopback_needs_consent() -> None:
    with FakeOnvif(PLAIN) as fake, pytest.raises(WachtelError) as raised:
        opened(fake, DeviceOptions()).describe()
    assert raised.value.code == "local_address"


def test_passwords_stand_in_no_error_and_no_report() -> None:
    for quirks, auth in (
        (frozenset({Quirk.NO_MEDIA}), OnvifAuth.TOKEN),
        (frozenset[Quirk](), OnvifAuth.DIGEST),
    ):
        with FakeOnvif(replace(GUARDED, quirks=quirks, auth=auth)) as fake:
            try:
                said = str(opened(fake).describe())
            except WachtelError as error:
                said = f"{error!r} {error} {error.details}"
            assert PASSWORD not in said
            assert PASSWORD not in address(fake).public()


def test_a_device_that_never_answers_is_given_up() -> None:
    class Silent(http.server.BaseHTTPRequestHandler):
        def handle(self) -> None:
            threading.Event().wait(0.8)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        url = parse_device_url(f"onvif://127.0.0.1:{server.server_address[1]}")
        options = replace(QUICK, answer_timeout_s=0.5)
        with pytest.raises(WachtelError) as raised:
            driver.open(url, options, SystemClock()).describe()
        server.shutdown()
        thread.join()
    assert raised.value.code in ("silent", "no_http")
