"""A letter as an e-mail: plain text, the same as HTML with the picture in it, and a Message-ID that stays."""

import html
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

from wachtel import __version__
from wachtel.base.units import US_PER_S
from wachtel.notifiers.api import Letter, Priority

PICTURE_ID = "picture"
_SHOW = {"de": "Ansehen", "en": "Show"}
_QUIET = {"de": "Eine Stunde Ruhe", "en": "Quiet for an hour"}
_IMPORTANCE = {Priority.LOW: "low", Priority.HIGH: "high", Priority.URGENT: "high"}


def message_id(message: str, sender: str) -> str:
    """What a mail program knows a repeat by (RFC 5322 section 3.6.4): made of the message's id and nothing else."""
    return f"<{quote(message, safe='.')}@{sender.rpartition('@')[2]}>"


def composed(letter: Letter, sender: str, recipients: list[str], picture: bytes | None) -> bytes:
    """The e-mail as it travels; the same letter gives the same headers."""
    message = letter.message
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = _line(letter.title)
    mail["From"] = Address("Wachtel", addr_spec=sender)
    mail["To"] = [Address(addr_spec=one) for one in recipients]
    mail["Date"] = datetime.fromtimestamp(message.at / US_PER_S, UTC)
    mail["Message-ID"] = message_id(message.id, sender)
    if message.event:
        mail["References"] = message_id(f"{message.event}.thread", sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = letter.language
    mail["User-Agent"] = f"Wachtel/{__version__}"
    if letter.priority in _IMPORTANCE:
        mail["Importance"] = _IMPORTANCE[letter.priority]
    mail.set_content(_plain(letter))
    mail.add_alternative(_html(letter, with_picture=picture is not None), subtype="html")
    if picture is not None:
        page = mail.get_payload()[1]  # type: ignore[index]
        assert isinstance(page, EmailMessage)
        page.add_related(
            picture,
            "image",
            "jpeg",
            cid=f"<{PICTURE_ID}>",
            filename="wachtel.jpg",
            disposition="inline",
        )
    _fix_boundaries(mail, message.id)
    return mail.as_bytes()


def _fix_boundaries(mail: EmailMessage, message: str) -> None:
    """Boundaries are random otherwise, and a repeat would differ."""
    name = quote(message, safe="").replace("%", "_")[-40:]
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{number}_{name}")


def _plain(letter: Letter) -> str:
    lines = [_line(letter.title), "", letter.text]
    if letter.link:
        lines += ["", f"{_word(_SHOW, letter)}: {letter.link}"]
    if letter.quiet_page:
        lines += ["", f"{_word(_QUIET, letter)}: {letter.quiet_page}"]
    return "\n".join(lines) + "\n"


def _html(letter: Letter, *, with_picture: bool) -> str:
    """Styles stand at the elements, because mail programs drop everything else."""
    text = "<br>".join(html.escape(line) for line in letter.text.splitlines())
    parts = [
        f'<p style="font-size:18px;font-weight:600;margin:0 0 4px">{html.escape(_line(letter.title))}</p>',
        f'<p style="margin:0 0 12px;opacity:.8">{text}</p>',
    ]
    if with_picture:
        picture = (
            f'<img src="cid:{PICTURE_ID}" alt="" width="560" '
            'style="width:100%;max-width:560px;height:auto;border:0;border-radius:8px;display:block">'
        )
        parts.append(_linked(letter.link, picture) if letter.link else picture)
    if letter.link:
        button = (
            "display:inline-block;margin:14px 16px 0 0;padding:9px 18px;border-radius:8px;"
            "background:#3d5a2b;color:#ffffff;text-decoration:none"
        )
        parts.append(_linked(letter.link, _word(_SHOW, letter), button))
    if letter.quiet_page:
        parts.append(_linked(letter.quiet_page, _word(_QUIET, letter), "color:#6b6b60"))
    inside = "\n".join(parts)
    return (
        f'<!doctype html><html lang="{letter.language}"><body style="font-family:system-ui,sans-serif;'
        f'margin:16px;max-width:560px">\n{inside}\n</body></html>\n'
    )


def _linked(address: str, inside: str, style: str = "") -> str:
    return f'<a href="{html.escape(address, quote=True)}" style="{style}">{inside}</a>'


def _word(words: dict[str, str], letter: Letter) -> str:
    return words.get(letter.language, words["en"])


def _line(text: str) -> str:
    """Text for a header: no name may begin another one."""
    return "".join(char if char.isprintable() else " " for char in text).strip() or "Wachtel"
