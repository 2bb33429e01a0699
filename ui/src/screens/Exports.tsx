/** What is kept from deletion, and footage to take along. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, address, api, filmFacts } from "../api/client";
import type { Export, Hold } from "../api/types";
import { dateText, dayKey, percent, size, timeOfDay } from "../i18n";
import { w } from "../i18n/recordings";
import { ArchiveTabs } from "../parts/ArchiveTabs";
import { CheckField, ChoiceField, Submit } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { stretchText } from "../parts/Keeping";
import { Name } from "../parts/Name";
import { ErrorNote, Loading } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { useLoaded } from "../parts/useLoaded";
import { useTask } from "../parts/useTask";
import { filters, to } from "../state/route";
import { cameraById, cameras, mayControl, siteById } from "../state/world";

const LOOK_AGAIN_MS = 2000;
const LONGEST_MS = 31 * 86_400_000;

export function ExportsScreen() {
  return (
    <Screen title={w().exports.title}>
      <ArchiveTabs />
      <div class="panels archive-panels">
        <Held />
        <TakeAlong key={filters.value.toString()} />
        <Running />
      </div>
    </Screen>
  );
}

function zoneOfCamera(id: string): string | undefined {
  return siteById(cameraById(id)?.site ?? "")?.time_zone;
}

function nameOf(id: string): string {
  return cameraById(id)?.name ?? id;
}

function Held() {
  const words = w().exports;
  const held = useLoaded(() => api.holds());
  const released = useSignal<Hold | null>(null);
  const task = useTask();
  const list = held.value.value;

  function change(act: () => Promise<unknown>, then: Hold | null): void {
    if (task.busy) return;
    void task.run(async () => {
      await act();
      released.value = then;
      await held.load();
    });
  }

  return (
    <section class="panel" aria-labelledby="held">
      <div class="panel-head">
        <h2 id="held">{words.heldTitle}</h2>
        <p class="soft">{words.heldText}</p>
      </div>
      {held.error && <ErrorNote error={held.error} retry={() => void held.load()} />}
      {!list && !held.error && <Loading />}
      {list?.length === 0 && <p class="soft">{words.noHeld}</p>}
      {list && list.length > 0 && (
        <ul class="rows">
          {list.map((hold) => (
            <HeldRow key={`${hold.camera}${hold.start}${hold.event}`} hold={hold} onRelease={() => change(() => api.release(hold), hold)} />
          ))}
        </ul>
      )}
      {task.error && <ErrorNote error={task.error} />}
      <div role="status">
        {released.value && (
          <p class="kept">
            <span>{words.released(nameOf(released.value.camera))}</span>
            <button type="button" class="text-button" onClick={() => change(() => api.hold(released.value!), null)}>
              {words.undo}
            </button>
          </p>
        )}
      </div>
    </section>
  );
}

function HeldRow({ hold, onRelease }: { hold: Hold; onRelease: () => void }) {
  const words = w().exports;
  const zone = zoneOfCamera(hold.camera);
  const what = `${dateText(hold.start, zone, true)}, ${stretchText(hold.start, hold.end, zone)}`;
  return (
    <li class="row">
      <span class="row-main">
        <Name text={nameOf(hold.camera)} />
        <span class="row-more">
          {what}
          {hold.event && ` · ${words.forEvent}`}
        </span>
        {hold.why && <bdi class="row-more soft">{hold.why}</bdi>}
      </span>
      <a class="text-button" href={to.recordings(hold.camera, hold.start)}>
        {words.show} <span class="visually-hidden">{what}</span>
      </a>
      {mayControl.value && (
        <button type="button" class="text-button" onClick={onRelease}>
          {words.release} <span class="visually-hidden">{what}</span>
        </button>
      )}
    </li>
  );
}

/** The value of a `datetime-local` field, in the time of the browser. */
function fieldTime(at: number): string {
  return `${dayKey(at, undefined)}T${new Intl.DateTimeFormat("sv-SE", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at)}`;
}

function asked(name: "from" | "to", otherwise: number): string {
  const at = Date.parse(filters.value.get(name) ?? "");
  return fieldTime(Number.isNaN(at) ? otherwise : at);
}

