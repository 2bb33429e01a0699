/** How long footage is kept, camera by camera. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { Camera, Effect, Retention } from "../api/types";
import { dateText, number, size } from "../i18n";
import { w } from "../i18n/recordings";
import { Confirm } from "../parts/Confirm";
import { daysText } from "../parts/daysText";
import { Submit } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Name } from "../parts/Name";
import { ErrorNote } from "../parts/Notice";
import { useTask } from "../parts/useTask";
import { cameras, mayAdmin, siteById, takeCamera } from "../state/world";

const GB = 1_000_000_000;

export function Periods({ onChanged }: { onChanged: () => void }) {
  return (
    <section class="panel" aria-labelledby="periods">
      <div class="panel-head">
        <h2 id="periods">{w().archive.retention}</h2>
        <p class="soft">{w().archive.retentionText}</p>
      </div>
      <ul class="rows">
        {cameras.value.map((camera) => (
          <Period key={camera.id} camera={camera} onChanged={onChanged} />
        ))}
      </ul>
      {!mayAdmin.value && <p class="hint">{w().archive.adminOnly}</p>}
    </section>
  );
}

function inWords({ keep_days, keep_event_days, most_gb }: Retention): string {
  const words = w().archive;
  const [usual, events] = [daysText(keep_days, true), daysText(keep_event_days, true)];
  const limit = most_gb > 0 ? ` ${words.inWordsLimit(size(most_gb * GB))}` : "";
  return (usual === events ? words.inWordsShorter(usual) : words.inWords(usual, events)) + limit;
}

function Period({ camera, onChanged }: { camera: Camera; onChanged: () => void }) {
  const editing = useSignal(false);
  const saved = useSignal(false);
  return (
    <li class="row period">
      <span class="row-main">
        <Name text={camera.name} />
        <span class="row-more">{inWords(camera)}</span>
        {saved.value && (
          <span class="row-more" role="status">
            {w().archive.saved}
          </span>
        )}
      </span>
      {mayAdmin.value && (
        <button type="button" class="text-button" aria-expanded={editing.value} onClick={() => (editing.value = !editing.value)}>
          {w().archive.change} <span class="visually-hidden">{camera.name}</span>
        </button>
      )}
      {editing.value && (
        <PeriodForm
          camera={camera}
          onSaved={() => {
            editing.value = false;
            saved.value = true;
            onChanged();
          }}
        />
      )}
    </li>
  );
}

/** What would be deleted is shown first; only then it can be saved, and what deletes is asked again. */
function PeriodForm({ camera, onSaved }: { camera: Camera; onSaved: () => void }) {
  const words = w().archive;
  const draft = useSignal({ keep_days: String(camera.keep_days), keep_event_days: String(camera.keep_event_days), most_gb: String(camera.most_gb) });
  const effect = useSignal<Effect | null>(null);
  const asking = useSignal(false);
  const task = useTask();
  const wanted = retentionOf(draft.value);

  function set(part: Partial<typeof draft.value>): void {
    draft.value = { ...draft.value, ...part };
    effect.value = null;
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (!wanted || task.busy) return;
    if (!effect.value) void task.run(async () => void (effect.value = await api.retentionEffect(camera.id, wanted)));
    else if (effect.value.files > 0) asking.value = true;
    else void save();
  }
  async function save(): Promise<void> {
    asking.value = false;
    const done = await task.run(async () => takeCamera(await api.changeCamera(camera.id, wanted!)));
    if (done) onSaved();
  }

  return (
    <form class="form period-form" onSubmit={submit}>
      <div class="columns">
        <NumberField label={words.keepDays} unit={words.daysUnit} value={draft.value.keep_days} onText={(keep_days) => set({ keep_days })} />
        <NumberField label={words.keepEventDays} unit={words.daysUnit} value={draft.value.keep_event_days} onText={(keep_event_days) => set({ keep_event_days })} />
        <NumberField label={words.mostGb} unit={words.gbUnit} hint={words.noLimit} value={draft.value.most_gb} onText={(most_gb) => set({ most_gb })} />
      </div>
      {wanted ? <p>{inWords(wanted)}</p> : <p class="field-error">{words.invalid}</p>}
      <div role="status">{effect.value && <EffectText effect={effect.value} camera={camera} />}</div>
      {task.error && <ErrorNote error={task.error} />}
      <div class="actions">
        <Submit busy={task.busy || !wanted}>{effect.value ? words.save : words.show}</Submit>
      </div>
      <Confirm
        open={asking.value}
        question={words.confirmTitle(camera.name)}
        text={effect.value ? `${words.wouldDelete(size(effect.value.size_bytes), number(effect.value.files))} ${words.confirmText}` : ""}
        action={words.confirmAction}
        busy={task.busy}
        onConfirm={() => void save()}
        onClose={() => (asking.value = false)}
      />
    </form>
  );
}

function retentionOf(draft: { keep_days: string; keep_event_days: string; most_gb: string }): Retention | null {
  const [keep_days, keep_event_days, most_gb] = [draft.keep_days, draft.keep_event_days, draft.most_gb].map((text) =>
    text.trim() === "" ? Number.NaN : Number(text.replace(",", ".")),
  ) as [number, number, number];
  const fits = (value: number) => value >= 0.04 && value <= 3650;
  return fits(keep_days) && fits(keep_event_days) && most_gb >= 0 && most_gb <= 1e6 ? { keep_days, keep_event_days, most_gb } : null;
}

function EffectText({ effect, camera }: { effect: Effect; camera: Camera }) {
  const words = w().archive;
  const zone = siteById(camera.site)?.time_zone;
  if (effect.files === 0) return <p>{words.wouldNothing}</p>;
  return (
    <div class="note note-error">
      <Icon name="trash" />
      <div>
        <p>{words.wouldDelete(size(effect.size_bytes), number(effect.files))}</p>
        {effect.start && effect.end && <p>{words.wouldDeleteRange(dateText(effect.start, zone, true), dateText(effect.end, zone, true))}</p>}
        {effect.due_bytes > 0 && <p>{words.wouldSpare(size(effect.due_bytes))}</p>}
      </div>
    </div>
  );
}

function NumberField(props: { label: string; unit: string; hint?: string; value: string; onText: (text: string) => void }) {
  return (
    <label class="field">
      <span class="field-label">
        {props.label} ({props.unit})
      </span>
      <input type="text" inputMode="decimal" value={props.value} onInput={(event) => props.onText(event.currentTarget.value)} />
      {props.hint && <span class="hint">{props.hint}</span>}
    </label>
  );
}
