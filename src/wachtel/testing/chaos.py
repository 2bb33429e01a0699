"""Streams of cameras that have lost their mind over time, made of small real pictures: the same for the same seed.

Stamps go back, jump, stand still and wrap; pictures come a thousand a second or not at all; key frames get lost on
the way; the size changes in mid-stream; sound has holes and a clock of its own. What is never broken is the data of a
picture.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from wachtel.base.units import US_PER_S, WallUs
from wachtel.media.nal import split_annexb
from wachtel.model.stream import VIDEO_TICKS_PER_S, Codec
from wachtel.protocols.rtp_send import RtpPacket, aac_payloads, h264_payloads
from wachtel.protocols.sdp import Media, format_parameters

START = WallUs(1_795_000_000 * US_PER_S)
RATE, PIECE = 16_000, 1024
VIDEO = Media("video", 96, "H264", VIDEO_TICKS_PER_S, "v")
_GOP, _GOPS = 8, 2
_STAMPS = 1 << 32


@dataclass(frozen=True, slots=True)
class Picture:
    """NAL units in decode order; ``shown`` is the picture's number in the order in which pictures are shown."""

    units: tuple[bytes, ...]
    key: bool
    shown: int


@dataclass(frozen=True, slots=True)
class Material:
    """What all streams are cut from: films by name, each some groups of pictures, and sound with its description."""

    films: dict[str, tuple[Picture, ...]]
    sound: tuple[bytes, ...]
    sound_media: Media


@dataclass(frozen=True, slots=True)
class Datagram:
    """An RTP packet and when it comes."""

    arrival: WallUs
    sound: bool
    data: bytes


@dataclass(slots=True)
class ChaoticStream:
    """``faults`` names what happens in it, in order; ``reorders`` says that some of it has B pictures."""

    seed: int
    with_sound: bool
    reorders: bool = False
    datagrams: list[Datagram] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def make_material() -> Material:
    """Encodes the few pictures and sounds; takes a tenth of a second."""
    films = {
        "plain": _film(96, 64, 0),
        "b": _film(96, 64, 2),
        "small": _film(64, 48, 0),
        "small-b": _film(64, 48, 3),
    }
    sound, config = _sound()
    parameters = format_parameters(Codec.AAC, (), config)
    return Material(films, sound, Media("audio", 97, "MPEG4-GENERIC", RATE, "a", 1, parameters))


def _film(width: int, height: int, b_frames: int) -> tuple[Picture, ...]:
    encoder = VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, 10)
    still = {
        "g": str(_GOP),
        "keyint_min": str(_GOP),
        "sc_threshold": "0",
        "bf": str(b_frames),
        "threads": "1",
    }
    encoder.options = {"preset": "veryfast", "b-adapt": "0", **still}
    packets = []
    for number in range(_GOP * _GOPS):
        gray = np.tile(np.arange(width, dtype=np.uint8) + 9 * number, (height, 1))
        frame = av.VideoFrame.from_ndarray(gray, format="gray8").reformat(format="yuv420p")
        frame.pts, frame.time_base = number, encoder.time_base
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return tuple(Picture(tuple(split_annexb(bytes(one))), one.is_keyframe, one.pts or 0) for one in packets)


def _sound() -> tuple[tuple[bytes, ...], bytes]:
    encoder = AudioCodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "fltp"
    encoder.time_base = Fraction(1, RATE)
    encoder.open()
    packets = []
    for number in range(12):
        wave = 0.2 * np.sin(2 * np.pi * 440 * (np.arange(PIECE) + number * PIECE) / RATE)
        frame = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None, :], "fltp", "mono")
        frame.sample_rate, frame.pts = RATE, number * PIECE
        packets += encoder.encode(frame)
    return tuple(map(bytes, packets)), bytes(encoder.extradata or b"")


def chaotic_stream(seed: int, material: Material, pictures: int = 60) -> ChaoticStream:
    """A stream of so many pictures; who knows what happens in it."""
    return _Camera(seed, material).stream(pictures)


