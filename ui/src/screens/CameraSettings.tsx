/** What one camera is called, where it is, what it records and what counts as motion. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { Analysis, Camera, CameraChange, Hours, Line, Mode, MotionSettings, RecordAs, Watch, Zone } from "../api/types";
import { duration, number, t } from "../i18n";
import { controlsText } from "../i18n/controls";
import { m } from "../i18n/motion";
import { isolated } from "../i18n/isolate";
import { Confirm } from "../parts/Confirm";
import { ChoiceField, RangeField, Submit, SwitchField, TextField } from "../parts/Field";
import { HoursEditor } from "../parts/HoursEditor";
import { Icon } from "../parts/Icon";
import { laterPart } from "../parts/Later";
import { Name } from "../parts/Name";
import { Blank, ErrorNote, Loading, Note } from "../parts/Notice";
import { ReplayNote } from "../parts/ReplayNote";
import { Screen } from "../parts/Screen";
import { ZoneEditor } from "../parts/ZoneEditor";
import { analysisChoices } from "../parts/analysisChoices";
import { WatchNote } from "../parts/WatchNote";
import { modeChoices } from "../parts/modeChoices";
import { useTask } from "../parts/useTask";
import { go, to } from "../state/route";
import { cameraById, dropCamera, loaded, mayAdmin, takeCamera } from "../state/world";

const WemoShow = laterPart(async () => (await import("../parts/WemoShow")).WemoShow);

export function CameraSettingsScreen({ id }: { id: string }) {
  const camera = cameraById(id);
  const blank = !mayAdmin.value ? t().errors.denied : !camera && loaded.value ? t().camera.notFound : "";
  if (blank || !camera) {
    return (
      <Screen title={t().cameraSettings.title} quietTitle>
        {blank ? <Blank title={blank} /> : <Loading />}
      </Screen>
    );
  }
  return (
    <Screen
      title={`${t().cameraSettings.title}: ${isolated(camera.name)}`}
      heading={<Name text={camera.name} />}
      width="narrow"
      actions={
        <a class="button" href={to.camera(camera.id)}>
          <Icon name="left" />
          {t().event.toCamera}
        </a>
      }
    >
      <SettingsForm camera={camera} />
      {camera.device_url && <SmallStream camera={camera} />}
      <WemoShow key={camera.id} camera={camera.id} />
      <Removal camera={camera} />
    </Screen>
  );
}

/** What can be changed here, as the form holds it. */
interface Draft {
  name: string;
  url: string;
  sub_url: string;
  mode: Mode;
  record: "main" | "both";
  record_as: RecordAs;
  record_audio: boolean;
  transport: "tcp" | "udp";
  pre_roll_s: number;
  post_roll_s: number;
  allow_local: boolean;
  enabled: boolean;
  sensitivity: number;
  analysis: Analysis;
  from_camera: boolean;
  zones: Zone[];
  lines: Line[];
  schedule: Hours[];
}

function draftOf(camera: Camera): Draft {
  const { name, mode, record, record_as, record_audio, transport, allow_local, pre_roll_s, post_roll_s } = camera;
  return {
    ...{ name, mode, record, record_as, record_audio, transport, allow_local, pre_roll_s, post_roll_s },
    ...camera.motion,
    url: "",
    sub_url: camera.sub_url ?? "",
  };
}

/** Only what differs is sent, so that two people changing different things do not undo each other. */
function changeFrom(before: Draft, after: Draft): CameraChange {
  const change: CameraChange = {};
  if (after.name.trim() !== before.name) change.name = after.name.trim();
  if (after.url.trim()) change.url = after.url.trim();
  if (after.sub_url.trim() !== before.sub_url) change.sub_url = after.sub_url.trim() || null;
  if (after.mode !== before.mode) change.mode = after.mode;
  if (after.record !== before.record) change.record = after.record;
  if (after.record_as !== before.record_as) change.record_as = after.record_as;
  if (after.record_audio !== before.record_audio) change.record_audio = after.record_audio;
  if (after.transport !== before.transport) change.transport = after.transport;
  if (after.pre_roll_s !== before.pre_roll_s) change.pre_roll_s = after.pre_roll_s;
  if (after.post_roll_s !== before.post_roll_s) change.post_roll_s = after.post_roll_s;
  if (after.allow_local !== before.allow_local) change.allow_local = after.allow_local;
  const [motion, motionBefore] = [motionOf(after), motionOf(before)];
  if (JSON.stringify(motion) !== JSON.stringify(motionBefore)) change.motion = motion;
  return change;
}

