"""Seeded fuzzing of everything that reads what a device says: good answers, damaged in every way."""

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.cameras.discovery import reading
from wachtel.model.device import FoundDevice
from wachtel.protocols import camera_url, mdns, netcam, ssdp, upnp
from wachtel.protocols.multipart import JpegStream
from wachtel.protocols.onvif import device, discovery, events, media, ptz
from wachtel.protocols.onvif.envelope import Fault, read_answer
from wachtel.protocols.xml_reader import DEEPEST, Element, parse_xml
from wachtel.testing import service_responder
from wachtel.testing.fake_onvif import answers
from wachtel.testing.fake_onvif.discovery import DiscoveryResponder
from wachtel.testing.fake_onvif.options import OnvifOptions, OnvifStream, Quirk
from wachtel.testing.fake_onvif.state import OnvifState
from wachtel.testing.netcam import description, setup_pages
from wachtel.testing.netcam.options import Boundary, NetCamOptions
from wachtel.testing.netcam.parts import part
from wachtel.testing.netcam.ssdp import notice, search_answers

CAPTURES = Path(__file__).parents[3] / "shared/footage/onvif"
SENDER = "192.168.7.9"
MESSAGE_ID = "urn:uuid:11111111-2222-4333-8444-555555555555"
_RUN = 20_000
"""A character so many times over: what is slow with long lines shows here."""
_TOKENS = (
    b"<", b">", b"</s:Body>", b"<![CDATA[", b"]]>", b"<!--", b"<!DOCTYPE x>", b"&#x0;", b"&amp;", b"&lt", b'"', b"'",
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r\n", b"\n", b"\r", b":", b"ssid:", b"--", b"\xff\xd8",
    b"\xff\xd9", b"Content-Length: 99999999999999999999", b"content-length:-1", b"HTTP/1.1 200 OK\r\n", b"\xc0\x0c",
    b"uuid:NetCamSensor-1_0-x", b"http://[::1", b"http://user:p@ss@[fe80::1%25eth0]:99999/", b"onvif://", b"1e999",
    b"9" * 400, b"-1", b"NaN", b"%ff%00", b"\xe2\x80\xae", b"0000-00-00T00:00:00Z", b"2026-13-41T25:61:61.5Z",
)  # fmt: skip
ONVIF_READERS = (
    device.read_information, device.read_date_and_time, device.read_services, device.read_capabilities,
    device.read_relays, media.read_profiles, media.read_uri, media.read_encoder_options, events.read_messages,
    events.read_subscription, ptz.read_presets, lambda answer: ptz.read_reach(answer, "node"),
)  # fmt: skip


def damaged(random: random.Random, seeds: tuple[bytes, ...]) -> bytes:
    """One of the seeds, or two cut together, with some damage; seldom a good one."""
    data = bytearray(random.choice(seeds))
    if random.random() < 0.1:
        other = random.choice(seeds)
        data = data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]
    for _ in range(random.choice((0, 1, 1, 2, 3, 8))):
        _damage(random, data)
    return bytes(data)


def _damage(random: random.Random, data: bytearray) -> None:
    at = random.randrange(len(data) + 1)
    kind = random.randrange(7)
    if kind == 0:
        data[at : at + 1] = bytes([random.randrange(256)])
    elif kind == 1:
        del data[at : at + random.choice((1, 2, 8, 64, 1000))]
    elif kind == 2:
        data[at:at] = random.choice(_TOKENS)
    elif kind == 3:
        data[at:at] = data[at : at + random.choice((1, 8, 100, 1000))] * random.choice((1, 2, 30))
    elif kind == 4:
        data[at:] = b""
    elif kind == 5:
        data[at : at + 8] = random.randbytes(8)
    elif random.random() < 0.05:
        data[at:at] = (
            random.choice((b" ", b"\n", b"<a>", b"ssid:\r", b"1 ", b"a:", b"\0", b"\xc0\x0c")) * _RUN
        )


