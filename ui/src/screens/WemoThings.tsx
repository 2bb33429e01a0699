/** What rules switch and hear: what is there, and Wemo devices found on demand. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { Actuator } from "../api/rules";
import type { WemoDevice, WemoSensor } from "../api/wemo";
import { isolated } from "../i18n/isolate";
import { wemoText } from "../i18n/wemo";
import { Confirm } from "../parts/Confirm";
import { Submit, TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Name } from "../parts/Name";
import { ErrorNote } from "../parts/Notice";
import { useLoaded } from "../parts/useLoaded";
import { SiteField, useSite } from "../parts/SiteField";
import { useTask } from "../parts/useTask";
import { mayAdmin, sites } from "../state/world";
import { WemoRules } from "./WemoRules";

const SEARCH_S = 3;

interface Things {
  actuators: Actuator[];
  sensors: WemoSensor[];
}

async function things(): Promise<Things> {
  const [actuators, sensors] = await Promise.all([api.actuators(), api.wemoSensors()]);
  return { actuators, sensors };
}

export function WemoThings({ onChanged }: { onChanged: () => void }) {
  const known = useLoaded(things);
  const found = known.value.value;
  const words = wemoText();

  function changed(): void {
    void known.load();
    onChanged();
  }

  return (
    <>
      <section class="panel" aria-labelledby="things">
        <div class="panel-head">
          <h2 id="things">{words.title}</h2>
          <p class="soft">{words.intro}</p>
        </div>
        {known.error && <ErrorNote error={known.error} retry={() => void known.load()} />}
        {found && found.actuators.length + found.sensors.length === 0 && <p class="soft">{words.nothing}</p>}
        <ul class="rows">
          {found?.actuators.map((one) => (
            <Thing key={one.id} name={one.name} more={words.switches} remove={() => api.removeActuator(one.id)} onGone={changed} />
          ))}
          {found?.sensors.map((one) => (
            <Thing
              key={one.udn}
              name={one.label || one.name}
              more={`${words.hears} · ${words.heardAs(isolated(one.name))}`}
              remove={() => api.removeWemoSensor(one.udn)}
              onGone={changed}
            />
          ))}
        </ul>
        {found && mayAdmin.value && <Search known={found} onAdded={changed} />}
      </section>
      {mayAdmin.value && <WemoRules onMade={changed} />}
    </>
  );
}

function Thing(props: { name: string; more: string; remove: () => Promise<unknown>; onGone: () => void }) {
  const asking = useSignal(false);
  const task = useTask();
  const words = wemoText();

  async function remove(): Promise<void> {
    const done = await task.run(async () => void (await props.remove()));
    asking.value = false;
    if (done) props.onGone();
  }

  return (
    <li class="row">
      <span class="row-main">
        <Name text={props.name} />
        <span class="hint">{props.more}</span>
        {task.error && <ErrorNote error={task.error} />}
      </span>
      {mayAdmin.value && (
        <button type="button" class="text-button" onClick={() => (asking.value = true)}>
          {words.remove}
          <span class="visually-hidden">: {isolated(props.name)}</span>
        </button>
      )}
      <Confirm
        open={asking.value}
        question={words.removeQuestion(props.name)}
        text={words.removeText}
        action={words.remove}
        busy={task.busy}
        onConfirm={() => void remove()}
        onClose={() => (asking.value = false)}
      />
    </li>
  );
}

function Search({ known, onAdded }: { known: Things; onAdded: () => void }) {
  const found = useSignal<WemoDevice[] | null>(null);
  const host = useSignal("");
  const task = useTask();
  const words = wemoText();

  function look(event: SubmitEvent): void {
    event.preventDefault();
    if (!task.busy) void task.run(async () => void (found.value = await api.wemoLook(host.value.trim())));
  }

  return (
    <>
      <div class="actions">
        <button
          type="button"
          class="button"
          aria-disabled={task.busy}
          onClick={() => void (task.busy || task.run(async () => void (found.value = await api.wemoSearch(SEARCH_S))))}
        >
          {task.busy ? <span class="spinner" aria-hidden="true" /> : <Icon name="plus" />}
          {task.busy ? words.searching : words.search}
        </button>
      </div>
      <p class="hint">{words.searchHint}</p>
      <details>
        <summary>{words.byAddress}</summary>
        <form class="form" onSubmit={look}>
          <TextField
            label={words.address}
            hint={words.addressHint}
            technical
            required
            maxLength={15}
            value={host.value}
            onText={(text) => (host.value = text)}
          />
          <div class="actions">
            <Submit busy={task.busy}>{words.ask}</Submit>
          </div>
        </form>
      </details>
      {task.error && <ErrorNote error={task.error} />}
      <div role="status">{found.value?.length === 0 && <p class="soft">{words.none}</p>}</div>
      {found.value && found.value.length > 0 && (
        <ul class="rows">
          {found.value.map((one) => (
            <Found key={one.udn} device={one} known={known} onAdded={onAdded} />
          ))}
        </ul>
      )}
    </>
  );
}

function Found({ device, known, onAdded }: { device: WemoDevice; known: Things; onAdded: () => void }) {
  const adding = useSignal(false);
  const task = useTask();
  const words = wemoText();
  const heard = known.sensors.some((one) => one.udn === device.udn);
  const there = known.actuators.some((one) => one.address === `wemo://${device.host}:${device.port}`);
  const name = device.name || device.udn;

  function hear(): void {
    const { udn, host, port } = device;
    const site = sites.value[0]?.id ?? "";
    void task.run(async () => void (await api.addWemoSensor({ udn, host, port, site, label: device.name }))).then((well) => well && onAdded());
  }

  return (
    <li class="row row-folding">
      <span class="row-main">
        <Name text={name} />
        <span class="hint">
          {words.kinds[device.kind]} · <bdi>{device.host}</bdi>
          {(there || heard) && ` · ${words.known}`}
        </span>
        {task.error && <ErrorNote error={task.error} />}
      </span>
      {adding.value ? (
        <AddSwitch
          device={device}
          onDone={() => {
            adding.value = false;
            onAdded();
          }}
        />
      ) : (
        <>
          {device.switched && !there && (
            <button type="button" class="button" onClick={() => (adding.value = true)}>
              {words.add}
              <span class="visually-hidden">: {isolated(name)}</span>
            </button>
          )}
          {device.senses && !heard && (
            <button type="button" class="button" aria-disabled={task.busy} onClick={hear}>
              {words.hear}
              <span class="visually-hidden">: {isolated(name)}</span>
            </button>
          )}
        </>
      )}
    </li>
  );
}

function AddSwitch({ device, onDone }: { device: WemoDevice; onDone: () => void }) {
  const name = useSignal(device.name);
  const site = useSite();
  const minutes = useSignal("");
  const task = useTask();
  const words = wemoText();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy) return;
    const { udn, host, port } = device;
    const off = Number.parseInt(minutes.value, 10);
    const fields = { udn, host, port: String(port), ...(off > 0 && { self_off_s: String(off * 60) }) };
    const made = { name: name.value.trim(), site: site.id, kind: "wemo" as const, fields };
    void task.run(async () => void (await api.addActuator(made))).then((well) => well && onDone());
  }

  return (
    <form class="form" onSubmit={submit}>
      <TextField label={words.name} required maxLength={300} value={name.value} onText={(text) => (name.value = text)} />
      <SiteField label={words.site} site={site} />
      <TextField
        label={words.selfOff}
        hint={words.selfOffHint}
        technical
        maxLength={4}
        value={minutes.value}
        onText={(text) => (minutes.value = text)}
      />
      {task.error && <ErrorNote error={task.error} />}
      <div class="actions">
        <Submit busy={task.busy}>{words.save}</Submit>
      </div>
    </form>
  );
}
