"""The programme of 2020 over a whole claim."""

from datetime import date

from wachtel.service.belkin_cameras import decide_camera
from wachtel.service.belkin_rules import BelkinRules
from wachtel.service.belkin_subscription import currency_for, decide_subscription
from wachtel.service.camera_words import duplicate
from wachtel.service.claim import Claim, ClaimedCamera
from wachtel.service.decision import Decision, Item, Problem, Reason, status_of
from wachtel.service.money import zero
from wachtel.service.words import Words, day_words


def decide(
    claim: Claim, rules: BelkinRules, as_of: date | None, duplicates: frozenset[int] = frozenset()
) -> Decision:
    """Both refunds, independent of each other (questions A15 and A16)."""
    subscription = None
    if claim.subscription:
        subscription = (
            _late(claim, rules)
            if is_late(claim, rules)
            else decide_subscription(claim, claim.subscription, rules)
        )
    cameras = decide_cameras(claim, rules, as_of, duplicates, late=is_late(claim, rules))
    problems = tuple(duplicate_problem(claim, number) for number in sorted(duplicates))
    return Decision(claim.id, status_of(subscription, cameras), subscription, cameras, problems)


def decide_cameras(
    claim: Claim, rules: BelkinRules, as_of: date | None, duplicates: frozenset[int], *, late: bool
) -> tuple[Item, ...]:
    """One item a camera, in the claim's order."""

    def one(number: int, camera: ClaimedCamera) -> Item:
        currency = camera.price.currency if camera.price else currency_for(claim.residence, rules)
        if number in duplicates:
            return Item(Reason.DUPLICATE, zero(currency), duplicate(camera.serial), serial=camera.serial)
        if late and camera.kind != "disposal":
            return Item(Reason.LATE, zero(currency), late_words(claim, rules), serial=camera.serial)
        return decide_camera(claim, camera, rules, as_of)

    return tuple(one(number, camera) for number, camera in enumerate(claim.cameras))


def is_late(claim: Claim, rules: BelkinRules) -> bool:
    """T8: the last day counts to its end, where the customer lives (question A13)."""
    return _counted(claim, rules) > rules.claims_until


def late_words(claim: Claim, rules: BelkinRules) -> Words:
    """T8, R2."""
    came, last = day_words(_counted(claim, rules)), day_words(rules.claims_until)
    return Words(
        f"Der Antrag kam am {came.de}; Anträge waren bis zum {last.de} möglich (T8, R2).",
        f"The claim came on {came.en}; claims were possible until {last.en} (T8, R2).",
    )


def duplicate_problem(claim: Claim, number: int) -> Problem:
    """Names the field of a camera that was claimed before."""
    return Problem(f"cameras[{number}].serial", duplicate(claim.cameras[number].serial))


def _late(claim: Claim, rules: BelkinRules) -> Item:
    return Item(Reason.LATE, zero(currency_for(claim.residence, rules)), late_words(claim, rules), months=0)


def _counted(claim: Claim, rules: BelkinRules) -> date:
    if rules.deadline_counts == "arrival" and claim.received_at:
        return claim.received_at.date()
    return claim.submitted_at.date()
