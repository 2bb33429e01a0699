/** What happens by itself: rules, whether they are on, what they did lately, and a plain form for a new one. */
import { type Signal, useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { ActionKind, Actuator, NewRule, Rule, RuleAction, RuleNote, TriggerKind } from "../api/rules";
import type { Channel } from "../api/types";
import { t, timeNear } from "../i18n";
import { isolated } from "../i18n/isolate";
import { rulesText } from "../i18n/rules";
import { AddFold } from "../parts/AddFold";
import { Confirm } from "../parts/Confirm";
import { RangeField, SelectField, Submit, SwitchField, TextField } from "../parts/Field";
import { laterPart } from "../parts/Later";
import { Name } from "../parts/Name";
import { ErrorNote, Loading, Note } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { SettingsLink } from "../parts/SettingsLink";
import { useLoaded } from "../parts/useLoaded";
import { SiteField, useSite } from "../parts/SiteField";
import { useTask } from "../parts/useTask";
import { now } from "../state/clock";
import { cameraById, cameras, mayAdmin, siteById, sites } from "../state/world";

const WemoThings = laterPart(async () => (await import("./WemoThings")).WemoThings);

const SHOWN_NOTES = 8;
const SHOWN_PICTURES = 8;

interface Things {
  actuators: Actuator[];
  channels: Channel[];
}

async function things(): Promise<Things> {
  const [actuators, channels] = await Promise.all([api.actuators(), mayAdmin.value ? api.channels() : []]);
  return { actuators, channels };
}

export function RulesScreen() {
  const rules = useLoaded(api.rules);
  const known = useLoaded(things);
  const found = rules.value.value;
  const reload = () => void rules.load();
  const names = known.value.value ?? { actuators: [], channels: [] };
  return (
    <Screen title={rulesText().title} width="narrow">
      <div class="panels">
        <SettingsLink />
        <p class="lead">{rulesText().intro}</p>
        {rules.error && <ErrorNote error={rules.error} retry={reload} />}
        {!found && !rules.error && <Loading />}
        {found?.length === 0 && <p class="soft">{rulesText().empty}</p>}
        {found?.map((rule) => (
          <RulePanel key={rule.id} rule={rule} names={names} onChanged={reload} />
        ))}
        {found && known.value.value && mayAdmin.value && (
          <AddFold
            label={rulesText().add}
            form={(close) => (
              <RuleForm
                names={names}
                onCancel={close}
                onDone={() => {
                  close();
                  reload();
                }}
              />
            )}
          />
        )}
        {found && (
          <WemoThings
            onChanged={() => {
              void known.load();
              reload();
            }}
          />
        )}
      </div>
    </Screen>
  );
}

function whenText(rule: Rule): string {
  return rule.triggers
    .map((one) => {
      const where = one.cameras.map((id) => isolated(cameraById(id)?.name ?? id)).join(", ");
      if (one.time) return rulesText().atTime(one.time);
      if (one.kind === "presence" || one.kind === "alarm") return stateText(one.kind, one.state, one.person);
      if (one.sound) return `${rulesText().whens.sound} (${[where, `${one.sound.level_db} dB`].filter(Boolean).join(", ")})`;
      const more = one.sensor ? `${isolated(one.sensor)}: ${isolated(one.state)}` : where;
      return rulesText().whens[one.kind] + (more && ` (${more})`);
    })
    .join("; ");
}

function thenText(rule: Rule, names: Things): string {
  const named = [...names.actuators, ...names.channels];
  return rule.actions
    .map((one) => {
      const kind = thenOf(one);
      const target = named.find((thing) => thing.id === one.target)?.name ?? partName(one);
      return rulesText().thens[kind] + (target ? `: ${isolated(target)}` : "");
    })
    .join("; ");
}

/** Who came or went, or what the alarm panel does. */
function stateText(kind: "presence" | "alarm", state: string, person: string): string {
  const words: Record<string, string> = rulesText()[kind === "presence" ? "presences" : "alarms"];
  return `${person ? `${isolated(person)}: ` : ""}${words[state] ?? state}`;
}

/** What is done, as the form and the list name it. */
function thenOf(action: { kind: ActionKind; on: boolean }): ActionKind | "switch_off" | "relay_off" {
  if (action.on) return action.kind;
  return action.kind === "switch" ? "switch_off" : action.kind === "relay" ? "relay_off" : action.kind;
}

/** A camera and its part by names, as `yard/2`. */
function partName(action: RuleAction): string | undefined {
  if (action.kind !== "preset" && action.kind !== "relay") return undefined;
  const [camera = "", ...part] = action.target.split("/");
  return `${cameraById(camera)?.name ?? camera}, ${part.join("/")}`;
}

function RulePanel({ rule, names, onChanged }: { rule: Rule; names: Things; onChanged: () => void }) {
  const unfolded = useSignal(false);
  const asking = useSignal(false);
  const switching = useTask();
  const removal = useTask();
  const heading = `rule-${rule.id}`;
  const whose = <span class="visually-hidden">: {isolated(rule.name)}</span>;
  const light = rule.conditions.light;

  async function remove(): Promise<void> {
    await removal.run(async () => void (await api.removeRule(rule.id)));
    asking.value = false;
    onChanged();
  }

  return (
    <section class="panel" aria-labelledby={heading}>
      <div class="panel-head">
        <h2 id={heading}>
          <Name text={rule.name} />
        </h2>
        <p>
          {rulesText().when} {whenText(rule)}
          {light && `, ${rulesText().only.toLowerCase()} ${rulesText()[light]}`}
        </p>
        <p>
          {rulesText().then} {thenText(rule, names)}
        </p>
        {sites.value.length > 1 && (
          <p class="soft">
            <Name text={siteById(rule.site)?.name ?? rule.site} />
          </p>
        )}
      </div>
      {rule.conflicts.map((one) => (
        <Note key={one.rule} icon="alert">
          {rulesText().quarrel(isolated(one.name))}
        </Note>
      ))}
      {mayAdmin.value && (
        <SwitchField
          label={
            <>
              {rulesText().enabled}
              {whose}
            </>
          }
          on={rule.enabled}
          onSwitch={(enabled) =>
            void switching.run(async () => {
              await api.changeRule(rule.id, { enabled });
              onChanged();
            })
          }
        />
      )}
      {switching.error && <ErrorNote error={switching.error} />}
      {removal.error && <ErrorNote error={removal.error} />}
      <div class="actions">
        <button
          type="button"
          class="button"
          aria-expanded={unfolded.value}
          onClick={() => (unfolded.value = !unfolded.value)}
        >
          {rulesText().lately}
          {whose}
        </button>
        {mayAdmin.value && (
          <button type="button" class="text-button" onClick={() => (asking.value = true)}>
            {t().remove}
            {whose}
          </button>
        )}
      </div>
      {unfolded.value && <Lately rule={rule} />}
      <Confirm
        open={asking.value}
        question={rulesText().removeConfirm(isolated(rule.name))}
        text={rulesText().removeText}
        action={t().remove}
        busy={removal.busy}
        onConfirm={() => void remove()}
        onClose={() => (asking.value = false)}
      />
    </section>
  );
}

function Lately({ rule }: { rule: Rule }) {
  const notes = useLoaded(() => api.ruleLog(rule.id, SHOWN_NOTES));
  const pictures = useLoaded(() => api.rulePictures(rule.id));
  const week = useSignal<string>("");
  const rehearsal = useTask();
  const zone = siteById(rule.site)?.time_zone ?? "UTC";

  function rehearse(): void {
    void rehearsal.run(async () => {
      const lines = (await api.rehearseRule(rule.id)).filter((line) => line.why !== "ended" && line.why !== "still_held");
      const fired = lines.filter((line) => line.why === "fired").length;
      week.value = rulesText().wouldHave(fired, lines.length - fired);
    });
  }

  return (
    <>
      {notes.error && <ErrorNote error={notes.error} retry={() => void notes.load()} />}
      {notes.value.value?.length === 0 && <p class="soft">{rulesText().nothingYet}</p>}
      <ul class="rows">
        {notes.value.value?.map((note, place) => (
          <li key={place} class="row">
            <span class="row-main">
              <span>{noteText(note)}</span>
              <span class="soft row-more">{timeNear(note.at, zone, now.value)}</span>
            </span>
          </li>
        ))}
      </ul>
      {(pictures.value.value?.length ?? 0) > 0 && (
        <ul class="rule-pictures" aria-label={rulesText().pictures}>
          {pictures.value.value!.slice(0, SHOWN_PICTURES).map((one) => (
            <li key={one.name}>
              <a href={one.url} target="_blank" rel="noreferrer">
                <img src={one.url} alt={timeNear(momentOf(one.name), zone, now.value)} loading="lazy" />
              </a>
            </li>
          ))}
        </ul>
      )}
      <div class="actions">
        <button type="button" class="button" aria-disabled={rehearsal.busy} onClick={rehearse}>
          {rulesText().lastWeek}
        </button>
      </div>
      <div role="status">{week.value && <p class="hint">{week.value}</p>}</div>
      {rehearsal.error && <ErrorNote error={rehearsal.error} />}
    </>
  );
}

/** A picture's name begins with its moment: 20261121T143000250Z-1. */
function momentOf(name: string): string {
  return name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z.*$/, "$1-$2-$3T$4:$5:$6.$7Z");
}

