"""Messages in words, German and English, by the clock on the site's wall. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from wachtel.automation.rule_times import local
from wachtel.base.units import WallUs
from wachtel.model.event import Why
from wachtel.model.message import Message, MessageKind, Tally
from wachtel.notifiers.api import Priority

Title = Callable[[str], str]

PRIORITIES: Mapping[MessageKind, Priority] = {
    MessageKind.EVENT_ENDED: Priority.LOW,
    MessageKind.CAMERA_BACK: Priority.LOW,
    MessageKind.CAMERA_OFFLINE: Priority.HIGH,
    MessageKind.NOT_RECORDING: Priority.HIGH,
    MessageKind.CHANNEL_FAILING: Priority.HIGH,
    MessageKind.ALARM: Priority.URGENT,
    MessageKind.ALARM_WARNING: Priority.HIGH,
    MessageKind.DURESS: Priority.URGENT,
}
"""Whatever is not here is usual."""


@dataclass(frozen=True, slots=True)
class Words:
    """What one language says. Functions take the text they are about."""

    titles: Mapping[MessageKind, Title]
    zone: Callable[[str], str]
    why: Callable[[int, str], str]
    lasted: Callable[[int], str]
    since: Callable[[str], str]
    reasons: Mapping[str, str]
    many: Callable[[int], str]
    tallied: Mapping[MessageKind, str]
    failing: Callable[[str], str]
    somewhere: str
    test: str
    quiet_hour: str
    open: str
    decimal: str


_DE = Words(
    titles={
        MessageKind.EVENT_BEGAN: lambda where: f"Bewegung: {where}",
        MessageKind.EVENT_ENDED: lambda where: f"Bewegung zu Ende: {where}",
        MessageKind.CAMERA_OFFLINE: lambda where: f"Kamera ausgefallen: {where}",
        MessageKind.CAMERA_BACK: lambda where: f"Kamera wieder da: {where}",
        MessageKind.NOT_RECORDING: lambda where: f"Keine Aufnahme: {where}",
        MessageKind.ALARM: lambda where: f"Alarm: {where}",
        MessageKind.ALARM_WARNING: lambda where: f"Warnung der Alarmanlage: {where}",
        MessageKind.ALARM_OVER: lambda where: f"Alarm beendet: {where}",
        MessageKind.ARMED: lambda where: f"Scharf: {where}",
        MessageKind.DISARMED: lambda where: f"Unscharf: {where}",
        MessageKind.DURESS: lambda where: f"Bedrohung: {where}",
        MessageKind.CHANNEL_FAILING: lambda _: "Benachrichtigungen kommen nicht an",
        MessageKind.RULE: lambda where: f"Regel: {where}",
        MessageKind.TEST: lambda _: "Wachtel: Testnachricht",
    },
    zone=lambda name: f"Zone {name}",
    why=lambda percent, seconds: f"{percent} % der Bildbreite in {seconds} s",
    lasted=lambda seconds: f"nach {seconds} s",
    since=lambda time: f"seit {time}",
    reasons={
        "disk_full": "Die Platte nimmt nichts mehr an, fiel aus oder ist nicht die richtige.",
        "crash": "Wachtel oder einer seiner Arbeiter war abgestürzt.",
        "clock": "Die Uhr des Rechners wurde gestellt.",
        "unknown": "Der Grund ist nicht bekannt.",
        "unreachable": "Sie ist im Netz nicht zu erreichen.",
        "timeout": "Sie antwortet nicht.",
        "refused": "Sie nimmt keine Verbindung an.",
        "wrong_password": "Sie weist Name oder Passwort zurück.",
        "stream_ended": "Sie hat die Verbindung beendet.",
        "stalled": "Sie sendet kein Bild mehr.",
        "camera_lost": "Die Kamera fiel aus, während die Alarmanlage scharf war.",
        "wrong_codes": "Jemand tippt falsche Codes.",
    },
    many=lambda count: f"{count} Meldungen",
    tallied={
        MessageKind.EVENT_BEGAN: "Ereignisse",
        MessageKind.EVENT_ENDED: "Ereignisse zu Ende",
        MessageKind.CAMERA_OFFLINE: "Ausfälle",
        MessageKind.CAMERA_BACK: "mal wieder da",
        MessageKind.NOT_RECORDING: "mal ohne Aufnahme",
        MessageKind.RULE: "Meldungen von Regeln",
    },
    failing=lambda name: f"Der Empfänger {name} nimmt seit längerem nichts an.",
    somewhere="Wachtel",
    test="Nachrichten kommen auf diesem Weg an.",
    quiet_hour="Eine Stunde Ruhe",
    open="Ansehen",
    decimal=",",
)

_EN = Words(
    titles={
        MessageKind.EVENT_BEGAN: lambda where: f"Motion: {where}",
        MessageKind.EVENT_ENDED: lambda where: f"Motion over: {where}",
        MessageKind.CAMERA_OFFLINE: lambda where: f"Camera away: {where}",
        MessageKind.CAMERA_BACK: lambda where: f"Camera back: {where}",
        MessageKind.NOT_RECORDING: lambda where: f"Not recording: {where}",
        MessageKind.ALARM: lambda where: f"Alarm: {where}",
        MessageKind.ALARM_WARNING: lambda where: f"Alarm panel warns: {where}",
        MessageKind.ALARM_OVER: lambda where: f"Alarm over: {where}",
        MessageKind.ARMED: lambda where: f"Armed: {where}",
        MessageKind.DISARMED: lambda where: f"Disarmed: {where}",
        MessageKind.DURESS: lambda where: f"Duress: {where}",
        MessageKind.CHANNEL_FAILING: lambda _: "Messages do not arrive",
        MessageKind.RULE: lambda where: f"Rule: {where}",
        MessageKind.TEST: lambda _: "Wachtel: test message",
    },
    zone=lambda name: f"zone {name}",
    why=lambda percent, seconds: f"{percent} % of the width in {seconds} s",
    lasted=lambda seconds: f"after {seconds} s",
    since=lambda time: f"since {time}",
    reasons={},
    many=lambda count: f"{count} messages",
    tallied={
        MessageKind.EVENT_BEGAN: "events",
        MessageKind.EVENT_ENDED: "events over",
        MessageKind.CAMERA_OFFLINE: "times away",
        MessageKind.CAMERA_BACK: "times back",
        MessageKind.NOT_RECORDING: "times not recording",
        MessageKind.RULE: "messages of rules",
    },
    failing=lambda name: f"The receiver {name} has taken nothing for a while.",
    somewhere="Wachtel",
    test="Messages arrive by this way.",
    quiet_hour="Quiet for an hour",
    open="Show",
    decimal=".",
)


def _any_title(where: str) -> str:
    return f"Wachtel: {where}"


def words_of(language: str) -> Words:
    """The words of a language; English for one we do not speak."""
    return _DE if language == "de" else _EN


def title_of(message: Message, language: str) -> str:
    """A few words: what, and where."""
    words = words_of(language)
    where = ", ".join(camera.name for camera in message.cameras)
    if not where and message.site is not None:
        where = message.site.name
    if message.kind is MessageKind.BUNDLE:
        return _bundle_title(message, words, where or words.somewhere)
    make: Title = words.titles.get(message.kind, _any_title)
    return make(where or words.somewhere)


def text_of(message: Message, language: str, zone: ZoneInfo, *, name_site: bool) -> str:
    """When, where and why, in one or two lines. ``name_site``: there are several."""
    words = words_of(language)
    if message.kind is MessageKind.BUNDLE:
        return "\n".join(_tally_line(one, words, zone) for one in message.tally)
    facts = [_when(message, words, zone)]
    if name_site and message.site is not None:
        facts.append(message.site.name)
    facts += [words.zone(zone_name) for zone_name in message.zones]
    if message.why is not None and message.why.travel > 0:
        facts.append(_why(message.why, words))
    lines = [", ".join(facts), _what(message, words)]
    return "\n".join(line for line in lines if line)


def priority_of(message: Message) -> Priority:
    """How much it may disturb."""
    return PRIORITIES.get(message.kind, Priority.USUAL)


def time_of(at: WallUs, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """As on the site's wall: 14:02."""
    there = local(at, zone)
    return f"{there:%H:%M:%S}" if seconds else f"{there:%H:%M}"


