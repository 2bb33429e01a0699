/** Topics of the MQTT broker that are sensors, and listening there to choose more. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { HeardTopic, TopicSensor } from "../api/smart_home";
import { smartHomeText } from "../i18n/smart_home";
import { Submit, TextField } from "../parts/Field";
import { Name } from "../parts/Name";
import { ErrorNote } from "../parts/Notice";
import { useLoaded } from "../parts/useLoaded";
import { SiteField, useSite } from "../parts/SiteField";
import { useTask } from "../parts/useTask";

const LISTEN_S = 6;

export function TopicSensors({ connected }: { connected: boolean }) {
  const sensors = useLoaded(api.mqttSensors);
  const listening = useTask();
  const removal = useTask();
  const heard = useSignal<HeardTopic[] | null>(null);
  const found = sensors.value.value;
  const words = smartHomeText();

  return (
    <section class="panel" aria-labelledby="mqtt-sensors">
      <div class="panel-head">
        <h2 id="mqtt-sensors">{words.sensors}</h2>
        <p class="soft">{words.sensorsIntro}</p>
      </div>
      {sensors.error && <ErrorNote error={sensors.error} />}
      {found?.length === 0 && <p class="soft">{words.noSensors}</p>}
      {found && found.length > 0 && (
        <ul class="rows">
          {found.map((one) => (
            <li key={one.id} class="row">
              <span class="row-main">
                <Name text={one.name} />
                <span class="hint">
                  <bdi>{one.topic}</bdi>
                  {one.field && ` · ${one.field}`}
                  {one.state && ` · ${one.state}`}
                </span>
              </span>
              <button
                type="button"
                class="button"
                onClick={() => void removal.run(() => api.removeMqttSensor(one.id)).then(() => void sensors.load())}
              >
                {words.remove}
                <span class="visually-hidden">: {one.name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {removal.error && <ErrorNote error={removal.error} />}
      {connected && (
        <div class="actions">
          <button
            type="button"
            class="button"
            aria-disabled={listening.busy}
            onClick={() =>
              void (listening.busy || listening.run(async () => void (heard.value = await api.listenMqtt(LISTEN_S))))
            }
          >
            {listening.busy && <span class="spinner" aria-hidden="true" />}
            {listening.busy ? words.listening : words.listen}
          </button>
        </div>
      )}
      {listening.error && <ErrorNote error={listening.error} />}
      {heard.value && <Heard topics={heard.value} known={found ?? []} onAdded={() => void sensors.load()} />}
    </section>
  );
}

function Heard({ topics, known, onAdded }: { topics: HeardTopic[]; known: TopicSensor[]; onAdded: () => void }) {
  const chosen = useSignal("");
  const offers = topics
    .flatMap((one) => one.fields.map((field) => ({ topic: one.topic, ...field })))
    .filter((one) => !known.some((sensor) => sensor.topic === one.topic && sensor.field === one.field));
  if (offers.length === 0) return <p class="soft">{smartHomeText().heardNothing}</p>;
  return (
    <ul class="rows">
      {offers.map((one) => {
        const key = `${one.topic} ${one.field}`;
        return (
          <li key={key} class="row row-folding">
            <span class="row-main">
              <bdi>{one.topic}</bdi>
              <span class="hint">
                {one.field || smartHomeText().whole} · {one.state}
              </span>
            </span>
            {chosen.value === key ? (
              <AddSensor
                topic={one.topic}
                field={one.field}
                onDone={() => {
                  chosen.value = "";
                  onAdded();
                }}
              />
            ) : (
              <button type="button" class="button" onClick={() => (chosen.value = key)}>
                {smartHomeText().add}
                <span class="visually-hidden">: {key}</span>
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** A name that rules can use, out of the last part of the topic. */
function proposed(topic: string, field: string): string {
  const plain = (topic.split("/").pop() ?? "")
    .replace(/ä/g, "ae").replace(/ö/g, "oe").replace(/ü/g, "ue").replace(/ß/g, "ss")
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9 _.-]/g, "")
    .replace(/^[^A-Za-z0-9]+/, "");
  return field && field !== "contact" && field !== "occupancy" ? `${plain || "sensor"} ${field}` : plain || "sensor";
}

function AddSensor({ topic, field, onDone }: { topic: string; field: string; onDone: () => void }) {
  const name = useSignal(proposed(topic, field));
  const site = useSite();
  const task = useTask();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy) return;
    const sensor = { site: site.id, name: name.value.trim(), topic, field };
    void task.run(async () => void (await api.addMqttSensor(sensor))).then((well) => void (well && onDone()));
  }

  return (
    <form class="form" onSubmit={submit}>
      <TextField label={smartHomeText().name} hint={smartHomeText().nameHint} required maxLength={100} value={name.value} onText={(text) => (name.value = text)} />
      <SiteField label={smartHomeText().site} site={site} />
      {task.error && <ErrorNote error={task.error} />}
      <div class="actions">
        <Submit busy={task.busy}>{smartHomeText().add}</Submit>
      </div>
    </form>
  );
}