function motionOf({ enabled, sensitivity, zones, lines, schedule, analysis, from_camera }: Draft): MotionSettings {
  const named = <Part extends { name: string }>(parts: Part[]) => parts.map((part) => ({ ...part, name: part.name.trim() }));
  return { enabled, sensitivity, zones: named(zones), lines: named(lines), schedule, analysis, from_camera };
}

interface PartProps {
  camera: Camera;
  draft: Draft;
  set: (part: Partial<Draft>) => void;
}

function SettingsForm({ camera }: { camera: Camera }) {
  const before = useSignal(draftOf(camera));
  const draft = useSignal(before.value);
  const saved = useSignal(false);
  const task = useTask();
  const change = changeFrom(before.value, draft.value);
  const dirty = Object.keys(change).length > 0;

  function set(part: Partial<Draft>): void {
    saved.value = false;
    draft.value = { ...draft.value, ...part };
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy || !dirty) return;
    void task.run(async () => {
      const changed = await api.changeCamera(camera.id, change);
      takeCamera({ ...changed, watched: newer(changed.watched, cameraById(camera.id)?.watched) });
      before.value = draftOf(changed);
      draft.value = before.value;
      saved.value = true;
    });
  }

  const part: PartProps = { camera, draft: draft.value, set };
  return (
    <form class="panels" onSubmit={submit}>
      <General {...part} />
      <Recording {...part} />
      <Motion {...part} />
      {task.error && <ErrorNote error={task.error} />}
      <div class="save-bar" data-shown={dirty || saved.value}>
        <p role="status">{dirty ? t().cameraSettings.unsaved : saved.value ? t().saved : ""}</p>
        {dirty && (
          <>
            <button type="button" class="button" onClick={() => (draft.value = before.value)}>
              {t().cancel}
            </button>
            <Submit busy={task.busy}>{t().save}</Submit>
          </>
        )}
      </div>
    </form>
  );
}

/** The announcement of how a camera is watched now may overtake the answer that says how it was. */
function newer(answered: Watch | null, announced: Watch | null | undefined): Watch | null {
  return announced && (!answered || announced.since > answered.since) ? announced : answered;
}

function General({ camera, draft, set }: PartProps) {
  return (
    <section class="panel" aria-labelledby="general">
      <h2 id="general">{t().cameraSettings.general}</h2>
      {camera.needs_password && (
        <Note icon="key">
          <p>{t().cameraSettings.needsPassword}</p>
        </Note>
      )}
      <TextField
        label={t().cameraSettings.name}
        required
        maxLength={300}
        value={draft.name}
        onText={(name) => set({ name })}
      />
      <TextField
        label={t().cameraSettings.url}
        hint={t().cameraSettings.urlHint}
        technical
        autocomplete="off"
        placeholder={camera.url}
        value={draft.url}
        onText={(url) => set({ url })}
      />
      <TextField
        label={t().cameraSettings.sub}
        note={t().optional}
        hint={t().add.subHint}
        technical
        autocomplete="off"
        value={draft.sub_url}
        onText={(sub_url) => set({ sub_url })}
      />
      <SwitchField
        label={t().add.allowLocal}
        hint={t().add.allowLocalHint}
        on={draft.allow_local}
        onSwitch={(allow_local) => set({ allow_local })}
      />
      <ChoiceField
        label={t().cameraSettings.transport}
        value={draft.transport}
        choices={[
          { value: "tcp", text: "TCP", hint: t().cameraSettings.tcpHint },
          { value: "udp", text: "UDP", hint: t().cameraSettings.udpHint },
        ]}
        onChoice={(transport) => set({ transport })}
      />
    </section>
  );
}

