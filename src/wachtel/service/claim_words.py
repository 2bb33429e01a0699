"""Sentences about the way of a claim, in German and English."""

from collections.abc import Mapping

from wachtel.service.money import Money
from wachtel.service.words import Words, money_words

NEXT: Mapping[str, Words] = {
    "send_receipt": Words("Wir brauchen noch den Beleg.", "We still need the receipt."),
    "check_receipt": Words("Der Beleg wird geprüft.", "The receipt is being checked."),
    "review": Words("Ein Mensch sieht es sich an.", "A person looks at it."),
    "send_label": Words("Ein Rücksendeetikett wird geschickt.", "A return label is being sent."),
    "confirm_label": Words(
        "Bitte sagen, wann das Rücksendeetikett angekommen ist.", "Please say when the return label arrived."
    ),
    "return_camera": Words(
        "Die Kamera bitte mit dem Etikett abgeben.", "Please hand the camera over with its label."
    ),
    "pay": Words("Der Betrag wird überwiesen.", "The amount is being transferred."),
    "recycle": Words("Die Kamera ist da und wird verwertet.", "The camera is here and is being recycled."),
    "nothing": Words("Hier ist nichts mehr zu tun.", "Nothing is left to do here."),
}

STAGES: Mapping[str, Words] = {
    "checking": Words("Wird geprüft", "Being checked"),
    "evidence_missing": Words("Es fehlt ein Beleg", "A receipt is missing"),
    "awaiting_return": Words("Wartet auf die Rücksendung", "Waiting for the return"),
    "decided": Words("Entschieden, wird bezahlt", "Decided, being paid"),
    "paid": Words("Bezahlt", "Paid"),
    "closed": Words("Abgeschlossen, ohne Zahlung", "Closed, nothing to pay"),
    "rejected": Words("Abgelehnt", "Rejected"),
    "withdrawn": Words("Zurückgezogen", "Withdrawn"),
}

FACTS: Mapping[str, Words] = {
    "receipt_came": Words("Beleg eingegangen", "Receipt came in"),
    "receipt_accepted": Words("Beleg anerkannt", "Receipt accepted"),
    "receipt_refused": Words("Beleg nicht anerkannt", "Receipt not accepted"),
    "label_sent": Words("Rücksendeetikett verschickt", "Return label sent"),
    "label_received": Words("Rücksendeetikett angekommen", "Return label arrived"),
    "returned": Words("Kamera abgegeben", "Camera handed over"),
    "recycled": Words("Kamera verwertet", "Camera recycled"),
    "reviewed": Words("Von einem Menschen entschieden", "Decided by a person"),
    "decided": Words("Entschieden", "Decided"),
    "reopened": Words("Von Neuem entschieden", "Decided anew"),
    "paid": Words("Bezahlt", "Paid"),
    "withdrawn": Words("Zurückgezogen", "Withdrawn"),
    "resumed": Words("Wieder aufgenommen", "Taken up again"),
    "bank_changed": Words("Bankverbindung geändert", "Bank details changed"),
    "bank_shown": Words("Bankverbindung angesehen", "Bank details looked at"),
    "forgotten": Words("Persönliche Daten gelöscht", "Personal data deleted"),
}


def reviewed_words(amount: Money, note: str) -> Words:
    """A person decided; ``note`` is why, in the person's own words."""
    paid = money_words(amount)
    why = f" {note}" if note else ""
    return Words(f"Von einem Menschen entschieden: {paid.de}.{why}", f"Decided by a person: {paid.en}.{why}")


def kept_words(amount: Money) -> Words:
    """An amount that would be less by now."""
    paid = money_words(amount)
    return Words(
        f"{paid.de} waren schon entschieden; dabei bleibt es.", f"{paid.en} were decided already; that stays."
    )
