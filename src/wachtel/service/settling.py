"""Gives what is open in the books to a way of payment, and writes down what it says is done."""

from wachtel.service.billing import Billing, Charge
from wachtel.service.payment import Order, Outcome, Payments


def settle(billing: Billing, payments: Payments) -> int:
    """Collects open charges and pays open refunds out, each under its own key; says how many are done now.

    To be called as often as one likes: a key moves money once. Raises `WachtelError` as the way of payment does; what
    was done before stays written down.
    """
    names = {one.id: one.subscriber for one in billing.subscriptions()}
    done = 0
    for each in (*billing.charges(), *billing.refunds()):
        if each.paid_on is None and each.amount.minor:
            done += _settle(billing, payments, each, names[each.subscription])
    return done


def _settle(billing: Billing, payments: Payments, each: Charge, subscriber: str) -> bool:
    order = Order(each.id, subscriber, each.amount)
    receipt = payments.collect(order) if each.kind == "charge" else payments.pay_out(order)
    if receipt.outcome is not Outcome.DONE:
        return False
    billing.pay(each.id, receipt.reference)
    return True
