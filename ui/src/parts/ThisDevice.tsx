/** Messages on this device: switched on by one click, after saying honestly what carries them. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../api/client";
import type { Push, PushDevice } from "../api/types";
import { t } from "../i18n";
import { messagesText } from "../i18n/messages";
import { deviceHere, type PushState, pushState, switchOff, switchOn } from "../state/push";
import { Icon } from "./Icon";
import { Name } from "./Name";
import { ErrorNote, Note } from "./Notice";
import { useTask } from "./useTask";

export function ThisDevice({ onChanged }: { onChanged: () => void }) {
  const push = useSignal<Push | null>(null);
  const state = useSignal<PushState | null>(null);
  const failed = useSignal("");
  const sent = useSignal("");
  const task = useTask();
  const words = messagesText();

  async function load(): Promise<void> {
    push.value = await api.push();
    state.value = await pushState(push.value.devices);
  }
  useEffect(() => void task.run(load), []);

  function turn(on: boolean): void {
    if (task.busy) return;
    failed.value = sent.value = "";
    void task.run(async () => {
      try {
        if (on) await switchOn(push.value!.public_key);
        else await forget(deviceHere());
      } catch (error) {
        if (!(error instanceof DOMException)) throw error;
        failed.value = error.name === "NotAllowedError" ? words.pushBlocked : words.pushNoService;
      }
      await load();
      onChanged();
    });
  }

  async function forget(device: string): Promise<void> {
    if (device === deviceHere()) await switchOff();
    if (push.value!.devices.some((one) => one.id === device)) await api.removeDevice(device);
  }

  function test(): void {
    void task.run(async () => {
      const delivery = await api.testDevice(deviceHere());
      sent.value = delivery.result === "delivered" ? words.pushSent : `${words.pushNotSent} ${delivery.what}`;
    });
  }

  const here = state.value;
  const others = (push.value?.devices ?? []).filter((one) => one.id !== deviceHere());
  return (
    <section class="panel" aria-labelledby="this-device">
      <div class="panel-head">
        <h2 id="this-device">{words.thisDevice}</h2>
        <p class="soft">{words.pushText}</p>
      </div>
      {here === "insecure" && <Note icon="alert">{words.pushInsecure}</Note>}
      {here === "unable" && <Note icon="alert">{words.pushUnable}</Note>}
      {here === "blocked" && <Note icon="alert">{words.pushBlocked}</Note>}
      {(here === "off" || here === "on") && (
        <div class="actions">
          <button type="button" class={here === "on" ? "button" : "button button-main"} aria-disabled={task.busy} onClick={() => turn(here === "off")}>
            {task.busy && <span class="spinner" aria-hidden="true" />}
            {here === "on" ? words.pushOff : words.pushOn}
          </button>
          {here === "on" && (
            <button type="button" class="button" aria-disabled={task.busy} onClick={test}>
              {t().messages.test}
            </button>
          )}
        </div>
      )}
      <div role="status">
        {here === "on" && !sent.value && (
          <p class="site-line" data-kind="quiet">
            <Icon name="check" size={18} />
            <span>{words.pushIsOn}</span>
          </p>
        )}
        {sent.value && <p class="hint">{sent.value}</p>}
        {failed.value && <Note icon="alert">{failed.value}</Note>}
      </div>
      {task.error && <ErrorNote error={task.error} />}
      {others.length > 0 && <Others devices={others} onForget={(id) => void task.run(async () => {
        await forget(id);
        await load();
        onChanged();
      })} />}
    </section>
  );
}

function Others({ devices, onForget }: { devices: PushDevice[]; onForget: (id: string) => void }) {
  return (
    <>
      <h3>{messagesText().otherDevices}</h3>
      <ul class="rows">
        {devices.map((one) => (
          <li key={one.id} class="row">
            <span class="row-main">
              <Name text={one.name} />
            </span>
            <button type="button" class="text-button" onClick={() => onForget(one.id)}>
              {t().remove}
              <span class="visually-hidden">: {one.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