class _Camera:
    def __init__(self, seed: int, material: Material) -> None:
        chance = self._chance = random.Random(seed)
        self._material = material
        self._stream = ChaoticStream(seed, chance.random() < 0.5)
        self._fps = chance.choice([0.2, 1, 5, 10, 25, 25, 60, 1000])
        self._stands_still = chance.random() < 0.03
        self._wildness = chance.choice([0.0, 0.02, 0.05, 0.2])
        self._base = chance.choice([0, _STAMPS - chance.randrange(1, 2_000_000), chance.randrange(_STAMPS)])
        self._shift = 0.0
        self._sequences = {False: chance.randrange(1 << 16), True: chance.randrange(1 << 16)}
        self._names = [name for name in material.films if self._fps >= 1 or not name.endswith("b")]
        self._film = self._next_film = material.films[chance.choice(self._names)]
        self._arrival_s = self._held_s = 0.0
        self._frozen = self._lost = self._silent = 0
        self._key_lost = False
        self._sound_s = 0.0
        self._sound_speed = 1 + chance.choice([0, 0, 100e-6, -500e-6, 0.01])
        self._sound_shift = chance.choice([0.0, 0.0, 5000.0])

    def stream(self, pictures: int) -> ChaoticStream:
        """All of it, in the order in which it comes."""
        true_s = 0.0
        for picture, shown in self._endless(pictures):
            if self._chance.random() < self._wildness:
                self._go_wrong()
            true_s += 1 / self._fps
            self._arrival_s = max(self._arrival_s, true_s + self._held_s)
            self._send(picture, shown / self._fps)
            self._send_sound(true_s)
        return self._stream

    def _endless(self, count: int) -> Iterator[tuple[Picture, int]]:
        """Pictures and the number of each in the order of showing, over all films and rounds."""
        sent = begun = 0
        while sent < count:
            film = self._film = self._next_film
            self._stream.reorders |= any(two.shown < one.shown for one, two in pairwise(film))
            for picture in film:
                yield picture, begun + picture.shown
            sent, begun = sent + len(film), begun + len(film)

    def _go_wrong(self) -> None:
        chance = self._chance
        fault = chance.choice(
            ["back", "jump", "freeze", "loss", "key lost", "size", "pause", "late", "hole", "sound jump"]
        )
        self._stream.faults.append(fault)
        match fault:
            case "back":
                self._shift -= chance.choice([0.001, 0.03, 0.13, chance.uniform(0, 5)])
            case "jump":
                self._shift += chance.choice(
                    [3600, -3600, 86_400, -86_400, 23_860, 3, 15, chance.uniform(0, 40)]
                )
            case "freeze":
                self._frozen = chance.randrange(1, 12)
            case "loss":
                self._lost = chance.randrange(1, 4)
            case "key lost":
                self._key_lost = True
            case "size":
                self._next_film = self._material.films[chance.choice(self._names)]
            case "pause":
                self._held_s += chance.uniform(0, 30)
            case "late":
                self._arrival_s += chance.uniform(0, 2)
            case "hole":
                self._silent = chance.randrange(1, 40)
            case "sound jump":
                self._sound_shift += chance.uniform(-3, 3)

    def _send(self, picture: Picture, shown_s: float) -> None:
        if self._frozen or self._stands_still:
            self._frozen = max(0, self._frozen - 1)
            self._shift -= 1 / self._fps
        stamp = (self._base + round((shown_s + self._shift) * VIDEO_TICKS_PER_S)) % _STAMPS
        lost = self._lost > 0 or (picture.key and self._key_lost)
        self._lost, self._key_lost = max(0, self._lost - 1), self._key_lost and not picture.key
        payloads = h264_payloads(list(picture.units))
        for number, payload in enumerate(payloads):
            self._packet(False, stamp, payload, number == len(payloads) - 1, lost=lost)

    def _send_sound(self, until_s: float) -> None:
        number = 0
        while self._stream.with_sound and self._sound_s < until_s and number < 50:
            own_s = self._sound_s * self._sound_speed + self._sound_shift + self._shift
            piece = self._material.sound[round(self._sound_s * RATE) // PIECE % len(self._material.sound)]
            stamp = (self._base + round(own_s * RATE)) % _STAMPS
            lost, self._silent = self._silent > 0, max(0, self._silent - 1)
            self._packet(True, stamp, aac_payloads(piece)[0], True, lost=lost)
            self._sound_s += PIECE / RATE
            number += 1
        self._sound_s = max(self._sound_s, until_s - 3)

    def _packet(self, sound: bool, stamp: int, payload: bytes, last: bool, *, lost: bool) -> None:
        sequence = self._sequences[sound]
        self._sequences[sound] = (sequence + 1) & 0xFFFF
        if lost:
            return
        data = RtpPacket(97 if sound else 96, sequence, stamp, 7 + sound, last, payload).encode()
        arrival = WallUs(START + round(self._arrival_s * US_PER_S))
        self._stream.datagrams.append(Datagram(arrival, sound, data))
