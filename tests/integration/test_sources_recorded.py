"""The handshake with answers that real cameras gave, and RTSP inside TLS."""

import contextlib
import datetime
import re
import socket
import ssl
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from scripted_camera import PPS, SPS, Line, ScriptedCamera

from wachtel.base.clock import SystemClock
from wachtel.model.stream import AudioFormat, Codec, Packet, StreamFormat
from wachtel.protocols.camera_url import parse_camera_url
from wachtel.protocols.rtp_send import RtpPacket, h264_payloads
from wachtel.protocols.rtsp import Request, interleaved_head
from wachtel.sources.api import SourceOptions
from wachtel.sources.connect import shut
from wachtel.sources.rtsp import driver

RECORDED = Path(__file__).parents[2].parent / "shared" / "footage" / "rtsp"
LOUD = SourceOptions(connect_timeout_s=2, stall_timeout_s=2, allow_local=True, audio=True)
IDR = b"\x65" + b"i" * 3000


def recorded(name: str, request: Request) -> bytes:
    """An answer as a camera gave it, with the number of our request and whole line ends."""
    path = RECORDED / f"{name}.txt"
    if not path.exists():
        pytest.skip(f"the recorded answer {name} is not on this machine ({RECORDED})")
    head, _, body = path.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
    head = re.sub(rb"(?im)^cseq:.*$", b"CSeq: " + request.cseq.encode(), head)
    length = str(len(body.replace(b"\n", b"\r\n"))).encode()
    head = re.sub(rb"(?im)^content-length:.*$", b"Content-Length: " + length, head)
    return head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body.replace(b"\n", b"\r\n")


def pictures(line: Line, payload_type: int, units: list[bytes]) -> None:
    for number, payload in enumerate(payloads := h264_payloads(units)):
        packet = RtpPacket(payload_type, number, 5000, 7, number == len(payloads) - 1, payload).encode()
        line.send(interleaved_head(0, len(packet)) + packet)


def camera_of(maker: str, payload_type: int, units: list[bytes]) -> Callable[[Line], None]:
    def script(line: Line) -> None:
        setups = 0
        while (request := line.read()) is not None:
            if request.method in ("DESCRIBE", "PLAY"):
                line.send(recorded(f"{maker}_{request.method.lower()}", request))
            elif request.method == "SETUP" and setups == 0:
                line.send(recorded(f"{maker}_setup", request))
                setups += 1
            else:
                line.usual(request)
            if request.method == "PLAY":
                pictures(line, payload_type, units)

    return script


@pytest.mark.parametrize(
    ("maker", "payload_type", "track", "sound"),
    [
        ("hikvision", 96, "trackID=1?transportmode=unicast&profile=Profile_1", None),
        ("reolink", 96, "trackID=1", Codec.AAC),
        ("bunny", 97, "trackID=2", Codec.AAC),
    ],
)
def test_the_handshake_of_real_cameras(
    maker: str, payload_type: int, track: str, sound: Codec | None
) -> None:
    with ScriptedCamera(camera_of(maker, payload_type, [SPS, PPS, IDR])) as camera:
        source = driver.open(parse_camera_url(camera.url), LOUD, SystemClock())
        form, first = list(islice(source.packets(), 2))
        source.close()
    assert isinstance(form, StreamFormat) and isinstance(first, Packet)
    assert first.key and first.pts == 0
    setups = [request for request in camera.requests if request.method == "SETUP"]
    assert setups[0].uri.endswith(track)
    assert (form.audio.codec if isinstance(form.audio, AudioFormat) else None) == sound
    assert len(setups) == (1 if sound is None else 2)


def certificate(folder: Path) -> ssl.SSLContext:
    """As cameras have them: signed by themselves, for another name, long over."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "IPCAM")])
    start = datetime.datetime(2012, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start)
    signed = builder.not_valid_after(start + datetime.timedelta(days=365)).sign(key, hashes.SHA256())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "camera.pem"
    path.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_rtsp_inside_tls(tmp_path: Path) -> None:
    def script(line: Line) -> None:
        while (request := line.read()) is not None:
            line.usual(request)
            if request.method == "PLAY":
                pictures(line, 96, [SPS, PPS, IDR])

    with ScriptedCamera(script, certificate(tmp_path)) as camera:
        source = driver.open(parse_camera_url(camera.url.replace("rtsp", "rtsps")), LOUD, SystemClock())
        packets = source.packets()
        assert isinstance(next(packets), StreamFormat)
        assert isinstance(next(packets), Packet)
        reader = Thread(target=lambda: list(packets))
        reader.start()
        source.close()
        reader.join(5)
        assert not reader.is_alive()


def test_nothing_leaves_in_the_clear_after_shutting(tmp_path: Path) -> None:
    """The goodbye carries the credentials."""
    ours, theirs = socket.socketpair()
    wire = theirs.dup()
    answered: list[ssl.SSLSocket] = []
    server = certificate(tmp_path)
    answering = Thread(target=lambda: answered.append(server.wrap_socket(theirs, server_side=True)))
    answering.start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    talk = context.wrap_socket(ours)
    answering.join(5)
    shut(talk, socket.SHUT_RD)
    with talk, contextlib.suppress(OSError):
        talk.sendall(b"TEARDOWN with a secret")
    sent = b""
    with wire, answered[0], contextlib.suppress(ConnectionResetError):
        while data := wire.recv(4096):
            sent += data
    assert b"secret" not in sent


def test_a_port_without_tls_is_named() -> None:
    def script(line: Line) -> None:
        line.send(b"RTSP/1.0 400 Bad Request\r\n\r\n")

    with ScriptedCamera(script) as camera, pytest.raises(Exception, match="does not speak TLS"):
        driver.open(parse_camera_url(camera.url.replace("rtsp", "rtsps")), LOUD, SystemClock())
