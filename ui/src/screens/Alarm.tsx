/** The alarm panel of a site: what it does now, three buttons to arm, a pad for the code, and what happened. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { AlarmNote, AlarmStatus, ArmMode } from "../api/alarm";
import { ApiError, api } from "../api/client";
import { timeNear } from "../i18n";
import { alarmText } from "../i18n/alarm";
import { alarmWords } from "../i18n/alarm_words";
import { isolated } from "../i18n/isolate";
import { CodePad } from "../parts/CodePad";
import { Icon, type IconName } from "../parts/Icon";
import { Blank, ErrorNote, Loading, Note, sentence } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { useLoaded } from "../parts/useLoaded";
import { type Task, useTask } from "../parts/useTask";
import { alarmNews } from "../state/alarm_news";
import { now } from "../state/clock";
import { to } from "../state/route";
import { cameraById, mayAdmin, mayControl, siteById, sites } from "../state/world";
import { AlarmSetUp } from "./AlarmSetUp";
import "../style/alarm.css";

const MODES: ArmMode[] = ["home", "away", "night"];
const ICONS: Record<ArmMode, IconName> = { home: "place", away: "leave", night: "moon" };
const LOOK_MS = 4000;
const PAGE = 15;

export function AlarmScreen({ id }: { id: string }) {
  const site = siteById(id) ?? sites.value[0];
  return (
    <Screen title={alarmWords().title} width="narrow">
      {site && <SitePanel key={site.id} site={site.id} />}
    </Screen>
  );
}

function SitePanel({ site }: { site: string }) {
  const status = useLoaded(() => api.alarm(site));
  const found = status.value.value;
  const news = alarmNews.value;
  useEffect(() => {
    void status.load();
    const timer = setInterval(() => document.visibilityState === "visible" && void status.load(), LOOK_MS);
    return () => clearInterval(timer);
  }, [news]);
  return (
    <div class="panels">
      {sites.value.length > 1 && <SiteChoice site={site} />}
      {status.error && <ErrorNote error={status.error} retry={() => void status.load()} />}
      {!found && !status.error && <Loading />}
      {found && !found.set_up && (
        <Blank title={alarmText().none} text={mayAdmin.value ? alarmWords().short : alarmText().noneViewer} />
      )}
      {found?.set_up && <Panel site={site} status={found} onChanged={(next) => (status.value.value = next)} />}
      {found?.set_up && <Log site={site} news={news} />}
      {found && mayAdmin.value && <AlarmSetUp site={site} status={found} onChanged={() => void status.load()} />}
    </div>
  );
}

function SiteChoice({ site }: { site: string }) {
  return (
    <nav class="tabs" aria-label={alarmText().site}>
      {sites.value.map((one) => (
        <a key={one.id} href={to.alarm(one.id)} aria-current={one.id === site ? "page" : undefined}>
          {isolated(one.name)}
        </a>
      ))}
    </nav>
  );
}

interface PanelProps {
  site: string;
  status: AlarmStatus;
  onChanged: (status: AlarmStatus) => void;
}

function Panel({ site, status, onChanged }: PanelProps) {
  const wanted = useSignal<ArmMode | "disarmed" | null>(null);
  const blocked = useSignal<string[]>([]);
  const task = useTask();
  const needsCode = wanted.value === "disarmed" ? status.code_to_disarm : status.code_to_arm;

  async function send(mode: ArmMode | "disarmed", code: string, bypass: boolean): Promise<void> {
    const well = await task.run(async () => {
      try {
        onChanged(mode === "disarmed" ? await api.disarm(site, code) : await api.arm(site, mode, code, bypass));
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== "alarm_open") throw error;
        blocked.value = String(error.details["open"] ?? "").split(", ");
      }
    });
    if (well && blocked.value.length === 0) wanted.value = null;
  }

  function want(mode: ArmMode | "disarmed"): void {
    task.clear();
    blocked.value = mode === "disarmed" ? [] : (status.blocking[mode] ?? []);
    wanted.value = mode;
    const code = mode === "disarmed" ? status.code_to_disarm : status.code_to_arm;
    if (!code && blocked.value.length === 0) void send(mode, "", false);
  }

  function stop(): void {
    wanted.value = null;
    blocked.value = [];
    task.clear();
  }

  const asked = wanted.value;
  const ask = asked !== null && (needsCode || blocked.value.length > 0);
  return (
    <section class={`panel alarm alarm-${status.state}`} aria-labelledby="alarm-state">
      <State status={status} />
      {ask && blocked.value.length > 0 && (
        <Note icon="alert">
          {alarmText().blocked(blocked.value.map(isolated).join(", "))}. {alarmText().blockedWhat}
        </Note>
      )}
      {task.error && <Trouble task={task} />}
      {ask && needsCode && (
        <CodePad
          busy={task.busy}
          wrong={task.error?.code === "alarm_code_wrong"}
          action={blocked.value.length > 0 ? alarmText().bypass : alarmText().enter}
          onCode={(code) => void finish(code)}
          onClose={stop}
        />
      )}
      {ask && !needsCode && (
        <div class="actions">
          <button type="button" class="button" onClick={stop}>
            {alarmText().cancel}
          </button>
          <button type="button" class="button button-main" aria-disabled={task.busy} onClick={() => void finish("")}>
            {alarmText().bypass}
          </button>
        </div>
      )}
      {!ask && mayControl.value && <Buttons status={status} busy={task.busy} onWant={want} />}
      <Details status={status} />
    </section>
  );

  async function finish(code: string): Promise<void> {
    if (asked === null) return;
    const bypass = blocked.value.length > 0;
    blocked.value = [];
    await send(asked, code, bypass);
    if (bypass && task.error === null && wanted.value !== null && blocked.value.length === 0) wanted.value = null;
  }
}

function Trouble({ task }: { task: Task }) {
  const error = task.error;
  if (!error) return null;
  return (
    <Note icon="alert">
      {alarmSentence(error)}
    </Note>
  );
}

/** What went wrong, in the panel's own words where it has some. */
export function alarmSentence(error: ApiError): string {
  const words = alarmText().errors;
  if (error.kind === "throttled") return words.throttled(String(error.details["wait_s"] ?? "?"));
  const known = Object.entries(words).find(([code]) => code === error.code)?.[1];
  return typeof known === "string" ? known : sentence(error);
}