@cache
def _envelopes() -> tuple[bytes, ...]:
    """What the virtual device answers in several styles, and what real ones answered."""
    options = OnvifOptions(
        (OnvifStream("main", "rtsp://192.168.7.9/main"), OnvifStream("sub", "rtsp://x/sub", fps=5))
    )
    state = OnvifState()
    bodies = [
        answers.services("http://192.168.7.9"),
        answers.capabilities("http://192.168.7.9"),
        answers.information(options),
        answers.profiles(options, state),
        answers.encoder_options(),
        "<tev:PullMessagesResponse>"
        + answers.motion_message(True, "2026-11-22T08:00:00Z", "Changed")
        + "</tev:PullMessagesResponse>",
        answers.fault("Sender", "NotAuthorized", "no", frozenset()),
        answers.fault("Sender", "NotAuthorized", "no", frozenset({Quirk.OLD_FAULTS})),
    ]
    styles = (frozenset[Quirk](), frozenset({Quirk.OTHER_PREFIXES}), frozenset({Quirk.UNBOUND_PREFIXES}))
    made = [answers.envelope(body, style) for body in bodies for style in styles]
    real = [path.read_bytes() for path in sorted(CAPTURES.glob("*.xml"))] if CAPTURES.is_dir() else []
    return (*made, *real)


def onvif(random: random.Random) -> None:
    """Every reader on every answer."""
    try:
        answer = read_answer(damaged(random, _envelopes()))
    except WachtelError as error:
        assert error.kind in (ErrorKind.BAD_DATA, ErrorKind.NOT_A_CAMERA), error.kind
        return
    if isinstance(answer, Fault):
        assert answer.denied in (True, False)
        return
    for reader in ONVIF_READERS:
        reader(answer)


def xml(random: random.Random) -> None:
    """The reader alone: a tree of bounded depth without control characters, or bad_data."""
    try:
        root = parse_xml(damaged(random, (*_envelopes(), *_descriptions())))
    except WachtelError as error:
        assert error.kind is ErrorKind.BAD_DATA
        return
    waiting: list[tuple[Element, int]] = [(root, 1)]
    while waiting:
        one, depth = waiting.pop()
        assert depth <= DEEPEST and "\0" not in one.text and ":" not in one.name
        waiting += [(child, depth + 1) for child in one.children]


@cache
def _matches() -> tuple[bytes, ...]:
    made = []
    for name in ("Garden", "Küche & Flur", "<b>x</b>"):
        with DiscoveryResponder(
            OnvifOptions(name=name), "http://192.168.7.9/onvif/device_service http://[fe80::1]/x"
        ) as one:
            made.append(one._matches(MESSAGE_ID))
    return (*made, discovery.probe(MESSAGE_ID))


def ws_discovery(random: random.Random) -> None:
    """Devices are where their answers came from."""
    _check_found(reading.from_ws_discovery(damaged(random, _matches()), SENDER, frozenset({MESSAGE_ID})))


@cache
def _ssdp_answers() -> tuple[bytes, ...]:
    options, location = NetCamOptions(), "http://192.168.7.9:49153/setup.xml"
    found = search_answers(ssdp.search("ssdp:all"), options, location)
    return (*found, notice(options, location, "upnp:rootdevice", alive=True), ssdp.search(ssdp.ROOT))


def search_answer(random: random.Random) -> None:
    """SSDP."""
    data = damaged(random, _ssdp_answers())
    _check_found(reading.from_ssdp(data, SENDER))
    ssdp.read_answer(b"HTTP/1.1 200 OK\r\n" + data)


@cache
def _mdns_answers() -> tuple[bytes, ...]:
    made = [
        service_responder.answer(service, name, 8554)
        for service in mdns.SERVICES
        for name in ("Garage", "Tür")
    ]
    return (*made, mdns.query())


def multicast_dns(random: random.Random) -> None:
    """Names with pointers, and everything else of mDNS."""
    data = damaged(random, _mdns_answers())
    _check_found(reading.from_mdns(data, SENDER))
    mdns.read_services(data[:2] + b"\x84\0" + data[4:])


def _check_found(found: list[FoundDevice]) -> None:
    for one in found:
        assert one.address == SENDER
        assert not one.url or camera_url.parse_device_url(one.url).host == SENDER
        assert all(text.isprintable() and len(text) <= 300 for text in (one.make, one.model, one.name))


@cache
def _descriptions() -> tuple[bytes, ...]:
    options = NetCamOptions(friendly_name="Küche & Flur")
    return (
        description.setup_xml(options, 1).encode(),
        description.services_xml(description.SERVICES).encode(),
        description.soap_answer("GetBinaryState", 1).encode(),
        description.soap_answer("SetBinaryState", 1).encode(),
        description.property_set(1).encode(),
        description.property_set(1).replace("1</Bin", "1|1447|0</Bin").encode(),
    )


