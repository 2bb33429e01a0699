import { number } from "../i18n";
import { w } from "../i18n/recordings";

/** A number of days in words; `later` as after "in". */
export function daysText(value: number, later = false): string {
  const words = w().archive;
  if (value > 3650) return later ? words.overYearsLater : words.overYears;
  if (value < 1) return (later ? words.hoursLater : words.hours)(number(Math.max(1, Math.round(value * 24))));
  return (later ? words.daysLater : words.days)(number(value >= 10 ? Math.floor(value) : Math.floor(value * 10) / 10, 1));
}