function State({ status }: { status: AlarmStatus }) {
  const left = useLeft(status);
  const zone = siteZone();
  return (
    <div class="alarm-head">
      <span class="alarm-sign" aria-hidden="true">
        <Icon name={signOf(status)} size={44} />
      </span>
      <div role="status">
        <h2 id="alarm-state" class="alarm-word">
          {alarmWords().words[status.state]}
        </h2>
        {left === null && status.since && (
          <p class="soft">{alarmText().since(timeNear(status.since, zone, now.value))}</p>
        )}
        {status.state === "arming" && <p>{alarmText().leave}</p>}
        {status.sources[0] && (
          <p>{alarmText().came(isolated(alarmText().zone(status.zone, status.sources.map(named).join(", "))))}</p>
        )}
        {status.siren_until && <p>{alarmText().siren}</p>}
      </div>
      {left !== null && (
        <p class="alarm-left" aria-live="off">
          {alarmText().left(left)}
        </p>
      )}
    </div>
  );
}

function signOf(status: AlarmStatus): IconName {
  if (status.state === "triggered" || status.state === "pending") return "alert";
  if (status.state === "disarmed") return "check";
  return status.mode === "disarmed" ? "clock" : ICONS[status.mode];
}

function siteZone(): string {
  return sites.value[0]?.time_zone ?? "UTC";
}

