/** Words in the reader's language, and numbers and times in the reader's way of writing them. */
import { computed } from "@preact/signals";
import type { FailureKind } from "../api/client";
import type { DeliveryReason, MessageKind, SubscribableKind } from "../api/types";
import { language } from "../state/preferences";
import { de } from "./de";
import { en } from "./en";

export type Dictionary = typeof de;

/** What a dictionary must be able to name. */
const complete: [
  Record<FailureKind, string>,
  Record<MessageKind, string>,
  Record<SubscribableKind, string>,
  Record<DeliveryReason, string>,
] = [de.errors, de.messages.kind, de.messages.kindHints, de.messages.reasons];
void complete;

const dictionaries: Record<"de" | "en", Dictionary> = { de, en };

export const words = computed(() => dictionaries[language.value]);

/** The dictionary as it is now; inside a component it makes the component follow the language. */
export function t(): Dictionary {
  return words.value;
}

/** The browser's own variant of the chosen language (de-AT, en-GB), so that dates look familiar. */
const locale = computed(() => {
  const wanted = language.value;
  return navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === wanted) ?? wanted;
});

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale.value} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = safeFormat(options);
    formats.set(key, found);
  }
  return found;
}

/** A time zone that this browser does not know must not take the page down. */
function safeFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(locale.value, options);
  } catch {
    const { timeZone: _unknown, ...rest } = options;
    return new Intl.DateTimeFormat(locale.value, rest);
  }
}

type Zone = string | undefined;

function inZone(zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormatOptions {
  return zone ? { ...options, timeZone: zone } : options;
}

/** 14:30:02 */
export function timeOfDay(iso: string | number, zone: Zone): string {
  return format(inZone(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" })).format(new Date(iso));
}

/** 14:30 */
export function shortTime(at: string | number, zone: Zone): string {
  return format(inZone(zone, { hour: "2-digit", minute: "2-digit" })).format(new Date(at));
}

/** 0 to 23 */
export function hourOf(at: number, zone: Zone): number {
  return Number(timeFormat(inZone(zone, { hour: "2-digit" }), at).slice(0, 2));
}

function timeFormat(options: Intl.DateTimeFormatOptions, at: number): string {
  try {
    return new Intl.DateTimeFormat("sv-SE", options).format(at);
  } catch {
    return new Intl.DateTimeFormat("sv-SE", { ...options, timeZone: "UTC" }).format(at);
  }
}

/** 21. November, or with the year where that is asked for. */
export function dateText(at: string | number, zone: Zone, year = false): string {
  const options = { day: "numeric", month: "long", ...(year && { year: "numeric" as const }) } as const;
  return format(inZone(zone, options)).format(new Date(at));
}

/** November 2026 */
export function monthName(month: string, style: "long" | "short" = "long"): string {
  return format({ month: style, year: "numeric", timeZone: "UTC" }).format(new Date(`${month}-01T12:00:00Z`));
}

/** Mo, Di, ... from Monday on. */
export function weekdays(): string[] {
  const name = format({ weekday: "short", timeZone: "UTC" });
  return [1, 2, 3, 4, 5, 6, 7].map((day) => name.format(new Date(Date.UTC(2024, 0, day))));
}

/** 1.4 GB */
export function size(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return unit(value, units[step]!, value < 100 && step > 1 ? 1 : 0);
}

/** Samstag, 21. November */
export function dayName(iso: string | number, zone: Zone): string {
  return format(inZone(zone, { weekday: "long", day: "numeric", month: "long" })).format(new Date(iso));
}

/** Samstag, 21. November 2026, 14:30:02 */
export function fullTime(iso: string, zone: Zone): string {
  return format(inZone(zone, { dateStyle: "full", timeStyle: "medium" })).format(new Date(iso));
}

/** The calendar day at the site: 2026-11-21. */
export function dayKey(at: string | number, zone: Zone): string {
  const options: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };
  try {
    return new Intl.DateTimeFormat("sv-SE", inZone(zone, options)).format(new Date(at));
  } catch {
    return new Intl.DateTimeFormat("sv-SE", options).format(new Date(at));
  }
}

/** The time of a moment that may be days ago: 14:30:02 on the same day, else 21. Nov., 14:30. */
export function timeNear(iso: string, zone: Zone, nowMs: number): string {
  if (dayKey(iso, zone) === dayKey(nowMs, zone)) return timeOfDay(iso, zone);
  const options = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" } as const;
  return format(inZone(zone, options)).format(new Date(iso));
}

function unit(value: number, name: string, digits = 0, display: "short" | "long" = "short"): string {
  return new Intl.NumberFormat(locale.value, {
    style: "unit",
    unit: name,
    unitDisplay: display,
    maximumFractionDigits: digits,
  }).format(value);
}

/** A stretch of time in its largest fitting unit: 12 s, 3 min, 2 h, 5 days. */
export function duration(seconds: number, digits = 0): string {
  const whole = Math.max(0, seconds);
  if (whole < 90) return unit(digits ? whole : Math.round(whole), "second", digits);
  if (whole < 5400) return unit(Math.round(whole / 60), "minute");
  if (whole < 129_600) return unit(Math.round(whole / 3600), "hour");
  return unit(Math.round(whole / 86_400), "day", 0, "long");
}

/** 99 % only when it is not 100: a gap shall not be rounded away. */
export function coveragePercent(share: number): string {
  return percent(share >= 1 ? 1 : Math.floor(share * 100) / 100);
}

export function percent(share: number): string {
  const digits = share < 0.1 ? 1 : 0;
  return new Intl.NumberFormat(locale.value, { style: "percent", maximumFractionDigits: digits }).format(share);
}

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale.value, { maximumFractionDigits: digits }).format(value);
}

/** 119,99 € */
export function money(amount: string, currency: string): string {
  return new Intl.NumberFormat(locale.value, { style: "currency", currency }).format(Number(amount));
}

/** The name of a country by its code of ISO 3166. */
export function regionName(code: string): string {
  return new Intl.DisplayNames([locale.value], { type: "region" }).of(code) ?? code;
}

/** A calendar day, 2026-11-21, as people write it. */
export function calendarDay(day: string): string {
  return dateText(`${day}T12:00:00Z`, "UTC", true);
}

export function list(items: string[]): string {
  return new Intl.ListFormat(locale.value, { type: "conjunction" }).format(items);
}

export function secondsBetween(from: string, to: string | number): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / 1000;
}
