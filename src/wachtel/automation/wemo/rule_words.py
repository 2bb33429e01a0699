"""What the report of an import says, in German and English."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "unknown_kind": (
        "Regeln der Art „{kind}“ werden nicht übernommen.",
        "Rules of the kind {kind!r} are not carried over.",
    ),
    "no_target": (
        "Das geschaltete Gerät {device} ist hier nicht bekannt. Fügen Sie es hinzu und übernehmen Sie noch einmal.",
        "The device {device} that it switches is not known here. Add it and import again.",
    ),
    "no_sensor": (
        "Der Sensor {device} wird hier nicht gehört. Hören Sie ihn, oder nennen Sie eine Kamera an seiner Stelle.",
        "The sensor {device} is not heard here. Hear it, or say which camera takes its place.",
    ),
    "no_channel": (
        "Sie sendet eine Nachricht. Sagen Sie, über welchen Kanal.",
        "It sends a message. Say by which channel.",
    ),
    "no_days": ("Sie gilt an keinem bekannten Tag.", "It holds on no known day."),
    "does_nothing": ("Sie schaltet nichts.", "It switches nothing."),
    "off_without_on": (
        "Sie schaltet erst nach dem Ende der Bewegung, ohne vorher einzuschalten; das können unsere Regeln nicht.",
        "It switches only after motion has ended, without switching on before; our rules cannot do that.",
    ),
    "on_at_end": (
        "Sie schaltet nach dem Ende der Bewegung ein; das können unsere Regeln nicht.",
        "It switches on after motion has ended; our rules cannot do that.",
    ),
    "sun_hours": (
        "Ihre Stunden hingen an der Sonne. Übernommen wurden die festen Zeiten, die zuletzt galten; prüfen Sie sie.",
        "Its hours followed the sun. What was carried over are the fixed times that held last; check them.",
    ),
    "maker_state": (
        "Welcher Zustand des Makers gemeint ist, sagt die Datei nicht sicher. Angenommen ist „{state}“; prüfen Sie es.",
        "The file does not say for certain which state of the Maker is meant. Taken was {state!r}; check it.",
    ),
    "switched_off": (
        "Sie war ausgeschaltet und bleibt es.",
        "It was switched off and stays so.",
    ),
    "too_much": (
        "Die Datei hat mehr Regeln, als ein Haus braucht; der Rest wurde nicht gelesen.",
        "The file has more rules than a house needs; the rest was not read.",
    ),
    "not_valid": ("Sie lässt sich hier nicht anlegen: {why}", "It cannot be made here: {why}"),
}


def words(code: str, details: Mapping[str, str]) -> tuple[str, str]:
    """The sentence in German and in English."""
    german, english = WORDS[code]
    return german.format(**details), english.format(**details)
