"""What browsers call a stream."""

from wachtel.media import audio as audio_codecs
from wachtel.media import video as video_codecs
from wachtel.model.stream import StreamFormat


def mime(format: StreamFormat) -> str:
    """The type for Media Source Extensions: ``video/mp4; codecs="avc1.64001f,mp4a.40.2"``.

    Names what our files hold, so audio we cannot store is left out. Raises `WachtelError` (unsupported_codec,
    bad_data).
    """
    codecs = [video_codecs.codec_string(format.video)]
    if format.audio is not None and audio_codecs.storable(format.audio):
        codecs.append(audio_codecs.codec_string(format.audio))
    return f'video/mp4; codecs="{",".join(codecs)}"'
