/** Cameras on the local network: looked for when asked, one is chosen, and its log-in given. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api } from "../api/client";
import type { FoundDevice } from "../api/types";
import { t } from "../i18n";
import { Submit, TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { ErrorNote } from "../parts/Notice";
import { SiteField, useSite } from "../parts/SiteField";
import { useTask } from "../parts/useTask";
import { foundDevices, hostsOfCameras } from "../state/found_devices";
import { filters, go } from "../state/route";

const SEARCH_S = 5;

/** What people recognise a device by. */
export function deviceName(device: FoundDevice): string {
  return device.name || [device.make, device.model].filter(Boolean).join(" ") || device.address;
}

export function FindCameras({ chosen, onChoose }: { chosen: string; onChoose: (device: FoundDevice) => void }) {
  const task = useTask();
  const found = foundDevices.value ?? [];
  const known = hostsOfCameras();
  const cameras = found.filter((one) => one.what === "camera" && one.url);
  const fresh = cameras.filter((one) => !known.has(one.address));
  const others = found.length - cameras.length;

  function look(): void {
    if (task.busy) return;
    foundDevices.value = [];
    void task.run(() => api.discover(SEARCH_S, (progress) => (foundDevices.value = progress.devices)));
  }

  /** Whoever came by "Look for cameras" has asked already; coming back to the address asks for nothing. */
  useEffect(() => {
    if (!filters.peek().has("look")) return;
    go("/add", "replace");
    look();
  }, []);

  return (
    <section class="panel" aria-labelledby="find">
      <h2 id="find">{t().add.findTitle}</h2>
      <p class="lead">{t().add.findIntro}</p>
      {cameras.length > 0 && (
        <ul class="found-devices">
          {[...fresh, ...cameras.filter((one) => known.has(one.address))].map((one) => (
            <li key={one.address}>
              <Found device={one} known={known.has(one.address)} chosen={chosen === one.url} onChoose={onChoose} />
            </li>
          ))}
        </ul>
      )}
      {task.error && <ErrorNote error={task.error} />}
      <div class="actions">
        <button type="button" class={foundDevices.value ? "button" : "button button-main"} disabled={task.busy} onClick={look}>
          {foundDevices.value && !task.busy ? t().add.findAgain : t().add.find}
        </button>
        <p class="hint beside" role="status">
          {task.busy && t().add.finding(cameras.length)}
          {!task.busy && !task.error && foundDevices.value && cameras.length === 0 && t().add.nobody}
          {!task.busy && others > 0 && ` ${t().add.otherDevices(others)}`}
        </p>
      </div>
    </section>
  );
}

interface FoundProps {
  device: FoundDevice;
  known: boolean;
  chosen: boolean;
  onChoose: (device: FoundDevice) => void;
}

function Found({ device, known, chosen, onChoose }: FoundProps) {
  const facts = [device.make, device.model, device.address].filter(Boolean);
  return (
    <button type="button" aria-pressed={chosen} onClick={() => onChoose(device)}>
      <Icon name={known ? "check" : "camera"} />
      <span>
        <strong>{deviceName(device)}</strong>
        <span class="soft">{(known ? [t().add.known, ...facts] : facts).join(" · ")}</span>
      </span>
    </button>
  );
}

interface LogInProps {
  device: FoundDevice;
  busy: boolean;
  /** The address has the log-in in it. */
  onAdd: (device: FoundDevice, url: string, site: string) => void;
  onShow: (url: string) => void;
  onByHand: () => void;
}

/** A NetCam in setup mode has always the same log-in. */
export function DeviceLogIn({ device, busy, onAdd, onShow, onByHand }: LogInProps) {
  const own = device.kinds.includes("netcam");
  const user = useSignal("admin");
  const password = useSignal(own ? "admin" : "");
  const site = useSite();
  const form = useRef<HTMLFormElement>(null);
  const url = () => withLogIn(device.url, user.value.trim(), password.value);

  useEffect(() => {
    const next = form.current?.querySelector<HTMLElement>(own ? "button[type=submit]" : "input[type=password]");
    next?.focus({ preventScroll: true });
    form.current?.scrollIntoView({ block: "nearest" });
  }, []);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (!busy) onAdd(device, url(), site.id);
  }

  return (
    <form class="panel" ref={form} onSubmit={submit}>
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
        hint={own ? t().add.netcamHint : t().add.logInHint}
        type="password"
        autocomplete="off"
        value={password.value}
        onText={(text) => (password.value = text)}
      />
      <SiteField label={t().add.site} site={site} />
      <div class="actions">
        <Submit busy={busy}>{t().add.adopt}</Submit>
        {!own && (
          <button type="button" class="button" disabled={busy} onClick={() => onShow(url())}>
            {t().add.show}
          </button>
        )}
        <button type="button" class="text-button" disabled={busy} onClick={onByHand}>
          {t().add.byHand}
        </button>
        <p class="hint beside" role="status">
          {busy ? t().add.probing : ""}
        </p>
      </div>
    </form>
  );
}

function withLogIn(url: string, user: string, password: string): string {
  if (!user && !password) return url;
  return url.replace("://", `://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);
}