def _bundle_title(message: Message, words: Words, where: str) -> str:
    if len(message.tally) != 1:
        return f"{words.many(message.count)}: {where}"
    (only,) = message.tally
    return f"{only.count} {_noun(only, words)}: {where}"


def _tally_line(one: Tally, words: Words, zone: ZoneInfo) -> str:
    where = f": {one.camera.name}" if one.camera else ""
    return f"{one.count} {_noun(one, words)}{where}, {words.since(time_of(one.first, zone))}"


def _noun(one: Tally, words: Words) -> str:
    return words.tallied.get(one.kind, words.many(one.count).partition(" ")[2])


def _when(message: Message, words: Words, zone: ZoneInfo) -> str:
    if message.kind in (MessageKind.CAMERA_OFFLINE, MessageKind.NOT_RECORDING) and message.start:
        return words.since(time_of(message.start, zone))
    if message.kind is MessageKind.EVENT_ENDED and message.start and message.end:
        seconds = max(1, round((message.end - message.start) / 1_000_000))
        return f"{time_of(message.end, zone, seconds=True)}, {words.lasted(seconds)}"
    moment = message.start if message.kind is MessageKind.EVENT_BEGAN and message.start else message.at
    return time_of(moment, zone, seconds=True)


def _why(why: Why, words: Words) -> str:
    return words.why(round(why.travel * 100), f"{why.within_s:.1f}".replace(".", words.decimal))


def _what(message: Message, words: Words) -> str:
    if message.kind is MessageKind.TEST:
        return words.test
    if message.kind is MessageKind.CHANNEL_FAILING:
        return words.failing(message.what)
    if message.kind is MessageKind.RULE or not message.reason:
        return message.what
    return words.reasons.get(message.reason, message.what)
