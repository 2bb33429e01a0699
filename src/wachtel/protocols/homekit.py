"""What HomeKit wants to be told in numbers (HomeKit Accessory Protocol, non-commercial version R2)."""

import hashlib
import re
import secrets

from wachtel.model.rule import ArmState

BRIDGE = 2
"""The category of a bridge (chapter 13)."""

_IP = 2
_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CODE = re.compile(r"\d{3}-\d{2}-\d{3}")
_TRIVIAL = frozenset({f"{digit}" * 8 for digit in "0123456789"} | {"12345678", "87654321"})
"""Setup codes that are not allowed (section 4.2.1)."""

TARGETS = {ArmState.HOME: 0, ArmState.AWAY: 1, ArmState.NIGHT: 2, ArmState.DISARMED: 3}
"""Target and current states of a security system (sections 9.102 and 9.103)."""

TRIGGERED = 4


def arm_state(target: object) -> ArmState | None:
    """What a target state means; None for what means nothing."""
    return next((state for state, number in TARGETS.items() if number == target), None)


def new_code() -> str:
    """A random setup code, as in ``031-45-154``."""
    while True:
        digits = f"{secrets.randbelow(10**8):08d}"
        if digits not in _TRIVIAL:
            return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


def new_setup_id() -> str:
    """Four characters that tell this bridge from others in the setup address."""
    return "".join(secrets.choice(_BASE36) for _ in range(4))


def setup_address(code: str, setup_id: str) -> str:
    """What the QR code holds: ``X-HM://``, nine characters of base 36, and the setup id.

    From the highest bit: version 3, reserved 4, category 8, flags 4, setup code 27.
    """
    assert _CODE.fullmatch(code)
    number = BRIDGE << 31 | _IP << 27 | int(code.replace("-", ""))
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _BASE36[digit] + text
    return f"X-HM://{text.rjust(9, '0')}{setup_id}"


def accessory_id(kind: str, name: str) -> int:
    """The same number for the same thing for ever; 1 is the bridge itself."""
    digest = hashlib.sha256(f"{kind}/{name}".encode()).digest()
    return 2 + int.from_bytes(digest[:5])
