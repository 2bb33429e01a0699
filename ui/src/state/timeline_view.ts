/** Which part of a day the timeline shows. All times in ms since 1970. */

export interface Span {
  readonly from: number;
  readonly to: number;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
/** What the buttons offer; the whole day is the first, whether it has 23, 24 or 25 hours. */
export const ZOOMS_MS = [24 * HOUR_MS, 4 * HOUR_MS, HOUR_MS, 10 * MINUTE_MS] as const;
const CLOSEST_MS = 2 * MINUTE_MS;
const TICKS_MS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600].map((s) => s * 1000);

export function length({ from, to }: Span): number {
  return to - from;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}

/** A view of this length that shows `at` at the same place as before, inside the day. */
export function zoomed(view: Span, day: Span, lengthMs: number, at: number): Span {
  const wanted = clamp(lengthMs, CLOSEST_MS, length(day));
  const share = clamp((at - view.from) / length(view), 0, 1);
  return moved(day, at - share * wanted, wanted);
}

/** A view of this length with `from` as its beginning, as far as the day allows. */
export function moved(day: Span, from: number, lengthMs: number): Span {
  const begin = clamp(from, day.from, day.to - lengthMs);
  return { from: begin, to: begin + lengthMs };
}

/** The same view, pushed on just so far that `at` is in it with some room around. */
export function following(view: Span, day: Span, at: number): Span {
  const span = length(view);
  if (at >= view.from && at <= view.to) return view;
  return moved(day, at - span * (at < view.from ? 0.9 : 0.1), span);
}

/** The next step of the zoom buttons, closer (1) or wider (-1). */
export function nextZoom(view: Span, day: Span, direction: 1 | -1): number {
  const now = length(view);
  const steps = ZOOMS_MS.map((step, n) => (n === 0 ? length(day) : step));
  const closer = steps.find((step) => step < now * 0.99);
  const wider = steps.findLast((step) => step > now * 1.01);
  return (direction === 1 ? closer : wider) ?? now;
}

/** Where lines with a time stand: so many that their labels have room. */
export function ticks(view: Span, day: Span, most: number): { at: number[]; stepMs: number } {
  const stepMs = TICKS_MS.find((step) => length(view) / step <= most) ?? 6 * HOUR_MS;
  const first = day.from + Math.ceil((view.from - day.from) / stepMs) * stepMs;
  const at: number[] = [];
  for (let tick = first; tick <= view.to; tick += stepMs) at.push(tick);
  return { at, stepMs };
}

/** How far an arrow key goes. */
export function keyStep(view: Span): number {
  const wanted = length(view) / 600;
  return TICKS_MS.findLast((step) => step <= wanted) ?? 1000;
}

/** Neighbours of the same look that are closer than half a pixel are drawn as one. */
export function merged<Item extends Span>(items: readonly Item[], alike: (a: Item, b: Item) => boolean, slackMs: number): Item[] {
  const found: Item[] = [];
  for (const item of items) {
    const last = found.at(-1);
    if (last && alike(last, item) && item.from - last.to <= slackMs) {
      found[found.length - 1] = { ...last, to: Math.max(last.to, item.to) };
    } else found.push(item);
  }
  return found;
}
