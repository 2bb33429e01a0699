/** The storage: how full, for how long, what is deleted when, and whether all is as it was recorded. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, api } from "../api/client";
import type { Camera, Effect, Month, Retention, Share, Storage, Work, WorkFinding } from "../api/types";
import { WORK_KINDS } from "../api/types";
import { coveragePercent, dateText, fullTime, monthName, number, size, t, timeOfDay } from "../i18n";
import { w } from "../i18n/recordings";
import { ArchiveTabs } from "../parts/ArchiveTabs";
import { level, neighbour } from "../parts/Calendar";
import { Confirm } from "../parts/Confirm";
import { Submit } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Name } from "../parts/Name";
import { Blank, ErrorNote, Loading } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { useLoaded } from "../parts/useLoaded";
import { useTask } from "../parts/useTask";
import { now } from "../state/clock";
import { cameraById, cameras, mayAdmin, siteById, takeCamera } from "../state/world";

const MONTHS = 3;
const SHOWN_FINDINGS = 20;
const GB = 1_000_000_000;

export function ArchiveScreen() {
  const storage = useLoaded(() => api.storage());
  const shares = useLoaded(() => api.shares());
  const found = storage.value.value;
  const reload = () => void Promise.all([storage.load(), shares.load()]);
  if (storage.error?.kind === "denied") {
    return (
      <Screen title={w().archive.title}>
        <ArchiveTabs />
        <Blank title={w().archive.deniedTitle} text={w().archive.deniedText} />
      </Screen>
    );
  }
  return (
    <Screen title={w().archive.title}>
      <ArchiveTabs />
      {storage.error && <ErrorNote error={storage.error} retry={reload} />}
      {!found && !storage.error && <Loading />}
      {found && (
        <div class="panels archive-panels">
          <Alarms storage={found} onChanged={reload} />
          <Room storage={found} />
          {found.cameras.length > 0 && <Used storage={found} shares={shares.value.value ?? []} />}
          {cameras.value.length > 0 && <Periods onChanged={reload} />}
          {cameras.value.length > 0 && <Completeness />}
          {mayAdmin.value && <Care />}
        </div>
      )}
    </Screen>
  );
}

function Alarms({ storage, onChanged }: { storage: Storage; onChanged: () => void }) {
  const task = useTask();
  if (storage.alarms.length === 0) return null;
  return (
    <section class="panel alarms" aria-labelledby="alarms">
      <h2 id="alarms">{w().archive.alarms}</h2>
      {storage.alarms.map((alarm) => (
        <div key={alarm.kind} class="note note-error">
          <Icon name="alert" />
          <div>
            <p>{w().archive.alarm[alarm.kind]}</p>
            <p>{w().archive.alarmHint[alarm.kind]}</p>
            <p class="detail" lang="en">
              {alarm.what} {alarm.hint}
            </p>
            {alarm.kind === "clock" && <p>{w().archive.clockNow(fullTime(new Date(now.value).toISOString(), undefined))}</p>}
            {alarm.kind === "clock" && mayAdmin.value && (
              <button type="button" class="button" onClick={() => void task.run(async () => void (await api.believeClock())).then(onChanged)}>
                {w().archive.clockRight}
              </button>
            )}
          </div>
        </div>
      ))}
      {task.error && <ErrorNote error={task.error} />}
    </section>
  );
}

/** A number of days in words; `later` as after "in". */
function days(value: number, later = false): string {
  const words = w().archive;
  if (value > 3650) return later ? words.overYearsLater : words.overYears;
  if (value < 1) return (later ? words.hoursLater : words.hours)(number(Math.max(1, Math.round(value * 24))));
  return (later ? words.daysLater : words.days)(number(value >= 10 ? Math.floor(value) : Math.floor(value * 10) / 10, 1));
}

