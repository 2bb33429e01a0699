"""The announcement of 29 May 2020 as data: every open question of it is a field, with the reading we recommend.

Sources are German news pages of May 2020: T Techbook, R teltarif, M maclife. ``docs/reference/refunds.md`` lists the
questions A1 to A20 and the statements T1 to M4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal

from wachtel.service.codes import EUROPE, NORTH_AMERICA

ANNOUNCED_RATES: Mapping[str, Fraction] = MappingProxyType(
    {"EUR": Fraction(920, 100), "USD": Fraction(999, 100)}
)
"""T4: what a lost month is worth."""


def reading(question: str, *readings: str | bool) -> Any:
    """A field for an open question; the first reading is the default, the others are kept as options."""
    return field(default=readings[0], metadata={"question": question, "readings": readings})


@dataclass(frozen=True, slots=True)
class BelkinRules:
    """One version of the programme."""

    version: int = 1
    reference_on: date = field(default=date(2020, 5, 29), metadata={"question": "A19"})
    """First lost day (T1); refunds stay with it though the platform in fact ran until ``platform_off_on``."""
    platform_off_on: date = date(2020, 5, 29)
    bought_from: date = date(2018, 4, 1)
    claims_until: date = date(2020, 7, 30)
    rest_days: int = 7
    return_days: int = 30
    warranty_years: int = 2
    rates: Mapping[str, Fraction] = field(default_factory=lambda: ANNOUNCED_RATES)
    europe: frozenset[str] = EUROPE
    north_america: frozenset[str] = NORTH_AMERICA

    cut_off_day: Literal["in", "out"] = reading("A1", "in", "out")
    end_date: Literal["exclusive", "inclusive"] = reading("A2", "exclusive", "inclusive")
    months: Literal["calendar", "started"] = reading("A3", "calendar", "started")
    shortest_rest: Literal["seven_days", "real_month"] = reading("A4", "seven_days", "real_month")
    monthly_plans: Literal["not_covered", "like_yearly"] = reading("A5", "not_covered", "like_yearly")
    cap_at_price_paid: bool = reading("A6", False, True)
    rounding: Literal["per_month", "sum"] = reading("A7", "per_month", "sum")
    pro_rata_from: Literal["service_end", "cut_off"] = reading("A8", "service_end", "cut_off")
    pro_rata_unit: Literal["days", "months"] = reading("A8", "days", "months")
    europe_warranty: Literal["by_purchase", "at_service_end"] = reading("A9", "by_purchase", "at_service_end")
    warranty_from: Literal["receipt", "delivery"] = reading("A10", "receipt", "delivery")
    region_by: Literal["residence", "purchase"] = reading("A11", "residence", "purchase")
    other_regions: Literal["review", "reject"] = reading("A12", "review", "reject")
    deadline_counts: Literal["submission", "arrival"] = reading("A13", "submission", "arrival")
    last_return_day: Literal["in", "out"] = reading("A14", "in", "out")
    subscription_needs_camera: bool = reading("A15", False)
    both_refunds: bool = reading("A16", True)
    vouchers: Literal["subtract", "ignore"] = reading("A17", "subtract", "ignore")
    one_claim_a_serial: bool = reading("A18", True)
    north_american_cameras: Literal["pro_rata", "full"] = reading("A20", "pro_rata", "full")
