"""Basic and digest authentication, as HTTP defines them and RTSP borrows them (RFC 7617, RFC 7616, RFC 2617).

Both sides: a client reads challenges and answers them, a server makes challenges and checks answers.
Passwords come in as arguments and leave only as what the scheme puts on the wire.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest


class AuthScheme(StrEnum):
    """The two schemes cameras speak."""

    BASIC = "basic"
    DIGEST = "digest"


class DigestAlgorithm(StrEnum):
    """The hashes of digest authentication we speak; names as on the wire."""

    MD5 = "MD5"
    SHA256 = "SHA-256"


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way in that a server offers. ``qop`` is empty for servers of the old kind (RFC 2069)."""

    scheme: AuthScheme
    realm: str
    nonce: str = ""
    algorithm: DigestAlgorithm = DigestAlgorithm.MD5
    qop: tuple[str, ...] = ()
    opaque: str | None = None
    stale: bool = False

    def encode(self) -> str:
        """The value of a WWW-Authenticate header."""
        if self.scheme is AuthScheme.BASIC:
            return f"Basic realm={_quoted(self.realm)}"
        parts = [f"realm={_quoted(self.realm)}", f"nonce={_quoted(self.nonce)}"]
        if self.algorithm is not DigestAlgorithm.MD5:
            parts.append(f"algorithm={self.algorithm}")
        if self.qop:
            parts.append(f"qop={_quoted(','.join(self.qop))}")
        if self.opaque is not None:
            parts.append(f"opaque={_quoted(self.opaque)}")
        if self.stale:
            parts.append("stale=true")
        return "Digest " + ", ".join(parts)


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    """User and password as sent."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class DigestCredentials:
    """A digest answer as sent; ``qop``, ``nc`` and ``cnonce`` are empty for clients of the old kind (RFC
    2069)."""

    user: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: DigestAlgorithm = DigestAlgorithm.MD5
    qop: str = ""
    nc: str = ""
    cnonce: str = ""


def parse_challenges(values: Iterable[str]) -> tuple[Challenge, ...]:
    """The challenges of all WWW-Authenticate lines that we could answer, in the server's order."""
    found = (_challenge(scheme, fields) for value in values for scheme, fields in _split_schemes(value))
    return tuple(challenge for challenge in found if challenge is not None)


def strongest(challenges: Iterable[Challenge]) -> Challenge | None:
    """The one to answer: digest before basic, SHA-256 before MD5."""
    rank = {DigestAlgorithm.SHA256: 0, DigestAlgorithm.MD5: 1}
    order = sorted(challenges, key=lambda one: 2 if one.scheme is AuthScheme.BASIC else rank[one.algorithm])
    return order[0] if order else None


def answer(
    challenge: Challenge, method: str, uri: str, user: str, password: str, cnonce: str, count: int = 1
) -> str:
    """The value of an Authorization header.

    ``cnonce`` is a random string of the client, ``count`` how many answers this nonce has had, this one
    included.
    """
    if challenge.scheme is AuthScheme.BASIC:
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    secret = ha1(user, challenge.realm, password, challenge.algorithm)
    qop, nc = ("auth", f"{count:08x}") if "auth" in challenge.qop else ("", "")
    plain = DigestCredentials(
        user, challenge.realm, challenge.nonce, uri, "", challenge.algorithm, qop, nc, cnonce if qop else ""
    )
    return _encode_digest(plain, _response(plain, method, secret), challenge)


def _encode_digest(plain: DigestCredentials, response: str, challenge: Challenge) -> str:
    parts = [
        f"username={_quoted(plain.user)}",
        f"realm={_quoted(plain.realm)}",
        f"nonce={_quoted(plain.nonce)}",
        f"uri={_quoted(plain.uri)}",
        f'response="{response}"',
    ]
    if plain.algorithm is not DigestAlgorithm.MD5:
        parts.append(f"algorithm={plain.algorithm}")
    if challenge.opaque is not None:
        parts.append(f"opaque={_quoted(challenge.opaque)}")
    if plain.qop:
        parts += [f"qop={plain.qop}", f"nc={plain.nc}", f"cnonce={_quoted(plain.cnonce)}"]
    return "Digest " + ", ".join(parts)


def ha1(user: str, realm: str, password: str, algorithm: DigestAlgorithm = DigestAlgorithm.MD5) -> str:
    """What a server must keep to check digests of this user without the password (RFC 7616 section 3.4.2)."""
    return _hash(algorithm, f"{user}:{realm}:{password}")


def basic_challenge(realm: str) -> Challenge:
    """The challenge of a server that takes passwords in the clear."""
    return Challenge(AuthScheme.BASIC, realm)