function Room({ storage }: { storage: Storage }) {
  const words = w().archive;
  const other = Math.max(0, storage.size_bytes - storage.free_bytes - storage.footage_bytes);
  const share = (bytes: number) => `${(bytes / storage.size_bytes) * 100}%`;
  return (
    <section class="panel" aria-labelledby="room">
      <div class="panel-head">
        <h2 id="room" class="enough">
          {storage.days_kept === null ? words.disk : words.enough(days(storage.days_kept))}
        </h2>
        <p class="soft">
          {storage.days_kept === null ? words.enoughUnknown : `${words.enoughText(size(storage.bytes_per_day))} ${untilFull(storage)}`}
        </p>
      </div>
      <div class="disk" aria-hidden="true">
        <span class="disk-footage" style={{ width: share(storage.footage_bytes) }} />
        <span class="disk-other" style={{ width: share(other) }} />
      </div>
      <ul class="legend">
        <li>
          <span class="disk-swatch disk-footage" aria-hidden="true" />
          {words.footage}: {size(storage.footage_bytes)}
        </li>
        <li>
          <span class="disk-swatch disk-other" aria-hidden="true" />
          {words.other}: {size(other)}
        </li>
        <li>
          <span class="disk-swatch" aria-hidden="true" />
          {words.freeOf(size(storage.free_bytes), size(storage.size_bytes))}, {words.keepFree(size(storage.keep_free_bytes))}
        </li>
      </ul>
      <Pace disk={storage.disk} />
    </section>
  );
}

/** A share of late rounds so small is a hiccup that nobody needs to hear of. */
const LATE_SHARE = 0.01;

/** Said only when the disk does not keep up, or has refused to save something. */
function Pace({ disk }: { disk: Storage["disk"] }) {
  const words = w().archive;
  return (
    <>
      {disk.late_rounds > disk.rounds * LATE_SHARE && <p class="hint">{words.slowDisk(number(disk.late_rounds), number(disk.rounds))}</p>}
      {disk.abandoned > 0 && <p class="hint">{words.failingDisk(number(disk.abandoned))}</p>}
    </>
  );
}

function untilFull({ days_until_full }: Storage): string {
  const words = w().archive;
  if (days_until_full === null) return words.neverFull;
  return days_until_full <= 0 ? words.fullNow : words.untilFull(days(days_until_full, true));
}

