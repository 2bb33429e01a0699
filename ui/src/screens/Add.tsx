/** A new camera: its address is tried, what was found is told in words with a picture, and only then it is saved. */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { api } from "../api/client";
import type { Camera, Finding, FoundDevice, Mode, ProbeReport } from "../api/types";
import { number, t } from "../i18n";
import { ChoiceField, Submit, SwitchField, TextField } from "../parts/Field";
import { FindingLine } from "../parts/FindingLine";
import { Blank, ErrorNote } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { SiteField, useSite } from "../parts/SiteField";
import { useTask } from "../parts/useTask";
import { modeChoices } from "../parts/modeChoices";
import { DeviceLogIn, FindCameras, deviceName } from "./FindCameras";
import { noteAdded } from "../state/just_added";
import { go } from "../state/route";
import { mayAdmin, refreshSitesSoon, takeCamera } from "../state/world";

interface Tried {
  url: string;
  allowLocal: boolean;
  report: ProbeReport;
}

export function AddScreen() {
  const tried = useSignal<Tried | null>(null);
  const device = useSignal<FoundDevice | null>(null);
  const task = useTask();

  function choose(next: FoundDevice | null): void {
    device.value = next;
    tried.value = null;
    task.clear();
  }

  async function look(url: string, allowLocal: boolean): Promise<Tried> {
    return { url, allowLocal, report: await api.probe(url, allowLocal) };
  }

  function showDevice(url: string): void {
    tried.value = null;
    void task.run(async () => {
      tried.value = await look(url, isNear(device.value));
    });
  }

  /** What goes wrong is told, and nothing is saved then. */
  function addDevice(found: FoundDevice, url: string, site: string): void {
    tried.value = null;
    const local = isNear(found);
    void task.run(async () => {
      const seen = letsInOnce(found) ? null : await look(url, local);
      if (seen && !seen.report.ok) {
        tried.value = seen;
        return;
      }
      try {
        const saved = { url, allow_local: local, name: deviceName(found), ...(site && { site }) };
        arrived(await api.addCamera(saved), seen?.report.findings ?? []);
      } catch (caught) {
        if (!letsInOnce(found)) throw caught;
        tried.value = await look(url, local);
      }
    });
  }

  if (!mayAdmin.value) {
    return (
      <Screen title={t().nav.add} quietTitle>
        <Blank title={t().errors.denied} />
      </Screen>
    );
  }
  return (
    <Screen title={t().add.title} width="narrow">
      <div class="panels">
        <FindCameras chosen={device.value?.url ?? ""} onChoose={choose} />
        {device.value ? (
          <DeviceLogIn
            key={device.value.url}
            device={device.value}
            busy={task.busy}
            onAdd={addDevice}
            onShow={showDevice}
            onByHand={() => choose(null)}
          />
        ) : (
          <AddressForm onTried={(next) => (tried.value = next)} />
        )}
        {device.value && task.error && <ErrorNote error={task.error} />}
        {tried.value && <Report report={tried.value.report} />}
        {tried.value && <SaveForm key={tried.value.url} tried={tried.value} called={device.value ? deviceName(device.value) : ""} />}
      </div>
    </Screen>
  );
}

/** Choosing a device is the word that its address is meant, one of the link or of this machine included. */
function isNear(device: FoundDevice | null): boolean {
  return /^(127|169\.254)\.|^(fe80:|::1$)/.test(device?.address ?? "");
}

/** A NetCam in setup mode may take its password only once: that is not spent on looking. */
function letsInOnce(device: FoundDevice): boolean {
  return device.kinds.includes("netcam");
}

function arrived(camera: Camera, findings: Finding[]): void {
  takeCamera(camera);
  refreshSitesSoon();
  noteAdded(camera.id, findings);
  go(`/camera/${encodeURIComponent(camera.id)}`);
}

