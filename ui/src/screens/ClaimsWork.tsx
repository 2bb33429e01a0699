/** The operator's list of claims, and the rules by which they are decided. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Claim, type ClaimPage, type Desk, STAGES, type Stage, claims } from "../api/claims";
import { calendarDay, number, regionName, t } from "../i18n";
import { claimsText } from "../i18n/claims";
import { StageMark, dueText } from "../parts/ClaimPieces";
import { SelectField, Submit, SwitchField } from "../parts/Field";
import { ErrorNote, Loading } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { useLoaded } from "../parts/useLoaded";
import { useTask } from "../parts/useTask";
import { to } from "../state/route";

export function ClaimsWorkScreen() {
  const words = claimsText();
  return (
    <Screen title={words.workTitle} width="narrow">
      <div class="panels">
        <p class="lead">{words.workIntro}</p>
        <Claims />
        <DeskPanel />
      </div>
    </Screen>
  );
}

function Claims() {
  const words = claimsText();
  const stage = useSignal<Stage | "all">("all");
  const shown = useSignal<Claim[]>([]);
  const page = useSignal<ClaimPage | null>(null);
  const task = useTask();

  async function load(before?: number): Promise<void> {
    await task.run(async () => {
      const found = await claims.page(stage.value === "all" ? [] : [stage.value], before);
      page.value = found;
      shown.value = before ? [...shown.value, ...found.claims] : found.claims;
    });
  }
  useEffect(() => void load(), [stage.value]);
  const stages = page.value?.stages ?? {};

  return (
    <section class="panel" aria-label={words.workTitle}>
      <SelectField<Stage | "all">
        label={words.workTitle}
        value={stage.value}
        choices={[
          { value: "all", text: words.all },
          ...STAGES.filter((one) => stages[one] || one === stage.value).map((value) => ({
            value,
            text: `${words.stages[value]} (${number(stages[value] ?? 0)})`,
          })),
        ]}
        onChoice={(next) => (stage.value = next)}
      />
      {task.error && <ErrorNote error={task.error} retry={() => void load()} />}
      {!page.value && !task.error && <Loading />}
      {page.value && !shown.value.length && <p class="soft">{words.none}</p>}
      <ul class="rows">
        {shown.value.map((claim) => (
          <li key={claim.number} class="row claim-row">
            <a class="row-main" href={to.claims(claim.number)}>
              <bdi>{claim.contact?.name ?? claim.id}</bdi>
              <span class="soft row-more">
                {claim.id} · {calendarDay(claim.submitted_at.slice(0, 10))} · {regionName(claim.residence)}
              </span>
            </a>
            <span class="claim-row-end">
              <StageMark claim={claim} />
              {dueText(claim) && <strong>{dueText(claim)}</strong>}
            </span>
          </li>
        ))}
      </ul>
      <div class="actions">
        {page.value?.next && (
          <button type="button" class="button" aria-disabled={task.busy} onClick={() => void load(page.value!.next!)}>
            {words.more}
          </button>
        )}
        {stages.decided && (
          <a class="button" href="/api/v1/claims/payments.csv" download>
            {words.payments}
          </a>
        )}
      </div>
    </section>
  );
}

function DeskPanel() {
  const desk = useLoaded(claims.desk);
  return (
    <>
      {desk.error && <ErrorNote error={desk.error} retry={() => void desk.load()} />}
      {desk.value.value && <DeskForm desk={desk.value.value} onSaved={(next) => (desk.value.value = next)} />}
    </>
  );
}

function DeskForm({ desk, onSaved }: { desk: Desk; onSaved: (desk: Desk) => void }) {
  const words = claimsText();
  const draft = useSignal(desk);
  const readings = useSignal(lines(desk));
  const task = useTask();
  const link = `${location.origin}/#/claim`;

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy) return;
    void task.run(async () => onSaved(await claims.setUp({ ...draft.value, ...parsed(readings.value) })));
  }

  return (
    <section class="panel" aria-labelledby="claim-desk">
      <h2 id="claim-desk">{words.policy}</h2>
      <form class="form" onSubmit={submit}>
        <SwitchField label={words.formOpen} hint={words.formOpenHint(link)} on={draft.value.open} onSwitch={(open) => (draft.value = { ...draft.value, open })} />
        <SelectField
          label={words.policy}
          value={draft.value.policy}
          choices={Object.entries(words.policies).map(([value, text]) => ({ value, text }))}
          onChoice={(policy) => (draft.value = { ...draft.value, policy })}
        />
        <label class="field">
          <span class="claim-label">{words.rules}</span>
          <textarea rows={3} dir="ltr" spellcheck={false} value={readings.value} onInput={(event) => (readings.value = event.currentTarget.value)} />
          <span class="hint">{words.rulesHint}</span>
        </label>
        {task.error && <ErrorNote error={task.error} />}
        <div class="actions">
          <Submit busy={task.busy}>{t().save}</Submit>
        </div>
      </form>
    </section>
  );
}

function lines(desk: Desk): string {
  return [...Object.entries(desk.options), ...Object.entries(desk.rates)].map(([name, value]) => `${name}=${value}`).join("\n");
}

/** Options have names in small letters, rates are currencies. */
function parsed(text: string): Pick<Desk, "options" | "rates"> {
  const pairs = text
    .split("\n")
    .map((line) => line.split("=", 2).map((word) => word.trim()))
    .filter(([name]) => name);
  const of = (rate: boolean) =>
    Object.fromEntries(pairs.filter(([name]) => /^[A-Z]{3}$/.test(name!) === rate).map(([name, value = ""]) => [name!, value]));
  return { options: of(false), rates: of(true) };
}
