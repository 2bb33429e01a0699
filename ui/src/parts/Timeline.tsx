/** A day as a line: what was recorded, gaps with their reason, events; a slider for the moment, two for a stretch. */
import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { duration, shortTime, timeOfDay } from "../i18n";
import { w } from "../i18n/recordings";
import type { CameraDay, Piece } from "../state/camera_day";
import { now } from "../state/clock";
import { type Span, clamp, keyStep, length, merged, moved, ticks, zoomed } from "../state/timeline_view";
import { pieceText } from "./pieceText";

/** So much room a label of a time needs. */
const LABEL_PX = 76;
/** The flag of the moment shown would lie on the word. */
const FLAG_PX = 76;
const HANDLE_STEP_MS = 1000;

export interface TimelineActions {
  /** The reader has chosen a moment; `final` when the finger is off. */
  seek: (at: number, final: boolean) => void;
  /** A key that the timeline itself does not know. */
  key: (event: KeyboardEvent) => void;
}

export function Timeline({ day, actions }: { day: CameraDay; actions: TimelineActions }) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useSignal(800);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => {
      if (entry) width.value = Math.max(200, entry.contentRect.width);
    });
    watch.observe(frame.current!);
    return () => watch.disconnect();
  }, []);
  useGestures(frame, day, actions);

  const whole = day.day.value;
  if (!whole) return <div class="timeline" ref={frame} />;
  const view = day.view.value;
  const share = (at: number) => `${((at - view.from) / length(view)) * 100}%`;
  const pixelMs = length(view) / width.value;
  return (
    <div class="timeline" ref={frame}>
      <Ticks view={view} whole={whole} zone={day.zone.value} most={width.value / LABEL_PX} />
      <Drawing day={day} view={view} pixelMs={pixelMs} />
      {day.chosen.value && <Handles day={day} chosen={day.chosen.value} frame={frame} share={share} />}
      {within(view, now.value) && day.until.value < whole.to && (
        <span class="timeline-now" style={{ left: share(now.value) }} aria-hidden="true">
          {pixelMs * FLAG_PX < Math.abs(day.at.value - now.value) && <span>{w().recordings.now}</span>}
        </span>
      )}
      <Moment day={day} whole={whole} view={view} share={share} actions={actions} />
    </div>
  );
}

function within(view: Span, at: number): boolean {
  return at >= view.from && at <= view.to;
}

function Ticks({ view, whole, zone, most }: { view: Span; whole: Span; zone: string | undefined; most: number }) {
  const { at, stepMs } = ticks(view, whole, most);
  const text = stepMs < 60_000 ? timeOfDay : shortTime;
  return (
    <div class="timeline-ticks" aria-hidden="true">
      {at.map((tick) => {
        const share = ((tick - view.from) / length(view)) * 100;
        return (
          <span key={tick} style={{ left: `${share}%` }} data-edge={share < 4 ? "start" : share > 96 ? "end" : undefined}>
            {tick >= whole.to ? "" : text(tick, zone)}
          </span>
        );
      })}
    </div>
  );
}

interface Drawn extends Span {
  readonly look: string;
}

function Drawing({ day, view, pixelMs }: { day: CameraDay; view: Span; pixelMs: number }) {
  const seen = (one: Span) => one.to > view.from && one.from < view.to;
  const alike = (a: Drawn, b: Drawn) => a.look === b.look;
  const pieces = day.pieces.value.filter(seen).map(({ from, to, state }) => ({ from, to, look: state }));
  const marks = day.marks.value.filter(seen).map(({ from, to, event }) => ({ from, to, look: event.end ? "event" : "event-running" }));
  const x = (at: number) => `${(clamp((at - view.from) / length(view), 0, 1) * 100).toFixed(3)}%`;
  const wide = (one: Span, leastPx: number) => {
    const shown = Math.min(one.to, view.to) - Math.max(one.from, view.from);
    return `${((Math.max(shown, leastPx * pixelMs) / length(view)) * 100).toFixed(3)}%`;
  };
  return (
    <svg class="timeline-drawing" aria-hidden="true" focusable="false">
      <defs>
        <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect class="hatch-ground" width="7" height="7" />
          <rect class="hatch-line" width="3" height="7" />
        </pattern>
        <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
          <circle class="dots-dot" cx="2" cy="2" r="1.1" />
        </pattern>
      </defs>
      <rect class="timeline-ground" x="0" y="14" width="100%" height="36" rx="6" />
      {merged<Drawn>(pieces, alike, pixelMs / 2).map((one) => (
        <rect key={`${one.look}${one.from}`} class={`piece piece-${one.look}`} x={x(one.from)} y="14" width={wide(one, one.look === "gap" ? 2 : 0.5)} height="36" />
      ))}
      {merged<Drawn>(marks, alike, pixelMs * 2).map((one) => (
        <rect key={`${one.look}${one.from}`} class={`mark mark-${one.look}`} x={x(one.from)} y="2" width={wide(one, 4)} height="10" rx="2" />
      ))}
      {day.chosen.value && (
        <rect class="chosen" x={x(day.chosen.value.from)} y="10" width={wide(clipped(day.chosen.value, view), 1)} height="44" />
      )}
    </svg>
  );
}

