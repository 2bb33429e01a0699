"""What real cameras do when they are talked to, from public reports."""

from dataclasses import replace

import pytest
from onvif_rig import GUARDED, PLAIN, opened
from quirks import quirk
from scripted_camera import Line, ScriptedCamera

from wachtel.base.clock import SystemClock
from wachtel.model.device import Ability
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.protocols.onvif import discovery
from wachtel.protocols.onvif.events import read_messages
from wachtel.protocols.xml_reader import parse_xml
from wachtel.sources.api import SourceOptions
from wachtel.sources.rtsp import driver
from wachtel.testing.fake_onvif.server import FakeOnvif

SDP = (
    b"v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\n"
    b"a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z00AH5WoFAFuQA==,aO48gA==\r\n"
    b"a=control:trackID=1\r\n"
)


@pytest.mark.parametrize(
    "base",
    [
        pytest.param(
            "192.168.1.10:554/stream0/",
            marks=quirk("rtsp: Content-Base comes without rtsp:// before it", "scottlamb/moonfire-nvr#356"),
        ),
        pytest.param("", marks=quirk("rtsp: Content-Base is empty", "bluenviron/mediamtx#825")),
    ],
)
def test_a_base_that_is_no_address(base: str) -> None:
    def script(line: Line) -> None:
        while (request := line.read()) is not None:
            if request.method == "DESCRIBE":
                headers = (("Content-Type", "application/sdp"), ("Content-Base", base))
                line.answer(request, 200, *headers, body=SDP)
            else:
                line.usual(request)

    with ScriptedCamera(script) as camera:
        driver.open(parse_camera_url(camera.url), SourceOptions(allow_local=True), SystemClock()).close()
        asked = next(request for request in camera.requests if request.method == "SETUP")
    assert asked.uri == f"{camera.url}/trackID=1"


def snapshot_answer(uri: str) -> bytes:
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><trt:GetSnapshotUriResponse>'
        f"<trt:MediaUri><tt:Uri>{uri}</tt:Uri></trt:MediaUri></trt:GetSnapshotUriResponse></s:Body></s:Envelope>"
    ).encode()


@pytest.mark.parametrize(
    "uri",
    [
        pytest.param(
            "rtsp://192.168.1.81:554/user=admin_password=redacted_channel=0_stream=0.sdp?real_stream",
            marks=quirk("onvif: the address of stills is that of the stream", "home-assistant/core#66554"),
        ),
        pytest.param(
            "(null)",
            marks=quirk("onvif: the address of stills is the word (null)", "home-assistant/core#84551"),
        ),
        pytest.param("", marks=quirk("onvif: the address of stills is empty", "home-assistant/core#33902")),
    ],
)
def test_an_address_of_stills_that_is_none(uri: str) -> None:
    with FakeOnvif(replace(GUARDED, raw={"GetSnapshotUri": snapshot_answer(uri)})) as fake:
        report = opened(fake).describe()
    assert report.main is not None
    assert report.snapshot_url == "" and Ability.SNAPSHOT not in report.abilities


@quirk(
    "onvif: the address of stills is a picture at the maker's web site",
    "GuilhermeC18/node-onvif#14",
)
def test_stills_are_asked_of_the_camera_alone() -> None:
    raw = {"GetSnapshotUri": snapshot_answer("http://vendor.example/Upload/Pic/20147914514701.jpg")}
    with FakeOnvif(replace(GUARDED, raw=raw)) as fake:
        report = opened(fake).describe()
    assert "vendor.example" not in repr(report)


@quirk(
    "onvif: it says of itself that it is at 127.0.0.1",
    "roleoroleo/yi-hack-MStar#148",
    "EliasKotlyar/Xiaomi-Dafang-Hacks#1752",
)
def test_services_said_to_be_at_loopback_are_asked_at_the_camera() -> None:
    body = (
        "<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace>"
        "<tds:XAddr>http://127.0.0.1:9/onvif/media_service</tds:XAddr></tds:Service></tds:GetServicesResponse>"
    )
    answer = (
        f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{body}</s:Body></s:Envelope>'
    )
    with FakeOnvif(replace(PLAIN, host="127.0.0.5", raw={"GetServices": answer.encode()})) as fake:
        report = opened(fake).describe()
        assert "GetProfiles" in fake.state.asked
    assert report.main is not None


@quirk("onvif: some hear only questions with the usual prefixes", "andreikop/python-ws-discovery#25")
def test_our_question_for_devices_has_the_usual_prefixes() -> None:
    asked = discovery.probe("urn:uuid:1").decode()
    assert 'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"' in asked
    assert "<d:Types>dn:NetworkVideoTransmitter</d:Types>" in asked


@pytest.mark.parametrize(
    ("topic", "name", "value"),
    [
        pytest.param(
            "tns1:VideoSource/MotionAlarm",
            "State",
            "true",
            marks=quirk(
                "onvif: motion comes as VideoSource/MotionAlarm with State",
                "dmitrif/onvif2mqtt#34",
                "Skinah/IpCamera#61",
            ),
        ),
        ("tns1:RuleEngine/CellMotionDetector/Motion", "IsMotion", "true"),
        ("tns1:RuleEngine/CellMotionDetector/Motion", "IsMotion", "1"),
    ],
)
def test_motion_by_any_of_its_names(topic: str, name: str, value: str) -> None:
    body = parse_xml(
        f"<PullMessagesResponse><NotificationMessage><Topic>{topic}</Topic><Message><Message "
        f'PropertyOperation="Changed"><Data><SimpleItem Name="{name}" Value="{value}"/></Data></Message></Message>'
        "</NotificationMessage></PullMessagesResponse>".encode()
    )
    assert [message.motion() for message in read_messages(body)] == [True]
