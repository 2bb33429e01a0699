import socket
from fractions import Fraction

from wachtel.base.units import WallUs
from wachtel.base.wire import Unpacker
from wachtel.model.stream import Codec, Packet, StreamFormat, StreamName, Track, VideoFormat
from wachtel.pipeline import tap as tap_module
from wachtel.pipeline.messages import FromTap, TapFormat, TapLoss, TapPacket
from wachtel.pipeline.tap import Consumer, StreamFan

FORMAT = StreamFormat(VideoFormat(Codec.H264, 640, 360, (b"sps", b"pps")))


def packet(number: int, *, key: bool = False, size: int = 10) -> Packet:
    return Packet(bytes(size), number, number, Fraction(1, 90000), key, Track.VIDEO, WallUs(number))


class Listener:
    """A consumer whose queue is read without a thread."""

    def __init__(self) -> None:
        self._left, right = socket.socketpair()
        self.consumer = Consumer(right)

    def close(self) -> None:
        self.consumer.close()
        self._left.close()

    def queued(self) -> list[FromTap]:
        unpacker: Unpacker[FromTap] = Unpacker(FromTap)
        return unpacker.feed(b"".join(self.consumer._queue))

    def numbers(self) -> list[int]:
        return [message.pts for message in self.queued() if isinstance(message, TapPacket)]


def fan_with_gop() -> StreamFan:
    fan = StreamFan("tor", StreamName.MAIN)
    fan.format(FORMAT)
    for number in range(5):
        fan.packet(packet(number, key=number == 2), WallUs(number))
    return fan


def test_a_new_reader_begins_with_the_cached_gop() -> None:
    listener = Listener()
    fan_with_gop().want(listener.consumer, "all")
    first = listener.queued()[0]
    assert isinstance(first, TapFormat)
    assert first.format == FORMAT
    assert listener.numbers() == [2, 3, 4]
    listener.close()


def test_who_wants_all_soon_gets_the_same_and_hurries_nobody() -> None:
    listener, viewer = Listener(), Listener()
    fan = fan_with_gop()
    fan.want(listener.consumer, "soon")
    assert listener.numbers() == [2, 3, 4]
    hurried = [fan.hurried]
    fan.want(viewer.consumer, "all")
    hurried.append(fan.hurried)
    fan.packet(packet(5), WallUs(5))
    assert listener.numbers() == viewer.numbers() == [2, 3, 4, 5]
    fan.want(viewer.consumer, "none")
    hurried.append(fan.hurried)
    fan.want(viewer.consumer, "all")
    fan.remove(viewer.consumer)
    assert [*hurried, fan.hurried] == [False, True, False, False]
    fan.want(listener.consumer, "all")
    fan.packet(packet(6), WallUs(6))
    fan.want(listener.consumer, "soon")
    fan.packet(packet(7), WallUs(7))
    assert listener.numbers() == [2, 3, 4, 5, 6, 7]
    listener.close()
    viewer.close()


def test_a_stream_is_urgent_while_somebody_wants_each_packet() -> None:
    fan, listener = fan_with_gop(), Listener()
    seen = []
    for want in ("keys", "soon", "none", "sound", "keys", "all"):
        fan.want(listener.consumer, want)
        seen.append(bool(fan.urgent[0]))
    fan.remove(listener.consumer)
    assert [*seen, bool(fan.urgent[0])] == [False, True, False, True, False, True, False]
    listener.close()


def test_who_wants_keys_gets_only_keys() -> None:
    listener = Listener()
    fan = fan_with_gop()
    fan.want(listener.consumer, "keys")
    fan.packet(packet(5), WallUs(5))
    fan.packet(packet(6, key=True), WallUs(6))
    assert listener.numbers() == [2, 6]
    listener.close()


def test_nothing_comes_after_none() -> None:
    listener = Listener()
    fan = fan_with_gop()
    fan.want(listener.consumer, "all")
    fan.want(listener.consumer, "none")
    fan.packet(packet(9, key=True), WallUs(9))
    assert listener.numbers() == [2, 3, 4]
    listener.close()


def test_a_slow_reader_loses_whole_gops_and_is_told() -> None:
    listener = Listener()
    fan = StreamFan("tor", StreamName.MAIN)
    fan.want(listener.consumer, "all")
    fan.format(FORMAT)
    size = tap_module.LARGEST_QUEUE_BYTES // 2 - 1000
    fan.packet(packet(0, key=True, size=size), WallUs(0))
    fan.packet(packet(1, size=size), WallUs(1))
    fan.packet(packet(2, size=size), WallUs(2))
    fan.packet(packet(3), WallUs(3))
    assert fan.losses == 2
    listener.consumer._queue.clear()
    listener.consumer._queued_bytes = 0
    fan.packet(packet(4), WallUs(4))
    fan.packet(packet(5, key=True), WallUs(5))
    assert listener.queued()[0] == TapLoss("tor", StreamName.MAIN, 3)
    assert listener.numbers() == [5]
    listener.close()
