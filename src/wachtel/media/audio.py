"""Audio we can store: AAC and Opus."""

from wachtel.base.errors import ErrorKind, WachtelError
from wachtel.media.boxes import box, full_box
from wachtel.media.elementary_stream import AAC_OBJECT, AUDIO_STREAM, elementary_stream
from wachtel.media.nal import BitReader, bad_data
from wachtel.model.stream import AudioFormat, Codec

OPUS_SAMPLES_PER_S = 48_000
"""Opus always counts at this rate (RFC 7845 section 4)."""

_AAC_FRAME_SAMPLES = 1024
_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_ESCAPE_RATE = 15
_OPUS_HEAD = b"OpusHead"
_SILK_MS, _CELT_MS = (10.0, 20.0, 40.0, 60.0), (2.5, 5.0, 10.0, 20.0)


def storable(audio: AudioFormat | None) -> bool:
    """Whether we can write this audio into files; what we cannot is left out and never stops the video."""
    if audio is None or not 0 < audio.channels <= 8:
        return False
    return audio.codec is Codec.OPUS or (audio.codec is Codec.AAC and len(audio.config) >= 2)


def timescale(audio: AudioFormat) -> int:
    """Ticks per second of the audio track."""
    return OPUS_SAMPLES_PER_S if audio.codec is Codec.OPUS else audio.sample_rate


def packet_samples(audio: AudioFormat, data: bytes) -> int:
    """How long a packet lasts, in ticks of the audio track."""
    return _opus_samples(data) if audio.codec is Codec.OPUS else _aac_samples(audio)


def _aac_samples(audio: AudioFormat) -> int:
    """1024 per packet, doubled where the configuration names half the shown rate (spectral band
    replication).
    """
    bits = BitReader(audio.config)
    bits.skip(5)
    index = bits.bits(4)
    rate = bits.bits(24) if index == _ESCAPE_RATE else _AAC_RATES[min(index, len(_AAC_RATES) - 1)]
    return _AAC_FRAME_SAMPLES * 2 if rate * 2 == audio.sample_rate else _AAC_FRAME_SAMPLES


def _opus_samples(data: bytes) -> int:
    """RFC 6716 section 3.1."""
    if not data:
        return 0
    configuration, code = data[0] >> 3, data[0] & 3
    if configuration < 12:
        frame_ms = _SILK_MS[configuration & 3]
    elif configuration < 16:
        frame_ms = _SILK_MS[configuration & 1]
    else:
        frame_ms = _CELT_MS[configuration & 3]
    frames = (1, 2, 2, data[1] & 0x3F if len(data) > 1 else 1)[code]
    return round(frame_ms * frames * OPUS_SAMPLES_PER_S / 1000)


def codec_string(audio: AudioFormat) -> str:
    """What players call it (RFC 6381): ``mp4a.40.2``, ``opus``. Raises `WachtelError` (unsupported_codec)."""
    if audio.codec is Codec.OPUS:
        return "opus"
    if audio.codec is Codec.AAC and audio.config:
        return f"mp4a.40.{audio.config[0] >> 3}"
    raise WachtelError(ErrorKind.UNSUPPORTED_CODEC, f"Audio in {audio.codec.value} cannot be stored yet.")


def sample_entry(audio: AudioFormat) -> bytes:
    """The mp4a box (ISO 14496-14 section 5.6) or Opus box (Opus in ISO BMFF, section 4.3)."""
    rate = timescale(audio)
    head = bytes(6) + b"\0\1" + bytes(8) + audio.channels.to_bytes(2, "big") + b"\0\x10" + bytes(4)
    head += (rate << 16 if rate < 1 << 16 else 0).to_bytes(4, "big")
    if audio.codec is Codec.OPUS:
        return box(b"Opus", head, box(b"dOps", _opus_specific(audio)))
    return box(
        b"mp4a", head, full_box(b"esds", 0, 0, elementary_stream(AAC_OBJECT, AUDIO_STREAM, audio.config))
    )


def _opus_specific(audio: AudioFormat) -> bytes:
    """The fields of OpusHead (RFC 7845 section 5.1), big-endian."""
    config = audio.config
    if not config.startswith(_OPUS_HEAD) or len(config) < 19:
        return bytes([0, audio.channels]) + bytes(2) + OPUS_SAMPLES_PER_S.to_bytes(4, "big") + bytes(3)
    return b"\0" + config[9:10] + config[11:9:-1] + config[15:11:-1] + config[17:15:-1] + config[18:]


def opus_head(specific: bytes) -> bytes:
    """OpusHead again from the content of a dOps box. Raises `WachtelError` (bad_data)."""
    if len(specific) < 11:
        raise bad_data("The description of the Opus track is too short.")
    swapped = specific[3:1:-1] + specific[7:3:-1] + specific[9:7:-1]
    return _OPUS_HEAD + b"\1" + specific[1:2] + swapped + specific[10:]
