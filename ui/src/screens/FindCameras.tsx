/** Cameras on the local network: looked for when asked, one is chosen, and its log-in given. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { FoundDevice } from "../api/types";
import { t } from "../i18n";
import { Submit, TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { ErrorNote } from "../parts/Notice";
import { useTask } from "../parts/useTask";

const SEARCH_S = 5;

/** What people recognise a device by. */
export function deviceName(device: FoundDevice): string {
  return device.name || [device.make, device.model].filter(Boolean).join(" ") || device.address;
}

export function FindCameras({ chosen, onChoose }: { chosen: string; onChoose: (device: FoundDevice) => void }) {
  const found = useSignal<FoundDevice[] | null>(null);
  const task = useTask();
  const cameras = (found.value ?? []).filter((one) => one.what === "camera" && one.url);
  const others = (found.value ?? []).length - cameras.length;

  function look(): void {
    if (task.busy) return;
    found.value = [];
    void task.run(() => api.discover(SEARCH_S, (progress) => (found.value = progress.devices)));
  }

  return (
    <section class="panel" aria-labelledby="find">
      <h2 id="find">{t().add.findTitle}</h2>
      <p class="lead">{t().add.findIntro}</p>
      {cameras.length > 0 && (
        <ul class="found-devices">
          {cameras.map((one) => (
            <li key={one.address}>
              <button type="button" aria-pressed={chosen === one.url} onClick={() => onChoose(one)}>
                <Icon name="camera" />
                <span>
                  <strong>{deviceName(one)}</strong>
                  <span class="soft">{[one.make, one.model, one.address].filter(Boolean).join(" · ")}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {task.error && <ErrorNote error={task.error} />}
      <div class="actions">
        <button type="button" class={found.value ? "button" : "button button-main"} disabled={task.busy} onClick={look}>
          {found.value && !task.busy ? t().add.findAgain : t().add.find}
        </button>
        <p class="hint beside" role="status">
          {task.busy && t().add.finding(cameras.length)}
          {!task.busy && !task.error && found.value && cameras.length === 0 && t().add.nobody}
          {!task.busy && others > 0 && ` ${t().add.otherDevices(others)}`}
        </p>
      </div>
    </section>
  );
}

interface LogInProps {
  device: FoundDevice;
  busy: boolean;
  onTry: (url: string) => void;
  onByHand: () => void;
}

/** `onTry` gets the device's address with the log-in in it. */
export function DeviceLogIn({ device, busy, onTry, onByHand }: LogInProps) {
  const user = useSignal("admin");
  const password = useSignal("");

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (!busy) onTry(withLogIn(device.url, user.value.trim(), password.value));
  }

  return (
    <form class="panel" onSubmit={submit}>
      <h2>{t().add.logInTo(deviceName(device))}</h2>
      <TextField
        label={t().add.user}
        technical
        autocomplete="off"
        value={user.value}
        onText={(text) => (user.value = text)}
      />
      <TextField
        label={t().add.password}
        hint={t().add.logInHint}
        type="password"
        autocomplete="off"
        value={password.value}
        onText={(text) => (password.value = text)}
      />
      <div class="actions">
        <Submit busy={busy}>{t().add.show}</Submit>
        <button type="button" class="button" disabled={busy} onClick={onByHand}>
          {t().add.byHand}
        </button>
        <p class="hint beside" role="status">
          {busy ? `${t().add.probing} ${t().add.probingHint}` : ""}
        </p>
      </div>
    </form>
  );
}

function withLogIn(url: string, user: string, password: string): string {
  if (!user && !password) return url;
  return url.replace("://", `://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);
}