function clipped(span: Span, view: Span): Span {
  return { from: clamp(span.from, view.from, view.to), to: clamp(span.to, view.from, view.to) };
}

interface MomentProps {
  day: CameraDay;
  whole: Span;
  view: Span;
  share: (at: number) => string;
  actions: TimelineActions;
}

/** The moment that is shown, as a slider for keyboard and screen reader. */
function Moment({ day, whole, view, share, actions }: MomentProps) {
  const at = day.at.value;
  const place = (at - view.from) / length(view);
  function press(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = targetOf(event, day, whole);
    if (target !== undefined) {
      event.preventDefault();
      actions.seek(target, true);
    } else if (event.key === "+" || event.key === "-") {
      event.preventDefault();
      day.zoomStep(event.key === "+" ? 1 : -1);
    } else actions.key(event);
  }
  return (
    <div
      class="timeline-moment"
      role="slider"
      tabIndex={0}
      aria-label={w().recordings.moment}
      aria-valuemin={0}
      aria-valuemax={Math.round(length(whole) / 1000)}
      aria-valuenow={Math.round((at - whole.from) / 1000)}
      aria-valuetext={`${timeOfDay(at, day.zone.value)}, ${pieceText(day.pieceAt(at))}`}
      style={{ left: share(clamp(at, view.from, view.to)) }}
      data-out={!within(view, at)}
      data-edge={place < 0.08 ? "start" : place > 0.92 ? "end" : undefined}
      onKeyDown={press}
    >
      <span class="timeline-flag">{timeOfDay(at, day.zone.value)}</span>
    </div>
  );
}

function targetOf(event: KeyboardEvent, day: CameraDay, whole: Span): number | undefined {
  const step = keyStep(day.view.value) * (event.shiftKey ? 10 : 1);
  const at = day.at.value;
  switch (event.key) {
    case "ArrowLeft":
    case "ArrowDown":
      return at - step;
    case "ArrowRight":
    case "ArrowUp":
      return at + step;
    case "PageUp":
      return at - length(day.view.value) / 4;
    case "PageDown":
      return at + length(day.view.value) / 4;
    case "Home":
      return whole.from;
    case "End":
      return day.until.value;
    default:
      return undefined;
  }
}

interface HandleProps {
  day: CameraDay;
  chosen: Span;
  frame: { current: HTMLDivElement | null };
  share: (at: number) => string;
}

function Handles({ day, chosen, frame, share }: HandleProps) {
  const view = day.view.value;
  const set = (edge: "from" | "to", at: number) => {
    const whole = day.day.value!;
    const low = edge === "from" ? whole.from : chosen.from + HANDLE_STEP_MS;
    const high = edge === "from" ? chosen.to - HANDLE_STEP_MS : day.until.value;
    day.chosen.value = { ...chosen, [edge]: clamp(at, low, high) };
  };
  const drag = (edge: "from" | "to") => (event: PointerEvent) => {
    event.stopPropagation();
    const handle = event.currentTarget as HTMLElement;
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (move) => set(edge, momentAt(move.clientX, frame.current!, view));
    handle.onpointerup = handle.onpointercancel = () => {
      handle.onpointermove = null;
    };
  };
  const press = (edge: "from" | "to") => (event: KeyboardEvent) => {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!direction || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    set(edge, chosen[edge] + direction * HANDLE_STEP_MS * (event.shiftKey ? 10 : 1));
  };
  return (
    <>
      {(["from", "to"] as const)
        .filter((edge) => within(view, chosen[edge]))
        .map((edge) => (
          <div
            key={edge}
            class="timeline-handle"
            data-edge={edge}
            role="slider"
            tabIndex={0}
            aria-label={edge === "from" ? w().keeping.fromHandle : w().keeping.toHandle}
            aria-valuemin={0}
            aria-valuemax={Math.round(length(day.day.value!) / 1000)}
            aria-valuenow={Math.round((chosen[edge] - day.day.value!.from) / 1000)}
            aria-valuetext={`${timeOfDay(chosen[edge], day.zone.value)}, ${w().keeping.length(duration(length(chosen) / 1000))}`}
            style={{ left: share(chosen[edge]) }}
            onPointerDown={drag(edge)}
            onKeyDown={press(edge)}
          />
        ))}
    </>
  );
}

