"""Whatever a device answers: a value or a `WachtelError`, never anything else."""

from hypothesis import given
from hypothesis import strategies as st

from wachtel.base.errors import WachtelError
from wachtel.cameras.discovery import reading
from wachtel.protocols import mdns, ssdp
from wachtel.protocols.onvif import device, events, media, ptz
from wachtel.protocols.onvif.envelope import Fault, read_answer
from wachtel.protocols.xml_reader import Element, parse_xml

NAMES = (
    "Envelope", "Header", "Body", "Fault", "GetProfilesResponse", "Profiles", "VideoEncoderConfiguration", "Uri",
    "Resolution", "Width", "RateControl", "FrameRateLimit", "GovLength", "UTCDateTime", "SystemDateAndTime", "Year",
    "ProbeMatches", "ProbeMatch", "XAddrs", "Scopes", "NotificationMessage", "Message", "SimpleItem", "Preset",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["1", "-1", "99999999999999", "true", "&#x41;", "&e;", "²", "1e999"]),
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["token", "Name", "Value", "xmlns:s"]), st.text(max_size=8), max_size=2
)
TREES = st.recursive(
    st.builds(lambda text: text.replace("<", "&lt;"), TEXTS),
    lambda inner: st.builds(
        lambda name, attributes, children: (
            f"<s:{name}{''.join(f' {key}={chr(34)}{value}{chr(34)}' for key, value in attributes.items())}>"
            f"{''.join(children)}</s:{name}>"
        ),
        st.sampled_from(NAMES),
        ATTRIBUTES,
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)
READERS = (
    device.read_information, device.read_date_and_time, device.read_services, device.read_capabilities,
    device.read_relays, media.read_profiles, media.read_uri, media.read_encoder_options, events.read_messages,
    events.read_subscription, ptz.read_presets,
)  # fmt: skip


def read_everything(data: bytes) -> None:
    try:
        answer = read_answer(data)
    except WachtelError:
        return
    if isinstance(answer, Fault):
        assert answer.denied in (True, False)
        return
    for reader in READERS:
        reader(answer)


@given(TREES)
def test_trees_of_known_names(tree: str) -> None:
    read_everything(f"<s:Envelope><s:Body>{tree}</s:Body></s:Envelope>".encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    read_everything(data)
    reading.from_ws_discovery(data, "192.168.1.2", frozenset({""}))
    reading.from_ssdp(data, "192.168.1.2")
    reading.from_mdns(data, "192.168.1.2")
    ssdp.read_answer(b"HTTP/1.1 200 OK\r\n" + data)
    mdns.read_services(b"\0\0\x84\0\0\1\0\3\0\0\0\0" + data)


@given(st.text(alphabet="<>&/?!-[]= \"'ab:;#x0", max_size=120))
def test_markup_of_every_kind(text: str) -> None:
    try:
        root = parse_xml(text.encode())
    except WachtelError:
        return
    assert isinstance(root, Element)


@given(TREES)
def test_what_discovery_says(tree: str) -> None:
    data = f"<Envelope><Body><ProbeMatches>{tree}</ProbeMatches></Body></Envelope>".encode(
        "utf-8", "surrogatepass"
    )
    for found in reading.from_ws_discovery(data, "192.168.1.2", frozenset({""})):
        assert found.address == "192.168.1.2"
        assert found.url.partition("://")[2].startswith("192.168.1.2")
