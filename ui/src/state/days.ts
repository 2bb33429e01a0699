/** Calendar days of a time zone as stretches of time. */

/** How far the clocks of `zone` are ahead of UTC at a moment, in milliseconds. */
function aheadMs(at: number, zone: string | undefined): number {
  const options: Intl.DateTimeFormatOptions = {
    ...(zone && { timeZone: zone }),
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  };
  const parts = new Intl.DateTimeFormat("en-US", options).formatToParts(new Date(at));
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const shown = Date.UTC(value("year"), value("month") - 1, value("day"), value("hour"), value("minute"), value("second"));
  return shown - Math.floor(at / 1000) * 1000;
}

function midnight(utcMidnight: number, zone: string | undefined): number {
  const guess = utcMidnight - aheadMs(utcMidnight, zone);
  return utcMidnight - aheadMs(guess, zone);
}

/** First moment of a day (2026-11-21) and of the day after it, as ISO 8601 in UTC. */
export function dayBounds(day: string, zone: string | undefined): { from: string; to: string } | undefined {
  const start = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(start)) return undefined;
  const [from, to] = [midnight(start, zone), midnight(start + 86_400_000, zone)];
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