function Recording({ camera, draft, set }: PartProps) {
  return (
    <section class="panel" aria-labelledby="recording">
      <h2 id="recording">{t().cameraSettings.recording}</h2>
      <ChoiceField
        label={t().cameraSettings.mode}
        value={draft.mode}
        choices={modeChoices()}
        onChoice={(mode) => set({ mode })}
      />
      <ChoiceField
        label={t().cameraSettings.record}
        value={draft.record}
        choices={[
          { value: "main", text: t().cameraSettings.recordMain },
          { value: "both", text: t().cameraSettings.recordBoth },
        ]}
        onChoice={(record) => set({ record })}
      />
      {/^https?:/.test(camera.url) && draft.mode !== "off" && (
        <RecordAsChoice camera={camera} value={draft.record_as} onChoice={(record_as) => set({ record_as })} />
      )}
      <SwitchField
        label={t().cameraSettings.audio}
        hint={t().cameraSettings.audioHint}
        on={draft.record_audio}
        onSwitch={(record_audio) => set({ record_audio })}
      />
      <div class="columns">
        <RangeField
          label={t().cameraSettings.preRoll}
          hint={t().cameraSettings.preRollHint}
          min={0}
          max={30}
          value={draft.pre_roll_s}
          shown={duration(draft.pre_roll_s)}
          onNumber={(pre_roll_s) => set({ pre_roll_s })}
        />
        <RangeField
          label={t().cameraSettings.postRoll}
          hint={t().cameraSettings.postRollHint}
          min={0}
          max={60}
          value={draft.post_roll_s}
          shown={duration(draft.post_roll_s)}
          onNumber={(post_roll_s) => set({ post_roll_s })}
        />
      </div>
    </section>
  );
}

function Motion({ camera, draft, set }: PartProps) {
  return (
    <section class="panel" aria-labelledby="motion">
      <h2 id="motion">{t().cameraSettings.motion}</h2>
      <SwitchField label={t().cameraSettings.motionEnabled} on={draft.enabled} onSwitch={(enabled) => set({ enabled })} />
      <RangeField
        label={t().cameraSettings.sensitivity}
        min={0}
        max={100}
        value={draft.sensitivity}
        shown={number(draft.sensitivity)}
        ends={[t().cameraSettings.sensitivityLow, t().cameraSettings.sensitivityHigh]}
        onNumber={(sensitivity) => set({ sensitivity })}
      />
      <ZoneEditor camera={camera} zones={draft.zones} lines={draft.lines} onParts={(parts) => set(parts)} />
      <HoursEditor label={m().hoursOfCamera} hours={draft.schedule} onHours={(schedule) => set({ schedule })} />
      {camera.motion_now === "schedule" && (
        <Note icon="clock">
          <p>{m().offNow}</p>
        </Note>
      )}
      <ChoiceField
        label={m().analysis}
        value={draft.analysis}
        choices={analysisChoices(camera)}
        onChoice={(analysis) => set({ analysis, ...(analysis === "camera" && { from_camera: true }) })}
      />
      <WatchNote camera={camera} />
      <ReplayNote camera={camera.id} motion={motionOf(draft)} />
    </section>
  );
}

const RecordAsChoice = laterPart(async () => (await import("../parts/RecordAsChoice")).RecordAsChoice);
const SubStreamSetup = laterPart(async () => (await import("../parts/SubStreamSetup")).SubStreamSetup);

function SmallStream({ camera }: { camera: Camera }) {
  return (
    <section class="panel" aria-labelledby="small-stream">
      <div class="panel-head">
        <h2 id="small-stream">{controlsText().sub.title}</h2>
        <p>{controlsText().sub.short}</p>
      </div>
      <SubStreamSetup camera={camera} />
    </section>
  );
}

function Removal({ camera }: { camera: Camera }) {
  const asking = useSignal(false);
  const task = useTask();

  async function remove(): Promise<void> {
    const done = await task.run(async () => {
      await api.removeCamera(camera.id);
    });
    asking.value = false;
    if (!done) return;
    go("/");
    dropCamera(camera.id);
  }

  return (
    <section class="panel removal" aria-labelledby="removal">
      <div class="panel-head">
        <h2 id="removal">{t().cameraSettings.removeTitle}</h2>
        <p class="soft">{t().cameraSettings.removeText}</p>
      </div>
      {task.error && <ErrorNote error={task.error} />}
      <div class="actions">
        <button type="button" class="button button-danger" onClick={() => (asking.value = true)}>
          <Icon name="trash" />
          {t().cameraSettings.removeTitle}
        </button>
      </div>
      <Confirm
        open={asking.value}
        question={t().cameraSettings.removeConfirm(isolated(camera.name))}
        text={t().cameraSettings.removeText}
        action={t().remove}
        busy={task.busy}
        onConfirm={() => void remove()}
        onClose={() => (asking.value = false)}
      />
    </section>
  );
}
