/** A stretch of the day to be kept from deletion or taken along. */
import { useSignal } from "@preact/signals";
import { address, api } from "../api/client";
import type { Hold } from "../api/types";
import { duration, timeOfDay } from "../i18n";
import { w } from "../i18n/recordings";
import type { CameraDay } from "../state/camera_day";
import { to } from "../state/route";
import { type Span, clamp, length } from "../state/timeline_view";
import { mayControl } from "../state/world";
import { Submit, TextField } from "./Field";
import { Icon } from "./Icon";
import { ErrorNote } from "./Notice";
import { timeOn } from "./timeOn";
import { useTask } from "./useTask";

const AROUND_MS = 15_000;

/** Sets one end of the stretch to the moment that is shown. */
export function setEnd(day: CameraDay, edge: "from" | "to"): void {
  const at = day.at.value;
  const before = day.chosen.value;
  const other = edge === "from" ? Math.max(at + 1000, before?.to ?? at + 30_000) : Math.min(at - 1000, before?.from ?? at - 30_000);
  choose(day, edge === "from" ? { from: at, to: other } : { from: other, to: at });
}

function choose(day: CameraDay, { from, to: end }: Span): void {
  const whole = day.day.value;
  if (!whole) return;
  const last = Math.max(whole.from + 1000, day.until.value);
  const begin = clamp(from, whole.from, last - 1000);
  day.chosen.value = { from: begin, to: clamp(end, begin + 1000, last) };
  day.zoom(Math.min(length(day.view.value), Math.max(120_000, length(day.chosen.value) * 6)), (begin + day.chosen.value.to) / 2);
}

export function Keeping({ day }: { day: CameraDay }) {
  const words = w().keeping;
  const at = day.at.value;
  const event = day.marks.value.find((mark) => at >= mark.from - 5000 && at <= mark.to + 5000);
  return (
    <section class="keeping" aria-labelledby="keeping">
      <h2 id="keeping">{words.title}</h2>
      {!day.chosen.value && <p class="soft">{words.intro}</p>}
      <div class="actions">
        <button type="button" class="button" onClick={() => choose(day, { from: at - AROUND_MS, to: at + AROUND_MS })}>
          {words.around}
        </button>
        {event && (
          <button type="button" class="button" onClick={() => choose(day, { from: event.from - 8000, to: event.to + 4000 })}>
            {words.thisEvent}
          </button>
        )}
        <button type="button" class="button" onClick={() => setEnd(day, "from")}>
          {words.setFrom}
        </button>
        <button type="button" class="button" onClick={() => setEnd(day, "to")}>
          {words.setTo}
        </button>
      </div>
      {day.chosen.value && <Chosen key={day.ledger.value?.day} day={day} chosen={day.chosen.value} />}
    </section>
  );
}

function Chosen({ day, chosen }: { day: CameraDay; chosen: Span }) {
  const words = w().keeping;
  const keeping = useSignal(false);
  const [start, end] = [new Date(chosen.from).toISOString(), new Date(chosen.to).toISOString()];
  const something = day.footage.value.some((piece) => piece.from < chosen.to && piece.to > chosen.from);
  return (
    <>
      <div class="stretch">
        <TimeField label={words.from} day={day} at={chosen.from} onTime={(from) => choose(day, { ...chosen, from })} />
        <TimeField label={words.to} day={day} at={chosen.to} onTime={(at) => choose(day, { ...chosen, to: at })} />
        <p class="stretch-length">{words.length(duration(length(chosen) / 1000))}</p>
      </div>
      {!something && <p class="field-error">{words.nothingInside}</p>}
      <div class="actions">
        {something && mayControl.value && (
          <button type="button" class="button button-main" aria-expanded={keeping.value} onClick={() => (keeping.value = !keeping.value)}>
            <Icon name="keep" />
            {words.keep}
          </button>
        )}
        {something && (
          <a class="button" href={address.recording(day.camera, start, end)} download={`${day.camera}-${start.slice(0, 19).replaceAll(":", "")}.mp4`}>
            <Icon name="download" />
            {words.download}
          </a>
        )}
        {something && (
          <a class="button" href={`${to.exports}?camera=${encodeURIComponent(day.camera)}&from=${start}&to=${end}`}>
            {words.export}
          </a>
        )}
        <button type="button" class="text-button" onClick={() => (day.chosen.value = null)}>
          {words.clear}
        </button>
      </div>
      {!mayControl.value && <p class="hint">{words.viewer}</p>}
      {keeping.value && <KeepForm hold={{ camera: day.camera, start, end, event: "", why: "" }} />}
    </>
  );
}

function TimeField(props: { label: string; day: CameraDay; at: number; onTime: (at: number) => void }) {
  const zone = props.day.zone.value;
  const shown = new Intl.DateTimeFormat("sv-SE", { hour: "2-digit", minute: "2-digit", second: "2-digit", ...(zone && { timeZone: zone }) }).format(props.at);
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        type="time"
        step="1"
        value={shown}
        onChange={(event) => {
          const at = timeOn(props.day, event.currentTarget.value);
          if (at !== null) props.onTime(at);
        }}
      />
    </label>
  );
}

function KeepForm({ hold }: { hold: Hold }) {
  const words = w().keeping;
  const why = useSignal("");
  const kept = useSignal<Hold | null>(null);
  const undone = useSignal(false);
  const task = useTask();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy) return;
    undone.value = false;
    void task.run(async () => {
      kept.value = await api.hold({ ...hold, why: why.value.trim() });
    });
  }
  function undo(): void {
    void task.run(async () => {
      await api.release(kept.value!);
      kept.value = null;
      undone.value = true;
    });
  }

  return (
    <div class="keep-form">
      {kept.value ? (
        <p role="status" class="kept">
          <Icon name="check" size={18} />
          <span>{words.kept}</span>
          <button type="button" class="text-button" onClick={undo}>
            {words.undo}
          </button>
          <a href={to.exports}>{words.toKept}</a>
        </p>
      ) : (
        <form class="form" onSubmit={submit}>
          <p class="soft">{words.keepText}</p>
          <TextField label={words.note} hint={words.noteHint} maxLength={300} value={why.value} onText={(text) => (why.value = text)} />
          <div class="actions">
            <Submit busy={task.busy}>{words.keep}</Submit>
          </div>
        </form>
      )}
      {undone.value && <p role="status">{words.undone}</p>}
      {task.error && <ErrorNote error={task.error} />}
    </div>
  );
}

/** How a stretch is written: 14:30:02 – 14:31:02. */
export function stretchText(from: string, end: string, zone: string | undefined): string {
  return `${timeOfDay(from, zone)} – ${timeOfDay(end, zone)}`;
}
