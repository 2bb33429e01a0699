"""A camera's refund by the programme of 2020 (T5 to T7, T9, R1)."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from wachtel.service import camera_words as say
from wachtel.service.belkin_rules import BelkinRules
from wachtel.service.belkin_subscription import currency_for
from wachtel.service.claim import Claim, ClaimedCamera
from wachtel.service.days import add_months, months_and_days
from wachtel.service.decision import Item, Reason
from wachtel.service.money import Money, zero
from wachtel.service.words import Words


def decide_camera(claim: Claim, camera: ClaimedCamera, rules: BelkinRules, as_of: date | None) -> Item:
    """The refund of one camera of a claim in time; whether it was claimed before is not asked here."""
    currency = camera.price.currency if camera.price else currency_for(claim.residence, rules)
    refused = _refused(camera, rules)
    if refused:
        return _nothing(camera, currency, *refused)
    assert camera.price is not None and camera.bought_on is not None
    net = _net(camera, camera.price, rules)
    region = claim.residence if rules.region_by == "residence" else camera.bought_in
    if region is None:
        return _nothing(camera, currency, Reason.EVIDENCE_MISSING, say.no_place_of_purchase())
    if region in rules.europe:
        item = _european(camera, net, rules)
    elif region in rules.north_america:
        item = _north_american(camera, net, rules)
    else:
        return _elsewhere(camera, region, net, rules)
    return _by_return(item, camera, rules, as_of) if item.reason is Reason.OK else item


def _nothing(camera: ClaimedCamera, currency: str, reason: Reason, words: Words) -> Item:
    return Item(reason, zero(currency), words, serial=camera.serial)


def _refused(camera: ClaimedCamera, rules: BelkinRules) -> tuple[Reason, Words] | None:
    """Why there is nothing for it anywhere in the world."""
    if camera.kind == "disposal":
        return Reason.DISPOSAL, say.disposal()
    missing = say.missing(camera)
    if camera.bought_on and camera.bought_on < _first_purchase(rules):
        return Reason.TOO_OLD, say.too_old(camera.bought_on, _first_purchase(rules))
    if camera.dealer_receipt is False:
        return Reason.NO_AUTHORISED_RECEIPT, say.no_dealer()
    return (Reason.EVIDENCE_MISSING, missing) if missing else None


def _first_purchase(rules: BelkinRules) -> date:
    return rules.bought_from + timedelta(days=rules.cut_off_day == "out")


def _net(camera: ClaimedCamera, price: Money, rules: BelkinRules) -> Money:
    return price if rules.vouchers == "ignore" else price.minus(Money(camera.voucher_minor, price.currency))


def _warranty(camera: ClaimedCamera, rules: BelkinRules) -> tuple[date, date]:
    """First day, and the first day after (question A10)."""
    assert camera.bought_on is not None
    begin = camera.bought_on
    if rules.warranty_from == "delivery" and camera.delivered_on:
        begin = camera.delivered_on
    return begin, add_months(begin, 12 * rules.warranty_years)


def _european(camera: ClaimedCamera, net: Money, rules: BelkinRules) -> Item:
    """T6: the full price."""
    _, end = _warranty(camera, rules)
    if rules.europe_warranty == "at_service_end" and end <= rules.reference_on:
        words = say.exhausted(end, rules.reference_on)
        return _nothing(camera, net.currency, Reason.WARRANTY_EXHAUSTED, words)
    return _full(camera, net, rules)


def _full(camera: ClaimedCamera, net: Money, rules: BelkinRules) -> Item:
    voucher = camera.voucher_minor if rules.vouchers == "subtract" else 0
    assert camera.price is not None
    words = say.full_price(camera.price, Money(voucher, net.currency), net)
    return Item(Reason.OK if net.minor else Reason.NOTHING_LOST, net, words, serial=camera.serial)


def _north_american(camera: ClaimedCamera, net: Money, rules: BelkinRules) -> Item:
    """T7: the part of the price that the rest of the warranty is (questions A8 and A20)."""
    if rules.north_american_cameras == "full":
        return _full(camera, net, rules)
    begin, end = _warranty(camera, rules)
    reference = _reference(rules)
    rest, whole = _rest_of(begin, end, reference, rules)
    if not rest:
        words = say.exhausted(end, reference)
        return _nothing(camera, net.currency, Reason.WARRANTY_EXHAUSTED, words)
    amount = net.part(Fraction(rest, whole))
    words = say.pro_rata(net, amount, (begin, end), (rest, whole), by_months=rules.pro_rata_unit == "months")
    return Item(Reason.OK if amount.minor else Reason.NOTHING_LOST, amount, words, serial=camera.serial)


def _reference(rules: BelkinRules) -> date:
    """The day whose rest counts: the service's end, or the last day of warranty of the oldest camera in question."""
    if rules.pro_rata_from == "service_end":
        return rules.reference_on
    return add_months(rules.bought_from, 12 * rules.warranty_years)


def _rest_of(begin: date, end: date, reference: date, rules: BelkinRules) -> tuple[int, int]:
    """Days (or whole months) of warranty that remain, never more than there were, and all of them."""
    start = max(begin, reference)
    if rules.pro_rata_unit == "months":
        return months_and_days(start, end)[0], 12 * rules.warranty_years
    return max(0, (end - start).days), (end - begin).days


def _elsewhere(camera: ClaimedCamera, region: str, net: Money, rules: BelkinRules) -> Item:
    """Nothing was announced for other regions (question A12)."""
    if rules.other_regions == "reject":
        return _nothing(camera, net.currency, Reason.NOT_COVERED_REGION, say.region_not_covered(region))
    item = _nothing(camera, net.currency, Reason.MANUAL_REVIEW, say.region_to_review(region, net))
    return replace(item, suggested=net)


def _by_return(item: Item, camera: ClaimedCamera, rules: BelkinRules, as_of: date | None) -> Item:
    """T9: paid once the camera is back; 30 days after the label it is too late (question A14)."""
    label, back = _happened(camera.label_received_on, as_of), _happened(camera.returned_on, as_of)
    allowed = timedelta(days=rules.return_days - (rules.last_return_day == "out"))
    last = label + allowed if label else None
    if last and (back or as_of or last) > last:
        assert label is not None
        return _nothing(camera, item.amount.currency, Reason.CANCELLED, say.cancelled(label, last, back))
    if back:
        return replace(item, words=item.words + say.returned(back, last))
    words = item.words + say.awaiting(last)
    return replace(
        item,
        reason=Reason.AWAITING_RETURN,
        amount=zero(item.amount.currency),
        provisional=item.amount,
        words=words,
    )


def _happened(day: date | None, as_of: date | None) -> date | None:
    """What lies after ``as_of`` is not known yet."""
    return None if day and as_of and day > as_of else day
