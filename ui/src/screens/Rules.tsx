/** What happens by itself: rules, whether they are on, what they did lately, and a plain form for a new one. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { ActionKind, Rule, RuleAction, RuleNote } from "../api/rules";
import { t, timeNear } from "../i18n";
import { isolated } from "../i18n/isolate";
import { rulesText } from "../i18n/rules";
import { AddFold } from "../parts/AddFold";
import { Confirm } from "../parts/Confirm";
import { SwitchField } from "../parts/Field";
import { laterPart } from "../parts/Later";
import { Name } from "../parts/Name";
import { ErrorNote, Loading, Note } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { SettingsLink } from "../parts/SettingsLink";
import { useLoaded } from "../parts/useLoaded";
import { useTask } from "../parts/useTask";
import { now } from "../state/clock";
import { cameraById, mayAdmin, siteById, sites } from "../state/world";
import { RuleForm, type Things } from "./RuleForm";

const WemoThings = laterPart(async () => (await import("./WemoThings")).WemoThings);

const SHOWN_NOTES = 8;
const SHOWN_PICTURES = 8;

async function things(): Promise<Things> {
  const [actuators, channels] = await Promise.all([api.actuators(), mayAdmin.value ? api.channels() : []]);
  return { actuators, channels };
}

export function RulesScreen() {
  const rules = useLoaded(api.rules);
  const known = useLoaded(things);
  const found = rules.value.value;
  const reload = () => void rules.load();
  const names = known.value.value ?? { actuators: [], channels: [] };
  return (
    <Screen title={rulesText().title} width="narrow">
      <div class="panels">
        <SettingsLink />
        <p class="lead">{rulesText().intro}</p>
        {rules.error && <ErrorNote error={rules.error} retry={reload} />}
        {!found && !rules.error && <Loading />}
        {found?.length === 0 && <p class="soft">{rulesText().empty}</p>}
        {found?.map((rule) => (
          <RulePanel key={rule.id} rule={rule} names={names} onChanged={reload} />
        ))}
        {found && known.value.value && mayAdmin.value && (
          <AddFold
            label={rulesText().add}
            form={(close) => (
              <RuleForm
                names={names}
                onCancel={close}
                onDone={() => {
                  close();
                  reload();
                }}
              />
            )}
          />
        )}
        {found && (
          <WemoThings
            onChanged={() => {
              void known.load();
              reload();
            }}
          />
        )}
      </div>
    </Screen>
  );
}

function whenText(rule: Rule): string {
  return rule.triggers
    .map((one) => {
      const where = one.cameras.map((id) => isolated(cameraById(id)?.name ?? id)).join(", ");
      if (one.time) return rulesText().atTime(one.time);
      if (one.kind === "presence" || one.kind === "alarm") return stateText(one.kind, one.state, one.person);
      if (one.sound) return `${rulesText().whens.sound} (${[where, `${one.sound.level_db} dB`].filter(Boolean).join(", ")})`;
      const more = one.sensor ? `${isolated(one.sensor)}: ${isolated(one.state)}` : where;
      return rulesText().whens[one.kind] + (more && ` (${more})`);
    })
    .join("; ");
}

function thenText(rule: Rule, names: Things): string {
  const named = [...names.actuators, ...names.channels];
  return rule.actions
    .map((one) => {
      const kind = thenOf(one);
      const target = named.find((thing) => thing.id === one.target)?.name ?? partName(one);
      return rulesText().thens[kind] + (target ? `: ${isolated(target)}` : "");
    })
    .join("; ");
}

/** Who came or went, or what the alarm panel does. */
function stateText(kind: "presence" | "alarm", state: string, person: string): string {
  const words: Record<string, string> = rulesText()[kind === "presence" ? "presences" : "alarms"];
  return `${person ? `${isolated(person)}: ` : ""}${words[state] ?? state}`;
}

/** What is done, as the form and the list name it. */
function thenOf(action: { kind: ActionKind; on: boolean }): ActionKind | "switch_off" | "relay_off" {
  if (action.on) return action.kind;
  return action.kind === "switch" ? "switch_off" : action.kind === "relay" ? "relay_off" : action.kind;
}

/** A camera and its part by names, as `yard/2`. */
function partName(action: RuleAction): string | undefined {
  if (action.kind !== "preset" && action.kind !== "relay") return undefined;
  const [camera = "", ...part] = action.target.split("/");
  return `${cameraById(camera)?.name ?? camera}, ${part.join("/")}`;
}

