/** Other programs of the house: the MQTT broker with Home Assistant, and the sensors there. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, api } from "../api/client";
import type { Broker, Mqtt } from "../api/smart_home";
import { t } from "../i18n";
import { smartHomeText } from "../i18n/smart_home";
import { Confirm } from "../parts/Confirm";
import { Submit, SwitchField, TextField } from "../parts/Field";
import { Blank, ErrorNote, Loading, Note } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { SettingsLink } from "../parts/SettingsLink";
import { useLoaded } from "../parts/useLoaded";
import { useTask } from "../parts/useTask";
import { language } from "../state/preferences";
import { mayAdmin } from "../state/world";
import { HomeKitPanel } from "./HomeKitPanel";
import { TopicSensors } from "./TopicSensors";

const LOOK_AGAIN_MS = 2000;

export function SmartHomeScreen() {
  if (!mayAdmin.value) {
    return (
      <Screen title={smartHomeText().title} quietTitle>
        <Blank title={t().errors.denied} />
      </Screen>
    );
  }
  return (
    <Screen title={smartHomeText().title} width="narrow">
      <div class="panels">
        <SettingsLink />
        <MqttPanel />
        <HomeKitPanel />
      </div>
    </Screen>
  );
}

function MqttPanel() {
  const mqtt = useLoaded(api.mqtt);
  const found = mqtt.value.value;
  const { load, error } = mqtt;

  useEffect(() => {
    if (error) return undefined;
    const timer = setInterval(() => void (document.hidden || load()), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [error]);

  return (
    <>
      <section class="panel" aria-labelledby="mqtt">
        <div class="panel-head">
          <h2 id="mqtt">{smartHomeText().mqtt}</h2>
          <p class="soft">{smartHomeText().mqttIntro}</p>
        </div>
        {error && <ErrorNote error={error} retry={() => void load()} />}
        {!found && !error && <Loading />}
        {found && !found.broker && <BrokerForm broker={null} onDone={() => void load()} />}
        {found?.broker && <BrokerState mqtt={found} broker={found.broker} onChanged={() => void load()} />}
      </section>
      {found?.broker && <TopicSensors connected={found.connected} />}
    </>
  );
}

function BrokerState({ mqtt, broker, onChanged }: { mqtt: Mqtt; broker: Broker; onChanged: () => void }) {
  const changing = useSignal(false);
  const asking = useSignal(false);
  const task = useTask();
  const { trouble } = mqtt;

  async function remove(): Promise<void> {
    await task.run(api.removeMqtt);
    asking.value = false;
    onChanged();
  }

  function switched(enabled: boolean): void {
    const { has_password: _password, locked: _locked, ...rest } = broker;
    void task.run(async () => void (await api.setMqtt({ ...rest, enabled }))).then(onChanged);
  }

  return (
    <>
      <p>
        <bdi class="technical">
          {broker.host}:{broker.port}
        </bdi>{" "}
        <span class="soft" role="status">
          {stateText(mqtt, broker)}
        </span>
      </p>
      {broker.locked && <Note icon="alert">{smartHomeText().locked}</Note>}
      {trouble && !mqtt.connected && (
        <ErrorNote error={new ApiError(trouble.kind, trouble.what, trouble.hint, trouble.details, 0, trouble.code)} />
      )}
      {task.error && <ErrorNote error={task.error} />}
      <SwitchField label={smartHomeText().enabled} on={broker.enabled} onSwitch={switched} />
      {changing.value ? (
        <BrokerForm
          broker={broker}
          onDone={() => {
            changing.value = false;
            onChanged();
          }}
          onCancel={() => (changing.value = false)}
        />
      ) : (
        <div class="actions">
          <button type="button" class="button" onClick={() => (changing.value = true)}>
            {smartHomeText().change}
          </button>
          <button type="button" class="button" onClick={() => (asking.value = true)}>
            {smartHomeText().remove}
          </button>
        </div>
      )}
      <Confirm
        open={asking.value}
        question={smartHomeText().removeQuestion}
        text={smartHomeText().removeText}
        action={smartHomeText().remove}
        busy={task.busy}
        onConfirm={() => void remove()}
        onClose={() => (asking.value = false)}
      />
    </>
  );
}

function stateText(mqtt: Mqtt, broker: Broker): string {
  if (!broker.enabled) return smartHomeText().off;
  if (mqtt.connected) return smartHomeText().connected;
  return mqtt.trouble ? "" : smartHomeText().connecting;
}

function BrokerForm(props: { broker: Broker | null; onDone: () => void; onCancel?: () => void }) {
  const { broker } = props;
  const host = useSignal(broker?.host ?? "");
  const port = useSignal(broker ? String(broker.port) : "");
  const user = useSignal(broker?.user ?? "");
  const password = useSignal("");
  const tls = useSignal(broker?.tls ?? false);
  const ca = useSignal(broker?.ca ?? "");
  const control = useSignal(broker?.allow_control ?? true);
  const prefix = useSignal(broker?.prefix ?? "wachtel");
  const discovery = useSignal(broker?.discovery ?? "homeassistant");
  const task = useTask();
  const words = smartHomeText();

  async function send(): Promise<void> {
    await api.setMqtt({
      host: host.value.trim(),
      user: user.value.trim(),
      tls: tls.value,
      ca: tls.value ? ca.value.trim() : "",
      prefix: prefix.value.trim(),
      discovery: discovery.value.trim(),
      allow_control: control.value,
      enabled: true,
      language: language.value,
      ...(port.value.trim() ? { port: Number(port.value) } : {}),
      ...(password.value ? { password: password.value } : {}),
    });
    props.onDone();
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (!task.busy) void task.run(send);
  }

  return (
    <form class="form" onSubmit={submit}>
      <TextField label={words.host} hint={words.hostHint} technical required maxLength={253} autocomplete="off" value={host.value} onText={(text) => (host.value = text)} />
      <div class="columns">
        <TextField label={words.user} note={t().optional} technical maxLength={1000} autocomplete="off" value={user.value} onText={(text) => (user.value = text)} />
        <TextField
          label={words.password}
          note={t().optional}
          hint={broker?.has_password ? words.passwordKept : undefined}
          type="password"
          maxLength={1000}
          autocomplete="new-password"
          value={password.value}
          onText={(text) => (password.value = text)}
        />
      </div>
      <SwitchField label={words.control} hint={words.controlHint} on={control.value} onSwitch={(on) => (control.value = on)} />
      <details class="adding">
        <summary class="button">{words.more}</summary>
        <div class="form">
          <TextField label={words.port} hint={words.portHint} technical maxLength={5} value={port.value} onText={(text) => (port.value = text)} />
          <SwitchField label={words.tls} on={tls.value} onSwitch={(on) => (tls.value = on)} />
          {tls.value && <PemField value={ca.value} onText={(text) => (ca.value = text)} />}
          <TextField label={words.prefix} technical required maxLength={160} value={prefix.value} onText={(text) => (prefix.value = text)} />
          <TextField label={words.discovery} technical required maxLength={160} value={discovery.value} onText={(text) => (discovery.value = text)} />
        </div>
      </details>
      {task.error && <ErrorNote error={task.error} />}
      <div class="actions">
        <Submit busy={task.busy}>{broker ? t().save : words.connect}</Submit>
        {props.onCancel && (
          <button type="button" class="button" onClick={props.onCancel}>
            {t().cancel}
          </button>
        )}
      </div>
    </form>
  );
}

function PemField({ value, onText }: { value: string; onText: (text: string) => void }) {
  return (
    <div class="field">
      <label for="mqtt-ca">
        {smartHomeText().ca}
        <span class="soft"> ({t().optional})</span>
      </label>
      <textarea id="mqtt-ca" rows={4} spellcheck={false} dir="ltr" maxLength={65536} value={value} aria-describedby="mqtt-ca-more" onInput={(event) => onText(event.currentTarget.value)} />
      <p class="hint" id="mqtt-ca-more">
        {smartHomeText().caHint}
      </p>
    </div>
  );
}