function AddressForm({ onTried }: { onTried: (tried: Tried | null) => void }) {
  const url = useSignal("");
  const allowLocal = useSignal(false);
  const task = useTask();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy) return;
    onTried(null);
    const [address, local] = [url.value.trim(), allowLocal.value];
    void task.run(async () => onTried({ url: address, allowLocal: local, report: await api.probe(address, local) }));
  }

  return (
    <form class="panel" onSubmit={submit}>
      <p class="lead">{t().add.intro}</p>
      <TextField
        label={t().add.url}
        hint={t().add.urlHint}
        technical
        required
        autocomplete="off"
        placeholder="rtsp://"
        value={url.value}
        onText={(text) => (url.value = text)}
      />
      <SwitchField
        label={t().add.allowLocal}
        hint={t().add.allowLocalHint}
        on={allowLocal.value}
        onSwitch={(on) => (allowLocal.value = on)}
      />
      {task.error && <ErrorNote error={task.error} />}
      <div class="actions">
        <Submit busy={task.busy}>{t().add.probe}</Submit>
        <p class="hint beside" role="status">
          {task.busy ? `${t().add.probing} ${t().add.probingHint}` : ""}
        </p>
      </div>
    </form>
  );
}

/** The still of a probe as an address an `<img>` can open. */
function usePicture(base64: string | null): string | null {
  const address = useMemo(() => {
    if (!base64) return null;
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
  }, [base64]);
  useEffect(() => () => (address ? URL.revokeObjectURL(address) : undefined), [address]);
  return address;
}

function Report({ report }: { report: ProbeReport }) {
  const picture = usePicture(report.picture);
  return (
    <section class="panel" aria-labelledby="report" role="status">
      <h2 id="report">{report.ok ? t().add.found : t().add.failed}</h2>
      {picture && <img class="probe-picture" src={picture} alt={t().add.picture} />}
      {report.ok && !picture && <p class="soft">{t().add.noPicture}</p>}
      {report.codec && <Facts report={report} />}
      <ul class="findings">
        {report.findings.map((finding) => (
          <FindingLine key={`${finding.kind} ${finding.what}`} finding={finding} />
        ))}
      </ul>
    </section>
  );
}

function Facts({ report }: { report: ProbeReport }) {
  const size = report.width && report.height ? `${report.width} × ${report.height}` : "";
  const fps = report.fps ? t().add.fps(number(report.fps, 1)) : "";
  const video = [report.codec?.toUpperCase().replace(/^H26/, "H.26"), size, fps].filter(Boolean).join(", ");
  return (
    <dl class="facts">
      <div>
        <dt>{t().add.video}</dt>
        <dd>{video}</dd>
      </div>
      <div>
        <dt>{t().add.audio}</dt>
        <dd>{report.audio ? report.audio.toUpperCase() : t().add.noAudio}</dd>
      </div>
    </dl>
  );
}

function SaveForm({ tried, called }: { tried: Tried; called: string }) {
  const name = useSignal(called);
  const site = useSite();
  const mode = useSignal<Mode>("continuous");
  const sub = useSignal("");
  const task = useTask();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy) return;
    void task.run(async () => {
      const camera = await api.addCamera({
        url: tried.url,
        allow_local: tried.allowLocal,
        name: name.value.trim(),
        mode: mode.value,
        ...(site.id && { site: site.id }),
        ...(sub.value.trim() && { sub_url: sub.value.trim() }),
      });
      arrived(camera, []);
    });
  }

  return (
    <form class="panel" onSubmit={submit}>
      <TextField
        label={t().add.name}
        hint={t().add.nameHint}
        required
        maxLength={300}
        autocomplete="off"
        value={name.value}
        onText={(text) => (name.value = text)}
      />
      <SiteField label={t().add.site} site={site} />
      <ChoiceField
        label={t().add.mode}
        value={mode.value}
        choices={modeChoices()}
        onChoice={(next) => (mode.value = next)}
      />
      {!tried.report.device && (
        <TextField
          label={t().add.sub}
          note={t().optional}
          hint={t().add.subHint}
          technical
          autocomplete="off"
          value={sub.value}
          onText={(text) => (sub.value = text)}
        />
      )}
      {task.error && <ErrorNote error={task.error} />}
      <div class="actions">
        <Submit busy={task.busy}>{tried.report.ok ? t().add.submit : t().add.anyway}</Submit>
      </div>
      {!tried.report.ok && <p class="hint">{t().add.anywayHint}</p>}
    </form>
  );
}