function momentAt(clientX: number, frame: HTMLElement, view: Span): number {
  const { left, width } = frame.getBoundingClientRect();
  return view.from + clamp((clientX - left) / width, 0, 1) * length(view);
}

/** One finger or the mouse moves the moment, two fingers and the wheel the view. */
function useGestures(frame: { current: HTMLDivElement | null }, day: CameraDay, actions: TimelineActions): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const element = frame.current!;
    const fingers = new Map<number, number>();
    let pinch: { view: Span; spread: number; middle: number } | null = null;

    const seek = (event: PointerEvent, final: boolean) => latest.current.seek(momentAt(event.clientX, element, day.view.value), final);
    const spread = () => {
      const [a = 0, b = 0] = [...fingers.values()];
      return { spread: Math.max(24, Math.abs(a - b)), middle: (a + b) / 2 };
    };

    function down(event: PointerEvent): void {
      if (event.button !== 0 || !day.day.value) return;
      element.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, event.clientX);
      if (fingers.size === 2) pinch = { view: day.view.value, ...spread() };
      if (fingers.size === 1) seek(event, false);
    }
    function move(event: PointerEvent): void {
      if (!fingers.has(event.pointerId)) return;
      fingers.set(event.pointerId, event.clientX);
      if (fingers.size === 1 && !pinch) seek(event, false);
      if (fingers.size === 2 && pinch) {
        const here = spread();
        const anchor = momentAt(pinch.middle, element, pinch.view);
        const closer = zoomed(pinch.view, day.day.value!, length(pinch.view) * (pinch.spread / here.spread), anchor);
        const pixelMs = length(closer) / element.clientWidth;
        day.view.value = moved(day.day.value!, closer.from - (here.middle - pinch.middle) * pixelMs, length(closer));
      }
    }
    function up(event: PointerEvent): void {
      if (!fingers.delete(event.pointerId)) return;
      if (!pinch && event.type === "pointerup") {
        seek(event, true);
        element.querySelector<HTMLElement>(".timeline-moment")?.focus({ preventScroll: true });
      }
      if (fingers.size === 0) pinch = null;
    }
    function wheel(event: WheelEvent): void {
      if (!day.day.value) return;
      event.preventDefault();
      const view = day.view.value;
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) day.push((event.deltaX / element.clientWidth) * length(view));
      else day.view.value = zoomed(view, day.day.value, length(view) * 1.0018 ** event.deltaY, momentAt(event.clientX, element, view));
    }

    element.addEventListener("pointerdown", down);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", up);
    element.addEventListener("wheel", wheel, { passive: false });
    return () => {
      element.removeEventListener("pointerdown", down);
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerup", up);
      element.removeEventListener("pointercancel", up);
      element.removeEventListener("wheel", wheel);
    };
  }, [day]);
}

/** What the colours and patterns mean, as far as they occur. */
export function Legend({ pieces, events }: { pieces: readonly Piece[]; events: boolean }) {
  const states = (["recorded", "gap", "off", "deleted", "unknown", "before"] as const).filter((state) =>
    pieces.some((piece) => piece.state === state),
  );
  return (
    <ul class="legend">
      {states.map((state) => (
        <li key={state}>
          <svg class="swatch" width="18" height="12" aria-hidden="true">
            <rect class="timeline-ground" width="18" height="12" rx="3" />
            <rect class={`piece piece-${state}`} width="18" height="12" rx="3" />
          </svg>
          {w().recordings.legend[state]}
        </li>
      ))}
      {events && (
        <li>
          <svg class="swatch" width="18" height="12" aria-hidden="true">
            <rect class="mark mark-event" x="5" y="1" width="8" height="10" rx="2" />
          </svg>
          {w().recordings.legend.event}
        </li>
      )}
    </ul>
  );
}