def digest_challenge(
    realm: str, nonce: str, algorithm: DigestAlgorithm = DigestAlgorithm.MD5, *, stale: bool = False
) -> Challenge:
    """The challenge of a server that takes digests; ``stale`` says that only the nonce was too old."""
    return Challenge(AuthScheme.DIGEST, realm, nonce, algorithm, ("auth",), stale=stale)


def parse_authorization(value: str) -> BasicCredentials | DigestCredentials | None:
    """What a client sent, or None when it cannot be read."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() == AuthScheme.BASIC:
        return _parse_basic(rest)
    if scheme.lower() == AuthScheme.DIGEST:
        return _parse_digest(_fields(rest))
    return None


def check_basic(credentials: BasicCredentials, user: str, password: str) -> bool:
    """True when user and password are the right ones; takes as long when they are not."""
    same_user = hmac.compare_digest(credentials.user.encode(), user.encode())
    return hmac.compare_digest(credentials.password.encode(), password.encode()) and same_user


def check_digest(credentials: DigestCredentials, method: str, secret: str) -> bool:
    """True when the answer was made with the password behind ``secret`` (see `ha1`), for this method and its
    own uri.

    Nonce, realm and uri are the caller's to check.
    """
    return hmac.compare_digest(
        _response(credentials, method, secret).encode(), credentials.response.lower().encode()
    )


def _response(credentials: DigestCredentials, method: str, secret: str) -> str:
    """RFC 7616 section 3.4.1; without qop as in RFC 2069."""
    algorithm = credentials.algorithm
    ha2 = _hash(algorithm, f"{method}:{credentials.uri}")
    if not credentials.qop:
        return _hash(algorithm, f"{secret}:{credentials.nonce}:{ha2}")
    return _hash(
        algorithm,
        ":".join((secret, credentials.nonce, credentials.nc, credentials.cnonce, credentials.qop, ha2)),
    )


def _hash(algorithm: DigestAlgorithm, text: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    if algorithm is DigestAlgorithm.SHA256:
        return hashlib.sha256(data).hexdigest()
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _parse_basic(text: str) -> BasicCredentials | None:
    try:
        decoded = base64.b64decode(text.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None
    user, colon, password = decoded.partition(":")
    return BasicCredentials(user, password) if colon else None


def _parse_digest(fields: Mapping[str, str]) -> DigestCredentials | None:
    algorithm = _algorithm(fields)
    if algorithm is None or not all(
        name in fields for name in ("username", "realm", "nonce", "uri", "response")
    ):
        return None
    return DigestCredentials(
        user=fields["username"],
        realm=fields["realm"],
        nonce=fields["nonce"],
        uri=fields["uri"],
        response=fields["response"],
        algorithm=algorithm,
        qop=fields.get("qop", ""),
        nc=fields.get("nc", ""),
        cnonce=fields.get("cnonce", ""),
    )


def _challenge(scheme: str, fields: Mapping[str, str]) -> Challenge | None:
    if scheme == AuthScheme.BASIC:
        return basic_challenge(fields.get("realm", ""))
    algorithm = _algorithm(fields)
    if scheme != AuthScheme.DIGEST or algorithm is None or "nonce" not in fields:
        return None
    qop = tuple(part.strip().lower() for part in fields.get("qop", "").split(",") if part.strip())
    stale = fields.get("stale", "").lower() == "true"
    return Challenge(
        AuthScheme.DIGEST,
        fields.get("realm", ""),
        fields["nonce"],
        algorithm,
        qop,
        fields.get("opaque"),
        stale,
    )


def _algorithm(fields: Mapping[str, str]) -> DigestAlgorithm | None:
    try:
        return DigestAlgorithm(fields.get("algorithm", DigestAlgorithm.MD5).upper())
    except ValueError:
        return None


_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9_-]*)(?=\s+[A-Za-z]+\s*=|\s*$|\s*,)")
_FIELD = re.compile(r'([A-Za-z][A-Za-z0-9_*-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def _split_schemes(value: str) -> list[tuple[str, dict[str, str]]]:
    """One header line may hold several challenges; a scheme is a word that no ``=`` follows."""
    shadow = _QUOTED.sub(lambda match: '"' + "x" * (len(match[0]) - 2) + '"', value)
    starts = list(_SCHEME.finditer(shadow))
    ends = [start.start() for start in starts[1:]]
    return [
        (start[1].lower(), _fields(value[start.end() : end]))
        for start, end in zip_longest(starts, ends, fillvalue=None)
        if start is not None
    ]


def _fields(text: str) -> dict[str, str]:
    return {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        for name, quoted, plain in _FIELD.findall(text)
    }


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