function noteText(note: RuleNote): string {
  const { why, times, thens, orders } = rulesText();
  const done = note.orders.map((one) => {
    return `${thens[thenOf(one.action)]}: ${orders[one.state]}`;
  });
  const often = note.times > 1 ? [times(note.times)] : [];
  return [why[note.why], ...often, ...done].join(" · ");
}

const WHENS = ["event_began", "event_ended", "camera_offline", "time", "sunrise", "sunset", "sensor", "presence", "alarm", "sound"] as const;
const THENS = ["switch", "switch_off", "message", "keep_clip", "preset", "relay", "relay_off"] as const;
const PRESENCES = ["everybody_away", "first_home", "home", "away"] as const;
type When = (typeof WHENS)[number];
type Then = (typeof THENS)[number];
type Light = "always" | "dark" | "light";
const OF_CAMERAS: readonly TriggerKind[] = ["event_began", "event_ended", "camera_offline"];

/** The positions or outputs of all cameras of a site; the cameras are asked when somebody wants to choose. */
function PartField({ site, preset, value }: { site: string; preset: boolean; value: Signal<string> }) {
  const found = useLoaded(async () => {
    const own = cameras.value.filter((camera) => camera.site === site && camera.device_url);
    const asked = await Promise.allSettled(own.map((camera) => api.controls(camera.id)));
    const parts = asked.flatMap((answer, place) => {
      if (answer.status === "rejected") return [];
      const camera = own[place]!;
      const known = preset ? answer.value.presets : answer.value.relays.map(({ id }) => ({ id, name: id }));
      return known.map(({ id, name }) => ({ value: `${camera.id}/${id}`, text: `${camera.name}, ${name}` }));
    });
    value.value = parts[0]?.value ?? "";
    return parts;
  });
  const parts = found.value.value;
  if (!parts) return <Loading text={rulesText().asking} />;
  if (parts.length === 0) return <Note icon="alert">{rulesText().noParts}</Note>;
  return (
    <SelectField
      label={preset ? rulesText().position : rulesText().output}
      value={value.value}
      choices={parts}
      onChoice={(chosen) => (value.value = chosen)}
    />
  );
}