/** Whole seconds of the running delay, by the server's clock; null where none runs. */
function useLeft(status: AlarmStatus): number | null {
  const offset = useSignal(0);
  useEffect(() => {
    offset.value = Date.parse(status.now) - Date.now();
  }, [status.now]);
  if (!status.until) return null;
  return Math.max(0, Math.ceil((Date.parse(status.until) - (now.value + offset.value)) / 1000));
}

function named(source: string): string {
  return cameraById(source)?.name ?? source;
}

function Buttons(props: { status: AlarmStatus; busy: boolean; onWant: (mode: ArmMode | "disarmed") => void }) {
  const { status } = props;
  if (status.state !== "disarmed") {
    return (
      <button
        type="button"
        class="button button-main alarm-disarm"
        aria-disabled={props.busy}
        onClick={() => props.onWant("disarmed")}
      >
        {alarmText().disarm}
      </button>
    );
  }
  return (
    <div class="alarm-modes">
      {MODES.map((mode) => (
        <button
          key={mode}
          type="button"
          class="button alarm-mode"
          aria-disabled={props.busy}
          onClick={() => props.onWant(mode)}
        >
          <Icon name={ICONS[mode]} size={28} />
          <span class="alarm-mode-name">{alarmText().modes[mode]}</span>
          <span class="hint">{alarmText().modeHints[mode]}</span>
        </button>
      ))}
    </div>
  );
}

function Details({ status }: { status: AlarmStatus }) {
  const rows: [string, string[]][] = [
    [alarmText().openNow, status.open],
    [alarmText().bypassed, status.bypassed],
    [alarmText().warned, status.warned],
  ];
  const shown = rows.filter(([, names]) => names.length > 0);
  if (shown.length === 0) return <p class="soft">{alarmText().nothingOpen}</p>;
  return (
    <dl class="alarm-facts">
      {shown.map(([word, names]) => (
        <div key={word}>
          <dt>{word}</dt>
          <dd>
            {names.map((name) => (
              <span key={name} class="chip">
                {isolated(named(name))}
              </span>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Log({ site, news }: { site: string; news: number }) {
  const lines = useSignal<AlarmNote[]>([]);
  const whole = useSignal(false);
  useEffect(() => {
    void api.alarmLog(site, PAGE).then(
      (found) => {
        lines.value = found;
        whole.value = found.length < PAGE;
      },
      () => undefined,
    );
  }, [site, news]);
  async function more(): Promise<void> {
    const last = lines.value[lines.value.length - 1];
    const found = await api.alarmLog(site, PAGE, last?.number);
    lines.value = [...lines.value, ...found];
    whole.value = found.length < PAGE;
  }
  return (
    <section class="panel" aria-labelledby="alarm-log">
      <h2 id="alarm-log">{alarmText().log}</h2>
      {lines.value.length === 0 && <p class="soft">{alarmText().logEmpty}</p>}
      <ol class="alarm-log">
        {lines.value.map((line) => (
          <li key={line.number}>
            <time dateTime={line.at}>{timeNear(line.at, siteZone(), now.value)}</time>
            <span>{noteText(line)}</span>
          </li>
        ))}
      </ol>
      {!whole.value && (
        <button type="button" class="text-button" onClick={() => void more()}>
          {alarmText().more}
        </button>
      )}
    </section>
  );
}

const BY_SOMEBODY = new Set(["arming", "armed", "disarmed", "bypassed", "wrong_code", "refused_open", "settings", "codes"]);

function noteText(line: AlarmNote): string {
  const mode = MODES.find((one) => one === line.detail);
  const words = alarmText().notes[line.kind]?.(isolated(named(line.who)), isolated(line.detail)) ?? line.kind;
  const how = mode ? `: ${alarmText().modes[mode]}` : "";
  const by = line.who && BY_SOMEBODY.has(line.kind) ? `, ${alarmText().by(isolated(line.who))}` : "";
  return words + how + by;
}


