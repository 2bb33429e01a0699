/** A typed time of day as a moment. */
import type { CameraDay } from "../state/camera_day";

/** The moment of the day at which its clocks show this time; null for what is no time. */
export function timeOn(day: CameraDay, text: string): number | null {
  const found = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  const whole = day.day.value;
  if (!found || !whole) return null;
  const [hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const guess = whole.from + ((hours * 60 + minutes) * 60 + seconds) * 1000;
  const shown = new Intl.DateTimeFormat("sv-SE", { hour: "2-digit", minute: "2-digit", ...(day.zone.value && { timeZone: day.zone.value }) }).format(guess);
  const [shownHours = 0, shownMinutes = 0] = shown.split(":").map(Number);
  // On the two days of the year on which the clocks are set.
  return guess + ((hours - shownHours) * 60 + (minutes - shownMinutes)) * 60_000;
}
