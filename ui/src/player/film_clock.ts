/** Film time and wall time of a recording: stretches without footage are closed up in the film. All in ms of wall time. */

export interface FilmClock {
  readonly start: number;
  readonly end: number;
  readonly gaps: readonly (readonly [number, number])[];
}

/** From the headers `Wachtel-Start`, `Wachtel-End` and `Wachtel-Gaps`. */
export function filmClock(headers: Headers): FilmClock | null {
  const start = Date.parse(headers.get("wachtel-start") ?? "");
  const end = Date.parse(headers.get("wachtel-end") ?? "");
  if (Number.isNaN(start) || Number.isNaN(end)) return null;
  return { start, end, gaps: gapsOf(headers.get("wachtel-gaps") ?? "") };
}

function gapsOf(text: string): [number, number][] {
  return text
    .split(",")
    .map((pair) => pair.trim().split("/").map((moment) => Date.parse(moment)))
    .filter((pair): pair is [number, number] => pair.length === 2 && pair.every((at) => !Number.isNaN(at)));
}

/** The wall time of a place in the film. */
export function wallOf(clock: FilmClock, seconds: number): number {
  let at = clock.start + seconds * 1000;
  for (const [from, to] of clock.gaps) {
    if (from < clock.start || at < from) continue;
    at += to - from;
  }
  return at;
}

/** The place in the film of a wall time; what lies in a gap is the gap's end. */
export function placeOf(clock: FilmClock, at: number): number {
  let missing = 0;
  for (const [from, to] of clock.gaps) {
    if (from < clock.start || at <= from) continue;
    missing += Math.min(at, to) - from;
  }
  return Math.max(0, (at - clock.start - missing) / 1000);
}
