"""Seeded fuzzing of what a Wemo neighbour may send: files with rules, questions to a shown camera, searches."""

import io
import random
import zipfile
from itertools import count

from device_fuzz import damaged
from wemo_rules_rig import LAMP, MAKER, MOTION, NETCAM, PLUG, house, zipped

from wachtel.automation.wemo.rule_import import Known, convert
from wachtel.automation.wemo.rule_words import words
from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.base.units import MonoS
from wachtel.model.rule_checks import check_rule
from wachtel.protocols import ssdp
from wachtel.protocols.wemo_sensor import MotionSensor, Request, camera_identity, read_head
from wachtel.storage.foreign.wemo_rules import read_wemo_rules

CLIENT = "192.168.7.9"
KNOWN = Known({LAMP: "lamp", PLUG: "plug"}, {MOTION: "s", MAKER: "m"}, {NETCAM: "c"}, "phone")
HOUSE = house()
QUESTIONS = (
    b"GET /setup.xml HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /upnp/control/basicevent1 HTTP/1.1\r\nContent-Length: 4\r\n"
    b'SOAPACTION: "urn:Belkin:service:basicevent:1#GetBinaryState"\r\n\r\n<a/>',
    b"SUBSCRIBE /upnp/event/basicevent1 HTTP/1.1\r\nCALLBACK: <http://192.168.7.9:8989/sub/x>\r\n"
    b"NT: upnp:event\r\nTIMEOUT: Second-300\r\n\r\n",
    b"SUBSCRIBE /upnp/event/basicevent1 HTTP/1.1\r\nSID: uuid:1\r\nTIMEOUT: Second-300\r\n\r\n",
    b"UNSUBSCRIBE /upnp/event/basicevent1 HTTP/1.1\r\nSID: uuid:1\r\n\r\n",
    ssdp.search(ssdp.WEMO),
    ssdp.answer(ssdp.WEMO, "uuid:Socket-1_0-1", "http://192.168.7.9:49153/setup.xml", "x"),
)


def rules_file(seed: int) -> None:
    """A damaged file, zipped or not, whose damage may lie within the zip: read and converted, or refused."""
    dice = random.Random(seed)
    data = damaged(dice, (HOUSE, zipped(HOUSE)) if dice.random() < 0.7 else (HOUSE,))
    if dice.random() < 0.3:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", dice.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            archive.writestr("temppluginRules.db", data)
        data = packed.getvalue()
    try:
        file = read_wemo_rules(data)
    except WachtelError as error:
        assert error.kind is ErrorKind.BAD_DATA
        return
    numbers = count()
    made = convert(file, KNOWN, "home", lambda: f"r{next(numbers)}")
    for rule in made.rules:
        check_rule(rule)
    for remark in made.remarks:
        words(remark.code, remark.details)


def questions(seed: int) -> None:
    """Several damaged questions to one sensor; whoever is told anything asked for it from his own address."""
    dice = random.Random(seed)
    sensor = MotionSensor(camera_identity("0123456789ABCD", "Flur"), lambda: str(dice.randrange(3)))
    for step in range(dice.randrange(1, 6)):
        data = damaged(dice, QUESTIONS)
        ssdp.read_search(data)
        ssdp.read_answer(data)
        head, _, body = data.partition(b"\r\n\r\n")
        asked = read_head(head)
        if asked is not None and asked.body_bytes >= 0:
            whole = Request(asked.method, asked.path, asked.headers, body[: asked.body_bytes])
            reply = sensor.answer(whole, CLIENT, MonoS(step * dice.random() * 1000))
            assert reply.encoded().startswith(b"HTTP/1.1 ")
        assert all(one.callback.host == CLIENT for one in sensor.book.all())


KINDS = {"wemo rules": rules_file, "wemo questions": questions}
