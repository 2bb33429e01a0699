"""What is said about a camera's refund."""

from datetime import date

from wachtel.service.claim import ClaimedCamera
from wachtel.service.money import Money
from wachtel.service.words import Words, day_words, money_words


def disposal() -> Words:
    """A camera only sent in to be recycled."""
    return Words(
        "Das Gerät wird nur zur Entsorgung eingeschickt: Versandetikett ja, kein Geld.",
        "The device is only sent in to be recycled: a label, and no money.",
    )


def missing(camera: ClaimedCamera) -> Words | None:
    """Which evidence is missing, if any is."""
    facts = {
        "Kaufdatum|date of purchase": camera.bought_on, "Preis|price": camera.price,
        "Beleg des Händlers|dealer's receipt": camera.dealer_receipt,
    }  # fmt: skip
    lost = [name.split("|") for name, fact in facts.items() if fact is None]
    if not lost:
        return None
    de, en = (", ".join(name[number] for name in lost) for number in (0, 1))
    return Words(f"Es fehlt: {de} (T5, T8); bitte nachreichen.", f"Missing: {en} (T5, T8); please send it.")


def no_place_of_purchase() -> Words:
    """The option asks for it and the claim does not say."""
    return Words(
        "Es fehlt das Land des Kaufs (bought_in).", "The country of purchase is missing (bought_in)."
    )


def too_old(bought: date, first: date) -> Words:
    """T5, M4."""
    day, limit = day_words(bought), day_words(first)
    return Words(
        f"Gekauft am {day.de}; bezahlt wird erst für Käufe ab dem {limit.de} (T5, M4).",
        f"Bought on {day.en}; only purchases from {limit.en} on are paid for (T5, M4).",
    )


def no_dealer() -> Words:
    """R1."""
    return Words(
        "Der Beleg ist nicht von einem autorisierten Händler (R1).",
        "The receipt is not from an authorised dealer (R1).",
    )


def full_price(price: Money, voucher: Money, net: Money) -> Words:
    """T6."""
    whole, less, rest = money_words(price), money_words(voucher), money_words(net)
    if not voucher.minor:
        return Words(f"Voller Preis: {rest.de}.", f"Full price: {rest.en}.")
    return Words(
        f"Preis minus Gutschein: {whole.de} - {less.de} = {rest.de}.",
        f"Price minus voucher: {whole.en} - {less.en} = {rest.en}.",
    )


def exhausted(end: date, reference: date) -> Words:
    """No warranty left."""
    over, day = day_words(end), day_words(reference)
    return Words(
        f"Die Garantie endete am {over.de}; am {day.de} war nichts mehr davon übrig (T7).",
        f"The warranty ended on {over.en}; nothing of it was left on {day.en} (T7).",
    )


def pro_rata(
    net: Money, amount: Money, warranty: tuple[date, date], parts: tuple[int, int], *, by_months: bool
) -> Words:
    """T7: price x rest / whole."""
    (begin, end), (rest, whole) = (day_words(day) for day in warranty), parts
    price, paid = money_words(net), money_words(amount)
    de, en = ("Monaten", "months") if by_months else ("Tagen", "days")
    return Words(
        f"Garantie vom {begin.de} bis vor dem {end.de}: Von {whole} {de} bleiben {rest}; "
        f"{price.de} x {rest}/{whole} = {paid.de} (T7).",
        f"Warranty from {begin.en} to before {end.en}: of {whole} {en} {rest} remain; "
        f"{price.en} x {rest}/{whole} = {paid.en} (T7).",
    )


def region_not_covered(region: str) -> Words:
    """Question A12, strict."""
    return Words(
        f"Für die Region {region} wurde nichts angekündigt.", f"Nothing was announced for region {region}."
    )


def region_to_review(region: str, net: Money) -> Words:
    """Question A12."""
    full = money_words(net)
    return region_not_covered(region) + Words(
        f"Ein Mensch entscheidet; Vorschlag: voller Preis, {full.de} (M3).",
        f"A person decides; suggestion: full price, {full.en} (M3).",
    )


def cancelled(label: date, last: date, back: date | None) -> Words:
    """T9."""
    sent, limit = day_words(label), day_words(last)
    handed = day_words(back) if back else Words("bisher nicht", "not yet")
    return Words(
        f"Etikett erhalten am {sent.de}, letzter Tag zum Abgeben {limit.de}, abgegeben: {handed.de} (T9).",
        f"Label received on {sent.en}, last day to hand over {limit.en}, handed over: {handed.en} (T9).",
    )


def returned(back: date, last: date | None) -> Words:
    """The camera is back in time."""
    handed = day_words(back)
    limit = day_words(last) if last else None
    de, en = (f", möglich bis {limit.de}", f", possible until {limit.en}") if limit else ("", "")
    return Words(f"Zurückgegeben am {handed.de}{de}.", f"Returned on {handed.en}{en}.")


def awaiting(last: date | None) -> Words:
    """The camera is not back yet."""
    if not last:
        return Words(
            "Ausgezahlt wird, sobald die Kamera zurück ist; das Etikett ist noch nicht angekommen.",
            "It is paid once the camera is back; the label has not arrived yet.",
        )
    limit = day_words(last)
    return Words(
        f"Ausgezahlt wird, sobald die Kamera zurück ist; abzugeben bis {limit.de}.",
        f"It is paid once the camera is back; to be handed over until {limit.en}.",
    )


def duplicate(serial: str) -> Words:
    """Question A18."""
    return Words(
        f"Die Kamera {serial} wurde schon einmal geltend gemacht; je Seriennummer zählt ein Antrag.",
        f"Camera {serial} was claimed before; each serial number is paid once.",
    )