function RuleForm({ names, onDone, onCancel }: { names: Things; onDone: () => void; onCancel: () => void }) {
  const name = useSignal("");
  const site = useSite();
  const when = useSignal<When>("event_began");
  const camera = useSignal("");
  const time = useSignal("22:00");
  const sensor = useSignal("");
  const level = useSignal(-25);
  const presence = useSignal<(typeof PRESENCES)[number]>("everybody_away");
  const state = useSignal("");
  const light = useSignal<Light>("always");
  const then = useSignal<Then>(names.actuators.length > 0 ? "switch" : "message");
  const target = useSignal("");
  const text = useSignal("");
  const offAfter = useSignal("15");
  const task = useTask();
  const words = rulesText();
  const switches = then.value === "switch" || then.value === "switch_off";
  const targets = switches
    ? names.actuators.filter((one) => one.site === site.id)
    : names.channels.filter((one) => one.site === null || one.site === site.id);
  const chosen = targets.some((one) => one.id === target.value) ? target.value : (targets[0]?.id ?? "");
  const ofCamera = then.value === "preset" || then.value === "relay" || then.value === "relay_off";
  const lacks = then.value !== "keep_clip" && !ofCamera && targets.length === 0;
  const part = useSignal("");

  function rule(): NewRule {
    const trigger: NewRule["triggers"][number] = { kind: when.value };
    if (OF_CAMERAS.includes(when.value) && camera.value) trigger.cameras = [camera.value];
    if (when.value === "time") trigger.time = time.value;
    if (when.value === "sound") trigger.sound = { level_db: level.value, for_ms: 300 };
    if (when.value === "presence") trigger.state = presence.value;
    if (when.value === "alarm") trigger.state = "triggered";
    if (when.value === "sensor") Object.assign(trigger, { sensor: sensor.value.trim(), state: state.value.trim() });
    const minutes = Number.parseFloat(offAfter.value.replace(",", "."));
    if (ofCamera) return whole(trigger, { kind: then.value === "preset" ? "preset" : "relay", target: part.value, on: then.value !== "relay_off" });
    const action: NewRule["actions"][number] =
      then.value === "keep_clip" ? { kind: "keep_clip" } : { kind: switches ? "switch" : "message", target: chosen };
    if (switches) action.on = then.value === "switch";
    if (then.value === "switch" && minutes >= 0) action.off_after_s = minutes * 60;
    if (then.value === "message") action.text = text.value.trim();
    return whole(trigger, action);
  }

  function whole(trigger: NewRule["triggers"][number], action: NewRule["actions"][number]): NewRule {
    return {
      name: name.value.trim(),
      site: site.id,
      triggers: [trigger],
      conditions: { light: light.value === "always" ? null : light.value },
      actions: [action],
    };
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy || lacks || (ofCamera && !part.value)) return;
    void task.run(async () => {
      await api.addRule(rule());
      onDone();
    });
  }

  return (
    <form class="form" onSubmit={submit}>
      <TextField
        label={words.name}
        hint={words.nameHint}
        required
        maxLength={300}
        autocomplete="off"
        value={name.value}
        onText={(value) => (name.value = value)}
      />
      <SiteField label={words.site} site={site} />
      <div class="columns">
        <SelectField<When>
          label={words.when}
          value={when.value}
          choices={WHENS.map((value) => ({ value, text: words.whens[value] }))}
          onChoice={(value) => (when.value = value)}
        />
        {OF_CAMERAS.includes(when.value) && (
          <SelectField
            label={words.camera}
            value={camera.value}
            choices={[
              { value: "", text: words.anyCamera },
              ...cameras.value.filter((one) => one.site === site.id).map((one) => ({ value: one.id, text: one.name })),
            ]}
            onChoice={(id) => (camera.value = id)}
          />
        )}
        {when.value === "time" && (
          <TextField label={words.time} technical required value={time.value} onText={(value) => (time.value = value)} />
        )}
        {when.value === "sound" && (
          <RangeField
            label={words.loudness}
            hint={words.loudnessHint}
            value={level.value}
            min={-60}
            max={-5}
            step={5}
            shown={`${level.value} dB`}
            ends={[words.soft, words.loud]}
            onNumber={(value) => (level.value = value)}
          />
        )}
        {when.value === "presence" && (
          <SelectField
            label={words.who}
            value={presence.value}
            choices={PRESENCES.map((value) => ({ value, text: words.presences[value] }))}
            onChoice={(value) => (presence.value = value)}
          />
        )}
        {when.value === "sensor" && (
          <>
            <TextField label={words.sensor} required value={sensor.value} onText={(value) => (sensor.value = value)} />
            <TextField label={words.sensorState} required value={state.value} onText={(value) => (state.value = value)} />
          </>
        )}
      </div>
      <SelectField<Light>
        label={words.only}
        hint={light.value === "always" ? undefined : words.needsPlace}
        value={light.value}
        choices={(["always", "dark", "light"] as const).map((value) => ({ value, text: words[value] }))}
        onChoice={(value) => (light.value = value)}
      />
      <div class="columns">
        <SelectField<Then>
          label={words.then}
          value={then.value}
          choices={THENS.map((value) => ({ value, text: words.thens[value] }))}
          onChoice={(value) => (then.value = value)}
        />
        {ofCamera && <PartField key={`${then.value} ${site.id}`} site={site.id} preset={then.value === "preset"} value={part} />}
        {then.value !== "keep_clip" && !ofCamera && !lacks && (
          <SelectField
            label={switches ? words.what : words.whom}
            value={chosen}
            choices={targets.map((one) => ({ value: one.id, text: one.name }))}
            onChoice={(id) => (target.value = id)}
          />
        )}
      </div>
      {lacks && <Note icon="alert">{switches ? words.noActuators : words.noChannels}</Note>}
      {then.value === "switch" && (
        <TextField
          label={words.offAfter}
          hint={words.offAfterHint}
          technical
          value={offAfter.value}
          onText={(value) => (offAfter.value = value)}
        />
      )}
      {then.value === "message" && (
        <TextField label={words.text} maxLength={2000} value={text.value} onText={(value) => (text.value = value)} />
      )}
      {task.error && <ErrorNote error={task.error} />}
      <div class="actions">
        <Submit busy={task.busy}>{words.add}</Submit>
        <button type="button" class="button" onClick={onCancel}>
          {t().cancel}
        </button>
      </div>
    </form>
  );
}
