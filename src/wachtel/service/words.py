"""Sentences in German and English, with dates and amounts as people write them there."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from wachtel.service.money import Money

Language = Literal["de", "en"]

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """The same statement in both languages."""

    de: str
    en: str

    def __add__(self, other: "Words") -> "Words":
        return Words(f"{self.de} {other.de}", f"{self.en} {other.en}")

    def of(self, language: Language) -> str:
        """The statement in one language."""
        return self.de if language == "de" else self.en


@lru_cache(maxsize=4096)
def day_words(day: date) -> Words:
    """``29.05.2020`` and ``29 May 2020``."""
    return Words(
        f"{day.day:02d}.{day.month:02d}.{day.year}", f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    )


@lru_cache(maxsize=4096)
def money_words(amount: Money) -> Words:
    """``9,20 EUR`` and ``9.20 EUR``."""
    return Words(f"{amount.text.replace('.', ',')} {amount.currency}", f"{amount.text} {amount.currency}")


@lru_cache(maxsize=4096)
def counted(number: int, de: tuple[str, str], en: tuple[str, str]) -> Words:
    """``1 Tag``, ``7 Tage``: a number with its noun, in one and in many."""
    return Words(f"{number} {de[number != 1]}", f"{number} {en[number != 1]}")


def days_words(number: int) -> Words:
    """A number of days, in the nominative."""
    return counted(number, ("Tag", "Tage"), ("day", "days"))


def months_words(number: int) -> Words:
    """A number of months, in the nominative."""
    return counted(number, ("Monat", "Monate"), ("month", "months"))
