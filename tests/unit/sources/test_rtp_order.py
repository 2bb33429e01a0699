"""Packets back in order, and losses counted."""

import random

from hypothesis import given
from hypothesis import strategies as st

from wachtel.protocols.rtp_receive.order import Ordered, Sequencer
from wachtel.protocols.rtp_receive.packet import RtpPacket


def packet(sequence: int, ssrc: int = 1) -> RtpPacket:
    return RtpPacket(sequence & 0xFFFF, 0, False, 96, ssrc, b"x")


def run(sequencer: Sequencer, numbers: list[int]) -> list[Ordered]:
    out: list[Ordered] = []
    for number in numbers:
        one = packet(number)
        out += [Ordered(one, 0)] if sequencer.follows(one) else sequencer.push(one)
    return out


def numbers(found: list[Ordered]) -> list[int]:
    return [one.packet.sequence for one in found]


def test_a_straight_line_passes_over_the_wrap() -> None:
    line = list(range(65530, 65545))
    found = run(Sequencer(), line)
    assert numbers(found) == [number & 0xFFFF for number in line]
    assert all(one.missing == 0 for one in found)


def test_a_hole_on_tcp_is_a_loss_at_once() -> None:
    sequencer = Sequencer()
    assert [one.missing for one in run(sequencer, [1, 2, 5, 6])] == [0, 0, 2, 0]
    assert sequencer.lost == 2


def test_a_late_packet_finds_its_place() -> None:
    sequencer = Sequencer(depth=4)
    assert numbers(run(sequencer, [1, 3, 4, 2, 5])) == [1, 2, 3, 4, 5]
    assert sequencer.lost == 0


def test_a_lost_packet_is_given_up_after_the_depth() -> None:
    sequencer = Sequencer(depth=3)
    found = run(sequencer, [1, 3, 4, 5, 6, 7])
    assert [(one.packet.sequence, one.missing) for one in found] == [
        (1, 0),
        (3, 1),
        (4, 0),
        (5, 0),
        (6, 0),
        (7, 0),
    ]


def test_packets_that_come_twice_or_too_late_are_dropped() -> None:
    assert numbers(run(Sequencer(), [1, 2, 2, 1, 3])) == [1, 2, 3]


def test_a_new_sender_begins_anew_with_a_loss() -> None:
    sequencer = Sequencer(depth=8)
    run(sequencer, [1, 2, 4])
    found = sequencer.push(packet(40000, ssrc=9))
    assert [(one.packet.sequence, one.missing) for one in found] == [(4, 1), (40000, 1)]


def test_a_great_jump_is_a_new_start_and_does_not_fill_the_memory() -> None:
    assert [one.missing for one in run(Sequencer(depth=32), [1, 2, 30000, 30001])] == [0, 0, 1, 0]


@given(st.lists(st.integers(0, 65535), max_size=80), st.integers(0, 8))
def test_any_numbers_at_all(line: list[int], depth: int) -> None:
    found = run(Sequencer(depth), line)
    assert len(found) <= len(line)


@given(st.integers(0, 65535), st.integers(0, 2**32))
def test_shuffled_within_the_depth_nothing_is_lost(start: int, seed: int) -> None:
    line = list(range(start, start + 60))
    shaken = sorted(line, key=lambda number: number + random.Random(seed * 1000 + number).uniform(0, 4))
    shaken.remove(start)
    sequencer = Sequencer(depth=8)
    assert numbers(run(sequencer, [start, *shaken])) == [number & 0xFFFF for number in line]