function Used({ storage, shares }: { storage: Storage; shares: Share[] }) {
  const words = w().archive;
  return (
    <section class="panel" aria-labelledby="used">
      <h2 id="used">{words.used}</h2>
      <ul class="rows">
        {storage.cameras.map((one) => {
          const share = shares.find((other) => other.camera === one.camera);
          const known = cameraById(one.camera);
          return (
            <li key={one.camera} class="row used-row">
              <span class="row-main">
                <Name text={known?.name ?? one.camera} />
                {!known && <span class="row-more soft">{words.removedCamera}</span>}
              </span>
              <dl class="facts">
                <Fact name={words.usedTotal} text={size(one.size_bytes)} />
                {share && <Fact name={words.class.continuous} text={size(share.continuous_bytes)} />}
                {share && <Fact name={words.class.events} text={size(share.event_bytes)} />}
                {share && <Fact name={words.class.held} text={size(share.held_bytes)} />}
                <Fact name={words.perDay} text={size(one.bytes_per_day)} />
                <Fact name={words.oldest} text={one.oldest ? dateText(one.oldest, siteById(known?.site ?? "")?.time_zone, true) : words.none} />
              </dl>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Fact({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </div>
  );
}

function Periods({ onChanged }: { onChanged: () => void }) {
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
  const [usual, events] = [days(keep_days, true), days(keep_event_days, true)];
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

function Completeness() {
  const words = w().archive;
  const last = useSignal(new Date(now.peek()).toISOString().slice(0, 7));
  const months = Array.from({ length: MONTHS }, (_, n) => neighbour(last.value, n - MONTHS + 1));
  return (
    <section class="panel" aria-labelledby="coverage">
      <div class="panel-head">
        <h2 id="coverage">{words.coverage}</h2>
        <p class="soft">{words.coverageText}</p>
      </div>
      <table class="coverage">
        <thead>
          <tr>
            <th scope="col">{words.usedCamera}</th>
            {months.map((month) => (
              <th key={month} scope="col">
                {monthName(month, "short")}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cameras.value.map((camera) => (
            <tr key={camera.id}>
              <th scope="row">
                <Name text={camera.name} />
              </th>
              {months.map((month) => (
                <MonthCell key={month} camera={camera.id} month={month} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div class="actions">
        <button type="button" class="text-button" onClick={() => (last.value = neighbour(last.value, -MONTHS))}>
          {words.olderMonths}
        </button>
        {last.value < new Date(now.value).toISOString().slice(0, 7) && (
          <button type="button" class="text-button" onClick={() => (last.value = neighbour(last.value, MONTHS))}>
            {words.newerMonths}
          </button>
        )}
      </div>
    </section>
  );
}

function MonthCell({ camera, month }: { camera: string; month: string }) {
  const found = useLoaded<Month>(() => api.coverage(camera, month));
  const share = found.value.value?.coverage.share;
  return (
    <td data-level={level(share ?? null)}>
      {found.error ? "?" : share === undefined ? "…" : share === null ? "–" : coveragePercent(share)}
    </td>
  );
}

function Care() {
  const words = w().archive;
  const work = useSignal<Work | null>(null);
  const error = useSignal<ApiError | null>(null);
  const running = work.value !== null && work.value.finished === null;

  async function attempt(act: () => Promise<Work | null>): Promise<void> {
    error.value = null;
    try {
      work.value = await act();
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      error.value = caught;
    }
  }
  useEffect(() => {
    void attempt(api.work);
  }, []);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => void attempt(api.work), 700);
    return () => clearInterval(timer);
  }, [running]);

  return (
    <section class="panel" aria-labelledby="care">
      <div class="panel-head">
        <h2 id="care">{words.care}</h2>
        <p class="soft">{words.careText}</p>
      </div>
      <ul class="rows">
        {WORK_KINDS.map((kind) => (
          <li key={kind} class="row">
            <span class="row-main">
              {words.work[kind]}
              <span class="row-more soft">{words.workHint[kind]}</span>
            </span>
            <button type="button" class="button" aria-disabled={running} aria-label={words.work[kind]} onClick={() => !running && void attempt(() => api.startWork(kind))}>
              <Icon name="play" size={18} />
            </button>
          </li>
        ))}
      </ul>
      {error.value && <ErrorNote error={error.value} />}
      <div role="status">
        {running ? <Going work={work.value!} onStop={() => void attempt(() => api.stopWork().then(api.work))} /> : <Result work={work.value} />}
      </div>
    </section>
  );
}

function Going({ work, onStop }: { work: Work; onStop: () => void }) {
  const words = w().archive;
  return (
    <div class="going">
      <p>
        {words.working(words.work[work.kind])} {work.total > 0 && words.progress(number(work.done), number(work.total))}
      </p>
      <progress aria-label={words.work[work.kind]} max={1} value={work.total > 0 ? work.done / work.total : 0} />
      <button type="button" class="text-button" onClick={onStop}>
        {w().exports.stop}
      </button>
    </div>
  );
}

function Result({ work }: { work: Work | null }) {
  const words = w().archive;
  if (!work?.finished) return <p class="soft">{words.stillNever}</p>;
  const name = words.work[work.kind];
  if (work.error || work.stopped) {
    return (
      <>
        <p>{words.failed(name)}</p>
        {work.error && <p>{t().errors[work.error.kind]}</p>}
      </>
    );
  }
  return (
    <div class="result">
      <p class="soft">{words.finished(name, timeOfDay(work.finished, undefined))}</p>
      {work.kind !== "rebuild" && (
        <p class="verdict" data-clean={work.found === 0}>
          <Icon name={work.found === 0 ? "check" : "alert"} size={18} />
          {work.found === 0 ? words.clean : words.findings(work.found)}
        </p>
      )}
      <p>{numbersText(work)}</p>
      {work.findings.length > 0 && (
        <ul class="rows">
          {work.findings.slice(0, SHOWN_FINDINGS).map((finding) => (
            <FindingRow key={`${finding.kind}${finding.place}`} finding={finding} />
          ))}
        </ul>
      )}
      {work.found > SHOWN_FINDINGS && <p class="hint">{words.moreFindings(work.found - SHOWN_FINDINGS)}</p>}
    </div>
  );
}

function numbersText({ kind, numbers, found }: Work): string {
  const words = w().archive;
  const text = (name: string) => number(numbers[name] ?? 0);
  if (kind === "rebuild") return words.rebuilt(text("segments"), text("gaps"), text("events"));
  if (kind === "verify" && found === 0) return words.proved(text("files"), size(numbers["size_bytes"] ?? 0), text("days"), text("signed_days"));
  return "";
}

function FindingRow({ finding }: { finding: WorkFinding }) {
  const known = w().archive.finding as Record<string, string>;
  const kind = finding.kind.startsWith("row_") || finding.kind.startsWith("event_") || finding.kind.startsWith("index_b") ? "index" : finding.kind.replace(/^unlisted_.*/, "unlisted");
  return (
    <li class="row">
      <span class="row-main">
        {known[kind] ?? known["other"]}
        <code class="row-more">{finding.place}</code>
        <span class="row-more detail" lang="en">
          {finding.what} {finding.mend}
        </span>
      </span>
    </li>
  );
}
