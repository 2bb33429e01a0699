"""What a push service is given: the message encrypted for one browser (RFC 8291, RFC 8188) and a signed word on who
sends it (RFC 8292, VAPID).
"""

import base64
import hashlib
from collections.abc import Mapping

import http_ece  # type: ignore[import-untyped]
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02  # type: ignore[import-untyped]

from wachtel.base.units import US_PER_S, WallUs
from wachtel.base.web_address import WebUrl
from wachtel.notifiers.api import Letter, Priority

LARGEST_BYTES = 3993
"""Of plain text: 4096 less the header, the tag and the padding (RFC 8291 section 4)."""

KEPT_S = 86_400
"""So long a push service keeps a message for a device that is off."""

SIGNED_FOR_S = 12 * 3600
_URGENCY: Mapping[Priority, str] = {Priority.LOW: "low", Priority.USUAL: "normal"}


def new_key() -> str:
    """A private key on P-256, as a number in base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return encoded(number.to_bytes(32, "big"))


def public_key(private: str) -> str:
    """Its public half as browsers want it: the uncompressed point in base64url."""
    return encoded(_point(_private(private)))


def payload(letter: Letter) -> bytes:
    """What the page's worker shows; words are cut until it fits."""
    for length in (1500, 500, 100):
        content = {
            "title": letter.title[:length],
            "body": letter.text[:length],
            "lang": letter.language,
            "tag": topic(letter.message.id),
            "link": letter.message.link or "/#/",
            "image": letter.picture_path,
            "quiet": letter.quiet_path,
            "at": letter.message.at // 1000,
            "urgent": letter.priority >= Priority.HIGH,
        }
        plain = msgspec.json.encode(content)
        if len(plain) <= LARGEST_BYTES:
            break
    return plain


def encrypted(plain: bytes, device_key: bytes, auth: bytes) -> bytes:
    """For one browser only; each call with a key of its own."""
    body: bytes = http_ece.encrypt(
        plain, private_key=ec.generate_private_key(ec.SECP256R1()), dh=device_key, auth_secret=auth
    )
    return body


def headers_of(letter: Letter, url: WebUrl, private: str, subject: str, now: WallUs) -> dict[str, str]:
    """How long to keep it, how urgent it is, which older one it replaces, and who sends it."""
    claims = {
        "aud": f"{url.scheme}://{url.authority}",
        "exp": now // US_PER_S + SIGNED_FOR_S,
        "sub": subject,
    }
    signed: dict[str, str] = Vapid02(_private(private)).sign(claims)
    return {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(KEPT_S),
        "Urgency": _URGENCY.get(letter.priority, "high"),
        "Topic": topic(letter.message.id),
        **signed,
    }


def topic(message: str) -> str:
    """The same in every try: a message that waits at the push service is replaced by its repeat, and one that is shown
    by the browser too (RFC 8030 section 5.4: at most 32 characters).
    """
    return hashlib.sha256(message.encode()).hexdigest()[:32]


def is_point(raw: bytes) -> bool:
    """Whether these bytes are an uncompressed point on P-256."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        return False
    return len(raw) == 65


def encoded(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Raises `ValueError`."""
    if not text.isascii() or not all(char.isalnum() or char in "-_" for char in text.rstrip("=")):
        raise ValueError("no base64url")
    text = text.rstrip("=")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decoded(text), "big"), ec.SECP256R1())


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
