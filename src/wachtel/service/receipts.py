"""Files that customers send in: hostile until proven otherwise, and never more than kept, shown and handed on."""

from dataclasses import dataclass

from wachtel.base.errors import ErrorKind, WachtelError

LARGEST_BYTES = 10 * 1024 * 1024
MOST_FILES = 30
"""Of one claim."""

_LONGEST_NAME = 120
_KINDS = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
)


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file is by its own first bytes, whatever it is called."""

    media_type: str
    ending: str


def kind_of(content: bytes) -> FileKind:
    """PDF, JPEG or PNG. Raises `WachtelError` (invalid) for anything else, nothing, and more than 10 MB."""
    if len(content) > LARGEST_BYTES:
        raise too_large()
    for begin, media_type, ending in _KINDS:
        if content.startswith(begin):
            return FileKind(media_type, ending)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return FileKind("image/webp", "webp")
    raise WachtelError(
        ErrorKind.INVALID,
        "This file is not a PDF, JPEG, PNG or WebP.",
        code="receipt_type",
        hint="Take a photograph of the receipt, or save it as PDF.",
    )


def too_large() -> WachtelError:
    """More than a receipt may have."""
    return WachtelError(
        ErrorKind.INVALID,
        "This file is larger than 10 MB.",
        code="receipt_size",
        hint="Send a smaller photograph, or a single page.",
    )


def shown_name(name: str, kind: FileKind) -> str:
    """A file name that can be shown and downloaded: no folders, no control characters, its true ending."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(char for char in last if char.isprintable() and char not in '"<>:|?*')
    stem = clean.rpartition(".")[0] or clean
    return f"{stem.strip('. ')[:_LONGEST_NAME] or 'receipt'}.{kind.ending}"
