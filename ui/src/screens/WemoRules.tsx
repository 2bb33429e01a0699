/** Rules of the Wemo app: a file is chosen, what would become of it is shown, then it is made, and can be undone. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api } from "../api/client";
import type { WemoImport, WemoImported } from "../api/wemo";
import { timeNear } from "../i18n";
import { wemoText } from "../i18n/wemo";
import { SelectField } from "../parts/Field";
import { Name } from "../parts/Name";
import { ErrorNote, Note } from "../parts/Notice";
import { useLoaded } from "../parts/useLoaded";
import { SiteField, useSite } from "../parts/SiteField";
import { useTask } from "../parts/useTask";
import { now } from "../state/clock";
import { language } from "../state/preferences";
import { cameras, siteById } from "../state/world";

const LARGEST_BYTES = 4 * 1024 * 1024;
const OLD_SENSOR = /uuid:(?:NetCamSensor|LinksysWNCSensor|Sensor)-1_0-[\w.-]+/;

export function WemoRules({ onMade }: { onMade: () => void }) {
  const imports = useLoaded(api.wemoImports);
  const words = wemoText();
  return (
    <section class="panel" aria-labelledby="wemo-rules">
      <div class="panel-head">
        <h2 id="wemo-rules">{words.rulesTitle}</h2>
        <p class="soft">{words.rulesIntro}</p>
      </div>
      <details class="adding">
        <summary class="button">{words.rulesOpen}</summary>
        <ImportForm
          onMade={() => {
            void imports.load();
            onMade();
          }}
        />
      </details>
      {imports.error && <ErrorNote error={imports.error} />}
      {imports.value.value && imports.value.value.length > 0 && (
        <ul class="rows" aria-label={words.imports}>
          {imports.value.value.map((one) => (
            <Imported
              key={one.id}
              one={one}
              onGone={() => {
                void imports.load();
                onMade();
              }}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function Imported({ one, onGone }: { one: WemoImported; onGone: () => void }) {
  const task = useTask();
  const words = wemoText();
  const zone = siteById(one.site)?.time_zone ?? "UTC";
  return (
    <li class="row">
      <span class="row-main">
        <span>
          {words.imports}: {words.importOf(one.rules.length)}
        </span>
        <span class="hint">{timeNear(one.at, zone, now.value)}</span>
        {task.error && <ErrorNote error={task.error} />}
      </span>
      <button
        type="button"
        class="button"
        aria-disabled={task.busy}
        onClick={() => void task.run(async () => void (await api.undoWemoImport(one.id))).then((well) => well && onGone())}
      >
        {words.undo}
      </button>
    </li>
  );
}

function ImportForm({ onMade }: { onMade: () => void }) {
  const file = useSignal("");
  const fileName = useSignal("");
  const site = useSite();
  const camera = useSignal("");
  const channel = useSignal("");
  const tooLarge = useSignal(false);
  const shown = useSignal<WemoImport | null>(null);
  const made = useSignal(false);
  const channels = useLoaded(api.channels);
  const task = useTask();
  const input = useRef<HTMLInputElement>(null);
  const words = wemoText();

  async function choose(chosen: File | undefined): Promise<void> {
    shown.value = null;
    made.value = false;
    tooLarge.value = (chosen?.size ?? 0) > LARGEST_BYTES;
    if (!chosen || tooLarge.value) return;
    fileName.value = chosen.name;
    file.value = base64(new Uint8Array(await chosen.arrayBuffer()));
    look();
  }

  /** Every old sensor that is not heard here gets the chosen camera. */
  function wish(dryRun: boolean, missing: string[]) {
    const replaced = camera.value ? Object.fromEntries(missing.map((udn) => [udn, camera.value])) : {};
    return { site: site.id, file: file.value, cameras: replaced, channel: channel.value, dry_run: dryRun };
  }

  async function send(dryRun: boolean): Promise<void> {
    const plain = await api.wemoImport(wish(true, []));
    const missing = plain.remarks.filter((one) => one.code === "no_sensor").flatMap((one) => one.en.match(OLD_SENSOR) ?? []);
    shown.value = dryRun && missing.length === 0 ? plain : await api.wemoImport(wish(dryRun, missing));
  }

  function look(): void {
    if (file.value) void task.run(() => send(true));
  }

  useEffect(look, [site.id]);

  function apply(): void {
    if (task.busy) return;
    void task.run(() => send(false)).then((well) => {
      if (!well) return;
      made.value = true;
      shown.value = null;
      file.value = "";
      onMade();
    });
  }

  return (
    <div class="form">
      <SiteField label={words.site} site={site} />
      <div class="columns">
        <SelectField
          label={words.camera}
          value={camera.value}
          choices={[
            { value: "", text: words.noCamera },
            ...cameras.value.filter((one) => one.site === site.id).map((one) => ({ value: one.id, text: one.name })),
          ]}
          onChoice={(id) => {
            camera.value = id;
            look();
          }}
        />
        <SelectField
          label={words.channel}
          value={channel.value}
          choices={[
            { value: "", text: words.noChannel },
            ...(channels.value.value ?? []).map((one) => ({ value: one.id, text: one.name })),
          ]}
          onChoice={(id) => {
            channel.value = id;
            look();
          }}
        />
      </div>
      <div class="actions">
        <button type="button" class="button" aria-disabled={task.busy} onClick={() => input.current?.click()}>
          {task.busy && <span class="spinner" aria-hidden="true" />}
          {words.file}
        </button>
        <input
          ref={input}
          type="file"
          hidden
          aria-label={words.file}
          onChange={(event) => {
            void choose(event.currentTarget.files?.[0]);
            event.currentTarget.value = "";
          }}
        />
        {fileName.value && file.value && (
          <span class="soft">
            <bdi>{fileName.value}</bdi>
          </span>
        )}
      </div>
      {tooLarge.value && <Note icon="alert">{words.tooLarge}</Note>}
      {task.error && <ErrorNote error={task.error} />}
      <div role="status">{made.value && <p>{words.made}</p>}</div>
      {shown.value && <Report report={shown.value} busy={task.busy} onApply={apply} />}
    </div>
  );
}

function Report({ report, busy, onApply }: { report: WemoImport; busy: boolean; onApply: () => void }) {
  const words = wemoText();
  const left = report.remarks.filter((one) => one.left);
  const check = report.remarks.filter((one) => !one.left);
  return (
    <>
      <h3>{words.wouldBe}</h3>
      {report.rules.length === 0 && <p class="soft">{words.nothingLeft}</p>}
      <ul class="rows">
        {report.rules.map((rule) => (
          <li key={rule.id} class="row">
            <span class="row-main">
              <Name text={rule.name} />
              {!rule.enabled && <span class="hint">{words.off}</span>}
            </span>
          </li>
        ))}
      </ul>
      <Remarks title={words.check} remarks={check} />
      <Remarks title={words.left} remarks={left} />
      {report.rules.length > 0 && (
        <div class="actions">
          <button type="button" class="button button-main" aria-disabled={busy} onClick={onApply}>
            {words.apply(report.rules.length)}
          </button>
        </div>
      )}
    </>
  );
}

function Remarks({ title, remarks }: { title: string; remarks: WemoImport["remarks"] }) {
  if (remarks.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="rows">
        {remarks.map((one, place) => (
          <li key={place} class="row">
            <span class="row-main">
              {one.rule && <Name text={one.rule} />}
              <span class="hint">
                <bdi>{language.value === "de" ? one.de : one.en}</bdi>
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** In pieces, because a function takes only so many arguments. */
function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
