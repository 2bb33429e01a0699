/** The days of a month with how much of each was recorded, as a number, a bar and a colour. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, api } from "../api/client";
import type { Coverage, Month } from "../api/types";
import { coveragePercent, dateText, monthName, weekdays } from "../i18n";
import { w } from "../i18n/recordings";
import { Icon } from "./Icon";
import { ErrorNote } from "./Notice";

export function Calendar(props: { camera: string; day: string; today: string; onDay: (day: string) => void }) {
  const month = useSignal(props.day.slice(0, 7));
  const found = useSignal<Month | null>(null);
  const error = useSignal<ApiError | null>(null);

  async function load(): Promise<void> {
    const asked = month.value;
    error.value = null;
    try {
      const answer = await api.coverage(props.camera, asked);
      if (asked === month.value) found.value = answer;
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      error.value = caught;
    }
  }
  useEffect(() => void load(), [props.camera, month.value]);
  useEffect(() => {
    month.value = props.day.slice(0, 7);
  }, [props.day]);

  const coverage = new Map(found.value?.month === month.value ? found.value.days.map((one) => [one.day, one.coverage]) : []);
  return (
    <section class="calendar" aria-labelledby="calendar">
      <div class="calendar-head">
        <h2 id="calendar" aria-live="polite">
          {monthName(month.value)}
        </h2>
        <span class="calendar-ways">
          <Way icon="left" text={w().recordings.previousMonth} onPress={() => (month.value = neighbour(month.value, -1))} />
          <Way icon="right" text={w().recordings.nextMonth} off={month.value >= props.today.slice(0, 7)} onPress={() => (month.value = neighbour(month.value, 1))} />
        </span>
      </div>
      {error.value && <ErrorNote error={error.value} retry={() => void load()} />}
      <div class="calendar-weekdays" aria-hidden="true">
        {weekdays().map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <ul class="calendar-days">
        {daysOf(month.value).map((day, n) => (
          <li key={day} data-first={n === 0 ? weekdayOf(day) : undefined}>
            <Day day={day} coverage={coverage.get(day)} chosen={day === props.day} today={props.today} onDay={props.onDay} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Way(props: { icon: "left" | "right"; text: string; off?: boolean; onPress: () => void }) {
  return (
    <button type="button" class="quiet-button" aria-label={props.text} title={props.text} disabled={props.off} onClick={props.onPress}>
      <Icon name={props.icon} />
    </button>
  );
}

function Day(props: { day: string; coverage: Coverage | undefined; chosen: boolean; today: string; onDay: (day: string) => void }) {
  const { day, coverage } = props;
  const name = dateText(`${day}T12:00:00Z`, "UTC");
  const share = coverage?.share ?? null;
  const text = share === null ? w().recordings.notWanted : w().recordings.covered(coveragePercent(share));
  const come = day <= props.today;
  return (
    <button
      type="button"
      class="calendar-day"
      aria-current={day === props.today ? "date" : undefined}
      aria-pressed={props.chosen}
      disabled={!come}
      data-level={level(share)}
      onClick={() => props.onDay(day)}
    >
      <span class="visually-hidden">{come && coverage ? w().recordings.dayLabel(name, text) : name}</span>
      <span class="calendar-number" aria-hidden="true">{Number(day.slice(8))}</span>
      <span class="calendar-share" aria-hidden="true">{share === null ? (come && coverage ? "–" : "") : Math.floor(share * 100)}</span>
      <span class="calendar-bar">{share !== null && <span style={{ width: `${share * 100}%` }} />}</span>
    </button>
  );
}

export function level(share: number | null): string {
  if (share === null) return "none";
  return share >= 0.999 ? "full" : share >= 0.9 ? "most" : share > 0 ? "part" : "empty";
}

function daysOf(month: string): string[] {
  const [year = 0, number = 0] = month.split("-").map(Number);
  const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return Array.from({ length: count }, (_, n) => `${month}-${String(n + 1).padStart(2, "0")}`);
}

/** 1 for Monday. */
function weekdayOf(day: string): number {
  return new Date(`${day}T12:00:00Z`).getUTCDay() || 7;
}

export function neighbour(month: string, by: number): string {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}