def universal_plug_and_play(random: random.Random) -> None:
    """Description and events."""
    data = damaged(random, _descriptions())
    assert upnp.read_binary_state(data) in (True, False, None)
    assert upnp.granted_s(data[:60].decode("latin-1"), 300) > 0
    try:
        found = upnp.read_description(data)
    except WachtelError as error:
        assert error.kind is ErrorKind.BAD_DATA
        return
    if found is not None:
        assert found.name.isprintable() and len(found.name) <= 200
        assert not found.event_path or (found.event_path.startswith("/") and " " not in found.event_path)


@cache
def _setup_texts() -> tuple[bytes, ...]:
    from wachtel.testing.clock import FakeClock
    from wachtel.testing.netcam.gate import Gate
    from wachtel.testing.netcam.options import LogIn
    from wachtel.testing.netcam.pictures import Reel
    from wachtel.testing.netcam.state import NetCamState

    made = []
    for survey in ("lines", "table"):
        state = NetCamState(
            NetCamOptions(survey=survey), Reel([b"x"]), Gate(None, LogIn.MANY), FakeClock(), 0.0
        )
        pages = ("getVideoSettings", "getSystemSettings", "getMyMAC", "getApSitesInfo", "verifyApcliMode")
        made += [(setup_pages.answer(state, page, {}) or "").encode() for page in pages]
    return tuple(made)


def setup_text(random: random.Random) -> None:
    """What a NetCam in setup mode says."""
    text = damaged(random, _setup_texts()).decode("utf-8", "replace")
    netcam.read_values(text)
    assert netcam.read_verdict(text) in netcam.Verdict
    found = netcam.read_networks(text)
    assert len(found) <= 100 and len({one.ssid for one in found}) == len(found)
    for one in found:
        assert one.ssid and one.ssid.isprintable() and 0 <= one.signal <= 100 and 0 <= one.channel <= 999
        netcam.join_form(one, "a passphrase")


@cache
def _streams() -> tuple[bytes, ...]:
    pictures = [b"\xff\xd8" + bytes([number]) * 40 * (number + 1) + b"\xff\xd9" for number in range(5)]
    return tuple(b"".join(part(picture, kind) for picture in pictures) for kind in Boundary)


def multipart(random: random.Random) -> None:
    """Whole pictures or nothing, however the stream is cut."""
    data = damaged(random, _streams())
    reader, at, taken = JpegStream(), 0, 0
    while at < len(data):
        step = random.choice((1, 7, 100, 5000))
        try:
            pictures = reader.feed(data[at : at + step])
        except WachtelError as error:
            assert error.kind is ErrorKind.BAD_DATA
            return
        at += step
        for picture in pictures:
            assert picture.startswith(b"\xff\xd8") and picture.endswith(b"\xff\xd9")
            taken += len(picture)
    assert taken <= len(data)


def address(random: random.Random) -> None:
    """What people and devices give as a URL: refused in a sentence, or read so that writing it gives the same again."""
    seeds = (
        b"rtsp://admin:p%40ss@192.168.1.2:554/stream1?x=1#y", b"onvif://[fe80::1]:8080/onvif/device_service",
        b"http://u:p@ss:/w#rd@cam.local/video", b"192.168.1.9", b"netcam://10.68.68.22/", b"rtsps://[2001:db8::7]/",
    )  # fmt: skip
    text = damaged(random, seeds).decode("utf-8", "replace")
    for read in (camera_url.parse_camera_url, camera_url.parse_device_url):
        try:
            found = read(text)
        except WachtelError as error:
            assert error.kind is ErrorKind.FORBIDDEN_URL
            continue
        assert 0 < found.port < 65536 and found.path.startswith("/")
        if len(found.full()) > camera_url.LONGEST_URL:
            continue
        again = read(found.full())
        assert (again.host, again.port, again.user, again.password) == (
            found.host, found.port, found.user, found.password,
        )  # fmt: skip


KINDS: dict[str, Callable[[random.Random], None]] = {
    "onvif answers": onvif,
    "xml": xml,
    "ws-discovery": ws_discovery,
    "ssdp": search_answer,
    "mdns": multicast_dns,
    "upnp": universal_plug_and_play,
    "netcam texts": setup_text,
    "multipart": multipart,
    "addresses": address,
}


def one_case(kind: str, seed: int) -> None:
    """Raises whatever is wrong."""
    KINDS[kind](random.Random(f"{kind} {seed}"))
