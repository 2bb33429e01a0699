/** One day of one camera: what became of every minute of it, and what happened. */
import { batch, computed, signal } from "@preact/signals";
import { ApiError, api } from "../api/client";
import type { Event, LedgerDay, Stretch } from "../api/types";
import { type Span, clamp, following, length, moved, nextZoom, zoomed } from "./timeline_view";

const MOST_EVENTS = 2000;
const PAGE = 500;
/** Shorter gaps are no stop on the way from gap to gap. */
const NOTABLE_GAP_MS = 2000;

export interface Piece extends Span {
  readonly state: Stretch["state"];
  readonly reason: Stretch["reason"];
}

export interface Mark extends Span {
  readonly event: Event;
}

/** `whole`: keeps the view and the moment while newer data of the same day come in. */
export class CameraDay {
  readonly ledger = signal<LedgerDay | null>(null);
  readonly events = signal<Event[]>([]);
  readonly error = signal<ApiError | null>(null);
  readonly loading = signal(false);
  readonly view = signal<Span>({ from: 0, to: 1 });
  readonly at = signal(0);
  readonly chosen = signal<Span | null>(null);

  readonly day = computed<Span | null>(() => {
    const found = this.ledger.value;
    return found && { from: Date.parse(found.start), to: Date.parse(found.end) };
  });
  readonly until = computed(() => Date.parse(this.ledger.value?.until ?? ""));
  readonly zone = computed(() => this.ledger.value?.time_zone);
  readonly pieces = computed<Piece[]>(() =>
    (this.ledger.value?.stretches ?? []).map(({ start, end, state, reason }) => ({
      from: Date.parse(start),
      to: Date.parse(end),
      state,
      reason,
    })),
  );
  readonly marks = computed<Mark[]>(() =>
    this.events.value.map((event) => ({
      from: Date.parse(event.start),
      to: event.end ? Date.parse(event.end) : this.until.value,
      event,
    })),
  );
  /** Footage without a break, as long as that is; small gaps are closed up by the films themselves. */
  readonly footage = computed<Span[]>(() => this.pieces.value.filter((piece) => piece.state === "recorded"));
  readonly gaps = computed<Piece[]>(() =>
    this.pieces.value.filter((piece) => (piece.state === "gap" || piece.state === "unknown") && length(piece) >= NOTABLE_GAP_MS),
  );

  private asked = 0;

  constructor(readonly camera: string) {}

  /** Loads a day (2026-11-21), by default today; the moment is `at`, or a sensible place to begin. */
  async load(day?: string, at?: number): Promise<void> {
    const asked = ++this.asked;
    this.loading.value = true;
    try {
      const ledger = await api.ledger(this.camera, day);
      const events = await eventsOf(ledger);
      if (asked !== this.asked) return;
      batch(() => {
        const other = ledger.day !== this.ledger.value?.day;
        this.ledger.value = ledger;
        this.events.value = events;
        this.error.value = null;
        if (other) this.begin(at);
      });
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      if (asked === this.asked) this.error.value = caught;
    } finally {
      if (asked === this.asked) this.loading.value = false;
    }
  }

  /** What came since; true when footage goes on behind what was known. */
  async more(): Promise<boolean> {
    const { ledger } = this;
    const before = this.footage.value.at(-1)?.to ?? 0;
    if (!ledger.value || this.until.value >= Date.parse(ledger.value.end)) return false;
    await this.load(ledger.value.day);
    return (this.footage.value.at(-1)?.to ?? 0) > before || this.error.value === null;
  }

  private begin(at: number | undefined): void {
    const day = this.day.value!;
    this.chosen.value = null;
    this.at.value = at !== undefined && at >= day.from && at < day.to ? at : this.firstMoment(day);
    const wide = this.view.value.to > 1 ? length(this.view.value) : length(day);
    const span = wide > 20 * 3_600_000 ? length(day) : wide;
    this.view.value = moved(day, this.at.value - span / 2, span);
  }

  /** Just before the newest event, else the end of the newest footage, else the beginning of the day. */
  private firstMoment(day: Span): number {
    const newest = this.marks.value.findLast((mark) => this.pieceAt(mark.from)?.state === "recorded");
    const last = this.footage.value.at(-1);
    const wanted = newest ? newest.from - 2000 : last ? last.to - 30_000 : day.from;
    return clamp(wanted, this.footage.value[0]?.from ?? day.from, day.to);
  }

  pieceAt(at: number): Piece | undefined {
    return this.pieces.value.find((piece) => piece.from <= at && at < piece.to);
  }

  /** The footage at this moment or next after it. */
  footageFrom(at: number): Span | null {
    return this.footage.value.find((piece) => at < piece.to - 100) ?? null;
  }

  moveTo(at: number): void {
    const day = this.day.value;
    if (!day) return;
    batch(() => {
      this.at.value = clamp(at, day.from, Math.max(day.from, this.until.value));
      this.view.value = following(this.view.value, day, this.at.value);
    });
  }

  zoom(lengthMs: number, around = this.at.value): void {
    const day = this.day.value;
    if (!day) return;
    const { view } = this;
    const inView = around >= view.value.from && around <= view.value.to;
    view.value = inView ? zoomed(view.value, day, lengthMs, around) : moved(day, around - lengthMs / 2, Math.min(lengthMs, length(day)));
  }

  zoomStep(direction: 1 | -1): void {
    const day = this.day.value;
    if (day) this.zoom(nextZoom(this.view.value, day, direction));
  }

  push(ms: number): void {
    const day = this.day.value;
    if (day) this.view.value = moved(day, this.view.value.from + ms, length(this.view.value));
  }

  /** The event before or after the moment. */
  neighbour(direction: 1 | -1): Mark | undefined {
    const at = this.at.value;
    const beginnings = (mark: Mark) => mark.from - 2000;
    return direction === 1
      ? this.marks.value.find((mark) => beginnings(mark) > at + 500)
      : this.marks.value.findLast((mark) => beginnings(mark) < at - 1500);
  }

  gapNear(direction: 1 | -1): Piece | undefined {
    const at = this.at.value;
    return direction === 1
      ? this.gaps.value.find((gap) => gap.from > at + 500)
      : this.gaps.value.findLast((gap) => gap.to < at - 500);
  }
}

/** In the order of time. */
async function eventsOf(ledger: LedgerDay): Promise<Event[]> {
  const found: Event[] = [];
  let before: string | null = null;
  do {
    const page = await api.events({
      camera: ledger.camera,
      from: ledger.start,
      to: ledger.end,
      limit: PAGE,
      ...(before ? { before } : {}),
    });
    found.push(...page.events);
    before = page.next;
  } while (before && found.length < MOST_EVENTS);
  return found.reverse();
}
