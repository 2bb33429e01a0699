/** How the alarm panel of a site is set up: zones, times, sirens, codes. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { AlarmCode, AlarmSettings, AlarmStatus, AlarmZone, SensorState, StoredAlarmSettings, ZoneKind } from "../api/alarm";
import { api } from "../api/client";
import type { Actuator } from "../api/rules";
import { alarmText } from "../i18n/alarm";
import { isolated } from "../i18n/isolate";
import { Confirm } from "../parts/Confirm";
import { CheckField, RangeField, SelectField, Submit, SwitchField, TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Note } from "../parts/Notice";
import { useTask } from "../parts/useTask";
import { to } from "../state/route";
import { cameras } from "../state/world";
import { alarmSentence } from "./Alarm";

const KINDS: ZoneKind[] = ["perimeter", "entry", "interior", "always"];
const NEW_ZONE: AlarmZone = {
  name: "",
  kind: "perimeter",
  sensors: [],
  cameras: [],
  states: ["open", "on", "alarm"],
  confirm: false,
  siren: true,
};

interface Known {
  settings: StoredAlarmSettings;
  sensors: SensorState[];
  actuators: Actuator[];
  codes: AlarmCode[];
}

async function known(site: string): Promise<Known> {
  const [settings, sensors, actuators] = await Promise.all([api.alarmSettings(site), api.sensors(site), api.actuators()]);
  const codes = settings.set_up ? await api.alarmCodes(site) : [];
  return { settings, sensors, actuators: actuators.filter((one) => one.site === site), codes };
}

export function AlarmSetUp(props: { site: string; status: AlarmStatus; onChanged: () => void }) {
  const found = useSignal<Known | null>(null);
  const task = useTask();
  const load = () => void task.run(async () => void (found.value = await known(props.site)));
  useEffect(load, [props.site, props.status.set_up]);
  const changed = () => {
    load();
    props.onChanged();
  };
  if (!found.value) return null;
  const locked = props.status.set_up && props.status.state !== "disarmed";
  return (
    <section class="panel" aria-labelledby="alarm-set-up">
      <details class="adding alarm-set-up" open={!props.status.set_up}>
        <summary class="button">
          <Icon name="gear" />
          <span id="alarm-set-up">{alarmText().settings}</span>
        </summary>
        {locked && <Note icon="alert">{alarmText().armedNow}</Note>}
        {!locked && <SettingsForm site={props.site} known={found.value} onSaved={changed} />}
        {!locked && props.status.set_up && <Codes site={props.site} codes={found.value.codes} onChanged={changed} />}
        {!locked && props.status.set_up && <TakeAway site={props.site} onGone={changed} />}
      </details>
    </section>
  );
}

function SettingsForm({ site, known: { settings, sensors, actuators }, onSaved }: { site: string; known: Known; onSaved: () => void }) {
  const draft = useSignal<AlarmSettings>(plain(settings));
  const saved = useSignal(false);
  const task = useTask();
  const set = (change: Partial<AlarmSettings>) => {
    saved.value = false;
    draft.value = { ...draft.value, ...change };
  };
  const values = draft.value;

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    saved.value = await task.run(async () => void (await api.setUpAlarm(site, values)));
    if (saved.value) onSaved();
  }

  return (
    <form class="form" onSubmit={(event) => void save(event)}>
      <Warnings settings={settings} />
      <h3>{alarmText().zones}</h3>
      <p class="soft">{values.zones.length ? alarmText().zonesHint : alarmText().noZones}</p>
      {values.zones.map((zone, place) => (
        <ZoneForm
          key={zone.id ?? place}
          zone={zone}
          site={site}
          sensors={sensors}
          onZone={(next) => set({ zones: values.zones.map((one, at) => (at === place ? next : one)) })}
          onRemove={() => set({ zones: values.zones.filter((_, at) => at !== place) })}
        />
      ))}
      <div class="actions">
        <button type="button" class="button" onClick={() => set({ zones: [...values.zones, { ...NEW_ZONE }] })}>
          <Icon name="plus" />
          {alarmText().addZone}
        </button>
      </div>
      <h3>{alarmText().delays}</h3>
      <Seconds label={alarmText().exit} value={values.exit_delay_s} max={180} onNumber={(exit_delay_s) => set({ exit_delay_s })} />
      <Seconds label={alarmText().entry} value={values.entry_delay_s} max={180} onNumber={(entry_delay_s) => set({ entry_delay_s })} />
      <Seconds label={alarmText().confirmTime} value={values.confirm_s} max={300} onNumber={(confirm_s) => set({ confirm_s })} />
      <h3>{alarmText().sirens}</h3>
      {actuators.length === 0 && <p class="soft">{alarmText().noSirens}</p>}
      {actuators.length > 0 && (
        <CheckField
          label={alarmText().sirens}
          chosen={values.sirens}
          choices={actuators.map((one) => ({ value: one.id, text: one.name }))}
          onChosen={(sirens) => set({ sirens })}
        />
      )}
      <Seconds label={alarmText().sirenTime} value={values.siren_s} min={10} max={600} onNumber={(siren_s) => set({ siren_s })} />
      <RangeField
        label={alarmText().sirenTimes}
        value={values.most_sirens}
        min={1}
        max={10}
        shown={alarmText().times(values.most_sirens)}
        onNumber={(most_sirens) => set({ most_sirens })}
      />
      <SwitchField label={alarmText().codeToArm} on={values.code_to_arm} onSwitch={(code_to_arm) => set({ code_to_arm })} />
      {task.error && <Note icon="alert">{alarmSentence(task.error)}</Note>}
      <div class="actions">
        <Submit busy={task.busy}>{settings.set_up ? alarmText().save : alarmText().setUp}</Submit>
        {saved.value && <p role="status">{alarmText().saved}</p>}
      </div>
    </form>
  );
}

function plain(settings: StoredAlarmSettings): AlarmSettings {
  const { set_up: _made, channels: _counted, ...rest } = settings;
  return rest;
}

function Warnings({ settings }: { settings: StoredAlarmSettings }) {
  if (!settings.set_up || settings.channels.alarm > 0) return null;
  return (
    <Note icon="alert">
      {alarmText().noAlarmChannel} <a href={to.messages}>{alarmText().toMessages}</a>
    </Note>
  );
}

function Seconds(props: { label: string; value: number; min?: number; max: number; onNumber: (value: number) => void }) {
  return (
    <RangeField
      label={props.label}
      value={props.value}
      min={props.min ?? 0}
      max={props.max}
      step={5}
      shown={alarmText().seconds(props.value)}
      onNumber={props.onNumber}
    />
  );
}

function ZoneForm(props: {
  zone: AlarmZone;
  site: string;
  sensors: SensorState[];
  onZone: (zone: AlarmZone) => void;
  onRemove: () => void;
}) {
  const { zone } = props;
  const set = (change: Partial<AlarmZone>) => props.onZone({ ...zone, ...change });
  const states = useSignal(zone.states.join(", "));
  const sensors = [...new Set([...props.sensors.map((one) => one.name), ...zone.sensors])];
  const here = cameras.value.filter((camera) => camera.site === props.site);
  return (
    <details class="alarm-zone" open={!zone.id}>
      <summary>
        <span class="alarm-zone-name">{zone.name ? isolated(zone.name) : alarmText().newZone}</span>{" "}
        <span class="soft">{alarmText().kinds[zone.kind]}</span>
      </summary>
      <div>
      <TextField label={alarmText().name} value={zone.name} required maxLength={60} onText={(name) => set({ name })} />
      <SelectField
        label={alarmText().kind}
        value={zone.kind}
        choices={KINDS.map((kind) => ({ value: kind, text: alarmText().kinds[kind] }))}
        onChoice={(kind) => set({ kind })}
      />
      {sensors.length === 0 && <p class="soft">{alarmText().noSensors}</p>}
      {sensors.length > 0 && (
        <CheckField
          label={alarmText().sensors}
          chosen={zone.sensors}
          choices={sensors.map((name) => ({ value: name, text: name }))}
          onChosen={(chosen) => set({ sensors: chosen })}
        />
      )}
      {here.length > 0 && (
        <CheckField
          label={alarmText().cameras}
          chosen={zone.cameras}
          choices={here.map((camera) => ({ value: camera.id, text: camera.name }))}
          onChosen={(chosen) => set({ cameras: chosen })}
        />
      )}
      <TextField
        label={alarmText().states}
        hint={alarmText().statesHint}
        value={states.value}
        technical
        onText={(text) => {
          states.value = text;
          set({ states: text.split(",").map((one) => one.trim()).filter(Boolean) });
        }}
      />
      <SwitchField label={alarmText().confirm} hint={alarmText().confirmHint} on={zone.confirm} onSwitch={(confirm) => set({ confirm })} />
      <SwitchField label={alarmText().loud} on={zone.siren} onSwitch={(siren) => set({ siren })} />
      <div class="actions">
        <button type="button" class="button" onClick={props.onRemove}>
          <Icon name="trash" size={18} />
          {alarmText().removeZone}
        </button>
      </div>
      </div>
    </details>
  );
}

function Codes({ site, codes, onChanged }: { site: string; codes: AlarmCode[]; onChanged: () => void }) {
  const name = useSignal("");
  const code = useSignal("");
  const duress = useSignal(false);
  const task = useTask();

  async function add(event: Event): Promise<void> {
    event.preventDefault();
    const well = await task.run(async () => void (await api.addAlarmCode(site, name.value, code.value, duress.value)));
    if (!well) return;
    name.value = code.value = "";
    duress.value = false;
    onChanged();
  }
  const remove = (id: string) =>
    void task.run(async () => {
      await api.removeAlarmCode(site, id);
      onChanged();
    });

  return (
    <form class="form" onSubmit={(event) => void add(event)}>
      <h3>{alarmText().codes}</h3>
      <p class="soft">{alarmText().codesHint}</p>
      <ul class="alarm-codes">
        {codes.map((one) => (
          <li key={one.id}>
            <span>
              {isolated(one.name)}
              {one.duress && <span class="soft"> ({alarmText().duress})</span>}
            </span>
            <button type="button" class="quiet-button" aria-label={alarmText().removeCode(one.name)} onClick={() => remove(one.id)}>
              <Icon name="trash" size={18} />
            </button>
          </li>
        ))}
      </ul>
      <TextField label={alarmText().person} value={name.value} required maxLength={60} onText={(text) => (name.value = text)} />
      <PinField code={code} />
      <SwitchField
        label={alarmText().duress}
        hint={alarmText().duressHint}
        on={duress.value}
        onSwitch={(on) => (duress.value = on)}
      />
      {task.error && <Note icon="alert">{alarmSentence(task.error)}</Note>}
      <div class="actions">
        <button type="submit" class="button" aria-disabled={task.busy}>
          <Icon name="plus" />
          {alarmText().addCode}
        </button>
      </div>
    </form>
  );
}

function PinField({ code }: { code: Signal<string> }) {
  return (
    <TextField
      label={alarmText().newCode}
      hint={alarmText().errors.alarm_code_form}
      type="password"
      autocomplete="off"
      value={code.value}
      required
      maxLength={12}
      technical
      onText={(text) => (code.value = text)}
    />
  );
}

function TakeAway({ site, onGone }: { site: string; onGone: () => void }) {
  const asking = useSignal(false);
  const task = useTask();
  return (
    <div class="actions">
      <button type="button" class="button button-danger" onClick={() => (asking.value = true)}>
        {alarmText().remove}
      </button>
      <Confirm
        open={asking.value}
        question={alarmText().remove}
        text={alarmText().removeAsk}
        action={alarmText().remove}
        busy={task.busy}
        onClose={() => (asking.value = false)}
        onConfirm={() =>
          void task.run(async () => {
            await api.removeAlarm(site);
            asking.value = false;
            onGone();
          })
        }
      />
    </div>
  );
}