function RulePanel({ rule, names, onChanged }: { rule: Rule; names: Things; onChanged: () => void }) {
  const unfolded = useSignal(false);
  const asking = useSignal(false);
  const switching = useTask();
  const removal = useTask();
  const heading = `rule-${rule.id}`;
  const whose = <span class="visually-hidden">: {isolated(rule.name)}</span>;
  const light = rule.conditions.light;

  async function remove(): Promise<void> {
    await removal.run(async () => void (await api.removeRule(rule.id)));
    asking.value = false;
    onChanged();
  }

  return (
    <section class="panel" aria-labelledby={heading}>
      <div class="panel-head">
        <h2 id={heading}>
          <Name text={rule.name} />
        </h2>
        <p>
          {rulesText().when} {whenText(rule)}
          {light && `, ${rulesText().only.toLowerCase()} ${rulesText()[light]}`}
        </p>
        <p>
          {rulesText().then} {thenText(rule, names)}
        </p>
        {sites.value.length > 1 && (
          <p class="soft">
            <Name text={siteById(rule.site)?.name ?? rule.site} />
          </p>
        )}
      </div>
      {rule.conflicts.map((one) => (
        <Note key={one.rule} icon="alert">
          {rulesText().quarrel(isolated(one.name))}
        </Note>
      ))}
      {mayAdmin.value && (
        <SwitchField
          label={
            <>
              {rulesText().enabled}
              {whose}
            </>
          }
          on={rule.enabled}
          onSwitch={(enabled) =>
            void switching.run(async () => {
              await api.changeRule(rule.id, { enabled });
              onChanged();
            })
          }
        />
      )}
      {switching.error && <ErrorNote error={switching.error} />}
      {removal.error && <ErrorNote error={removal.error} />}
      <div class="actions">
        <button
          type="button"
          class="button"
          aria-expanded={unfolded.value}
          onClick={() => (unfolded.value = !unfolded.value)}
        >
          {rulesText().lately}
          {whose}
        </button>
        {mayAdmin.value && (
          <button type="button" class="text-button" onClick={() => (asking.value = true)}>
            {t().remove}
            {whose}
          </button>
        )}
      </div>
      {unfolded.value && <Lately rule={rule} />}
      <Confirm
        open={asking.value}
        question={rulesText().removeConfirm(isolated(rule.name))}
        text={rulesText().removeText}
        action={t().remove}
        busy={removal.busy}
        onConfirm={() => void remove()}
        onClose={() => (asking.value = false)}
      />
    </section>
  );
}

function Lately({ rule }: { rule: Rule }) {
  const notes = useLoaded(() => api.ruleLog(rule.id, SHOWN_NOTES));
  const pictures = useLoaded(() => api.rulePictures(rule.id));
  const week = useSignal<string>("");
  const rehearsal = useTask();
  const zone = siteById(rule.site)?.time_zone ?? "UTC";

  function rehearse(): void {
    void rehearsal.run(async () => {
      const lines = (await api.rehearseRule(rule.id)).filter((line) => line.why !== "ended" && line.why !== "still_held");
      const fired = lines.filter((line) => line.why === "fired").length;
      week.value = rulesText().wouldHave(fired, lines.length - fired);
    });
  }

  return (
    <>
      {notes.error && <ErrorNote error={notes.error} retry={() => void notes.load()} />}
      {notes.value.value?.length === 0 && <p class="soft">{rulesText().nothingYet}</p>}
      <ul class="rows">
        {notes.value.value?.map((note, place) => (
          <li key={place} class="row">
            <span class="row-main">
              <span>{noteText(note)}</span>
              <span class="soft row-more">{timeNear(note.at, zone, now.value)}</span>
            </span>
          </li>
        ))}
      </ul>
      {(pictures.value.value?.length ?? 0) > 0 && (
        <ul class="rule-pictures" aria-label={rulesText().pictures}>
          {pictures.value.value!.slice(0, SHOWN_PICTURES).map((one) => (
            <li key={one.name}>
              <a href={one.url} target="_blank" rel="noreferrer">
                <img src={one.url} alt={timeNear(momentOf(one.name), zone, now.value)} loading="lazy" />
              </a>
            </li>
          ))}
        </ul>
      )}
      <div class="actions">
        <button type="button" class="button" aria-disabled={rehearsal.busy} onClick={rehearse}>
          {rulesText().lastWeek}
        </button>
      </div>
      <div role="status">{week.value && <p class="hint">{week.value}</p>}</div>
      {rehearsal.error && <ErrorNote error={rehearsal.error} />}
    </>
  );
}

/** A picture's name begins with its moment: 20261121T143000250Z-1. */
function momentOf(name: string): string {
  return name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z.*$/, "$1-$2-$3T$4:$5:$6.$7Z");
}

function noteText(note: RuleNote): string {
  const { why, times, thens, orders } = rulesText();
  const done = note.orders.map((one) => {
    return `${thens[thenOf(one.action)]}: ${orders[one.state]}`;
  });
  const often = note.times > 1 ? [times(note.times)] : [];
  return [why[note.why], ...often, ...done].join(" · ");
}