function TakeAlong() {
  const words = w().exports;
  const wanted = filters.value.get("camera");
  const chosen = useSignal(cameras.value.map((camera) => camera.id).filter((id) => !wanted || id === wanted));
  const from = useSignal(asked("from", Date.now() - 600_000));
  const until = useSignal(asked("to", Date.now()));
  const what = useSignal<"films" | "originals">("films");
  const task = useTask();
  const [start, end] = [Date.parse(from.value), Date.parse(until.value)];
  const fits = end > start && end - start <= LONGEST_MS;

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy || !fits || chosen.value.length === 0) return;
    const url = address.exportZip(chosen.value, new Date(start).toISOString(), new Date(end).toISOString(), what.value === "originals");
    void task.run(async () => {
      if (!(await filmFacts(url, new AbortController().signal))) throw new ApiError("not_found", words.nothing);
      download(url);
    });
  }

  return (
    <section class="panel" aria-labelledby="take">
      <div class="panel-head">
        <h2 id="take">{words.takeTitle}</h2>
        <p class="soft">{words.takeText}</p>
      </div>
      <form class="form" onSubmit={submit}>
        <CheckField
          label={words.cameras}
          chosen={chosen.value}
          choices={cameras.value.map((camera) => ({ value: camera.id, text: camera.name }))}
          onChosen={(ids) => (chosen.value = ids)}
          error={chosen.value.length === 0 ? words.noCamera : undefined}
        />
        <div class="columns">
          <MomentField label={words.from} value={from.value} onText={(text) => (from.value = text)} />
          <MomentField label={words.to} value={until.value} onText={(text) => (until.value = text)} />
        </div>
        {!fits && <p class="field-error">{words.wrongRange}</p>}
        <ChoiceField
          label={words.what}
          value={what.value}
          choices={[
            { value: "films", text: words.films, hint: words.filmsHint },
            { value: "originals", text: words.originals, hint: words.originalsHint },
          ]}
          onChoice={(choice) => (what.value = choice)}
        />
        {task.error && (task.error.kind === "not_found" ? <p class="field-error" role="alert">{words.nothing}</p> : <ErrorNote error={task.error} />)}
        <div class="actions">
          <Submit busy={task.busy}>
            <Icon name="download" />
            {words.start}
          </Submit>
        </div>
      </form>
    </section>
  );
}

function MomentField(props: { label: string; value: string; onText: (text: string) => void }) {
  return (
    <label class="field">
      <span class="field-label">{props.label}</span>
      <input type="datetime-local" step="1" required value={props.value} onInput={(event) => props.onText(event.currentTarget.value)} />
    </label>
  );
}

/** The browser's own download, which it shows, pauses and goes on with as with any other. */
function download(url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  link.click();
}

function Running() {
  const words = w().exports;
  const found = useLoaded(() => api.exports());
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void found.load();
    }, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const list = found.value.value;
  return (
    <section class="panel" aria-labelledby="running">
      <div class="panel-head">
        <h2 id="running">{words.runningTitle}</h2>
        <p class="soft">{words.resumeHint}</p>
      </div>
      {found.error && <ErrorNote error={found.error} retry={() => void found.load()} />}
      {list?.length === 0 && <p class="soft">{words.noRunning}</p>}
      {list && list.length > 0 && (
        <ul class="rows">
          {list.map((one) => (
            <RunningRow key={one.id} one={one} onForget={() => void api.forgetExport(one.id).then(found.load, () => undefined)} />
          ))}
        </ul>
      )}
    </section>
  );
}

function RunningRow({ one, onForget }: { one: Export; onForget: () => void }) {
  const words = w().exports;
  const state = one.running ? "running" : one.sent_bytes >= one.size_bytes ? "done" : "broken";
  const zone = zoneOfCamera(one.cameras[0] ?? "");
  const share = one.size_bytes ? one.sent_bytes / one.size_bytes : 0;
  const label = `${one.cameras.map(nameOf).join(", ")}, ${dateText(one.start, zone)}, ${timeOfDay(one.start, zone)}`;
  return (
    <li class="row export-row">
      <span class="row-main">
        <bdi>{label}</bdi>
        <span class="row-more">
          {words.state[state]} · {words.progress(size(one.sent_bytes), size(one.size_bytes))} ({percent(share)})
        </span>
        <progress value={share} max={1} aria-label={label} />
      </span>
      <a class="text-button" href={one.path} download="">
        {words.resume}
      </a>
      <button type="button" class="quiet-button" aria-label={`${words.remove}: ${label}`} title={words.remove} onClick={onForget}>
        <Icon name="trash" />
      </button>
    </li>
  );
}
