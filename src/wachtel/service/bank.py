"""Where a refund goes: an IBAN, or routing and account number in the United States. Checked before it is believed."""

import re
from dataclasses import dataclass

from wachtel.base.errors import ErrorKind, WachtelError

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27,
}  # fmt: skip
"""Length of an IBAN by country, of the countries whose claims are paid by SEPA (ISO 13616)."""
_ROUTING_WEIGHTS = (3, 7, 1) * 3


@dataclass(frozen=True, slots=True)
class BankDetails:
    """Whose account it is, and either an ``iban`` or a US ``routing`` and ``account`` number."""

    holder: str
    iban: str = ""
    routing: str = ""
    account: str = ""

    @property
    def hint(self) -> str:
        """The last four characters, to be recognised by."""
        return (self.iban or self.account)[-4:]


def checked_bank(holder: str, iban: str = "", routing: str = "", account: str = "") -> BankDetails:
    """Bank details without blanks. Raises `WachtelError` (invalid) that names the field in ``details``."""
    holder = " ".join(holder.split())
    if not holder:
        raise _wrong("holder", "The account needs the name of its holder.", "")
    iban, routing, account = ("".join(text.split()).upper() for text in (iban, routing, account))
    if iban:
        return BankDetails(holder, iban=_checked_iban(iban))
    if not (routing or account):
        raise _wrong(
            "iban", "There is no account to pay to.", "Enter an IBAN, or routing and account number."
        )
    if not is_routing_number(routing):
        raise _wrong(
            "routing", "This is not a routing number.", "It has nine digits and stands on every cheque."
        )
    if not (account.isascii() and account.isdigit() and 4 <= len(account) <= 17):
        raise _wrong("account", "This is not an account number.", "It has 4 to 17 digits.")
    return BankDetails(holder, routing=routing, account=account)


def is_iban(text: str) -> bool:
    """Whether country, length and check digits are right (ISO 7064 MOD 97-10)."""
    if not _IBAN.fullmatch(text) or len(text) != _LENGTHS.get(text[:2], len(text)):
        return False
    digits = "".join(str(int(char, 36)) for char in text[4:] + text[:4])
    return int(digits) % 97 == 1


def is_routing_number(text: str) -> bool:
    """Whether the checksum of a US routing number is right (ABA)."""
    if not (text.isascii() and text.isdigit() and len(text) == 9 and text != "0" * 9):
        return False
    return sum(int(char) * weight for char, weight in zip(text, _ROUTING_WEIGHTS, strict=True)) % 10 == 0


def _checked_iban(iban: str) -> str:
    if not is_iban(iban):
        raise _wrong("iban", "This IBAN is not right.", "Compare it with your bank card, digit by digit.")
    return iban


def _wrong(field: str, what: str, hint: str) -> WachtelError:
    return WachtelError(
        ErrorKind.INVALID, what, code="bank_wrong", hint=hint, details={"field": f"bank.{field}"}
    )
