/** A plain form for a new rule: when, only, then. */
import { type Signal, useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { Actuator, NewRule, TriggerKind } from "../api/rules";
import type { Channel } from "../api/types";
import { t } from "../i18n";
import { rulesText } from "../i18n/rules";
import { RangeField, SelectField, Submit, TextField } from "../parts/Field";
import { ErrorNote, Loading, Note } from "../parts/Notice";
import { useLoaded } from "../parts/useLoaded";
import { SiteField, useSite } from "../parts/SiteField";
import { useTask } from "../parts/useTask";
import { cameras } from "../state/world";

/** What a rule can act on. */
export interface Things {
  actuators: Actuator[];
  channels: Channel[];
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

export function RuleForm({ names, onDone, onCancel }: { names: Things; onDone: () => void; onCancel: () => void }) {
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
