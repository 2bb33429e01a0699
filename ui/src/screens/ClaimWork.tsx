/** One claim on the operator's desk. */
import { type Signal, useSignal } from "@preact/signals";
import { type Claim, type ClaimItem, type ShownBank, claims } from "../api/claims";
import { ask } from "../api/client";
import { calendarDay, money, regionName, t } from "../i18n";
import { claimsText } from "../i18n/claims";
import { ClaimFiles, ClaimHistory, ClaimItemPanel, DayForm, FileButton, StageMark, dueText, saveBlob } from "../parts/ClaimPieces";
import { Confirm } from "../parts/Confirm";
import { Submit, TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { ErrorNote, Loading } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { useLoaded } from "../parts/useLoaded";
import { type Task, useTask } from "../parts/useTask";
import { language } from "../state/preferences";
import { to } from "../state/route";

type Run = (action: () => Promise<Claim>) => Promise<boolean>;

export function ClaimWorkScreen({ number }: { number: string }) {
  const words = claimsText();
  const claim = useLoaded(() => claims.one(number));
  const task = useTask();
  const found = claim.value.value;
  const run: Run = (action) => task.run(async () => void (claim.value.value = await action()));
  return (
    <Screen title={found ? words.mineTitle(found.id) : words.workTitle} width="narrow">
      <a class="text-button claim-back" href={to.claims()}>
        <Icon name="left" size={18} />
        {words.back}
      </a>
      {claim.error && <ErrorNote error={claim.error} retry={() => void claim.load()} />}
      {!found && !claim.error && <Loading />}
      {found && (
        <div class="panels">
          <About claim={found} run={run} task={task} />
          {task.error && <ErrorNote error={task.error} />}
          {found.items.map((item) => (
            <ClaimItemPanel key={item.name} item={item}>
              <ClaimFiles
                files={found.files.filter((file) => file.item === item.name)}
                onSave={(file) =>
                  void task.run(async () => {
                    const answer = await ask("GET", `/claims/${found.number}/files/${file.sha256}`);
                    saveBlob(await answer.blob(), file.name);
                  })
                }
              />
              {found.stage !== "withdrawn" && <Work claim={found} item={item} run={run} task={task} />}
            </ClaimItemPanel>
          ))}
          <ClaimHistory claim={found} />
          <Ending claim={found} run={run} task={task} />
        </div>
      )}
    </Screen>
  );
}

function About({ claim, run, task }: { claim: Claim; run: Run; task: Task }) {
  const words = claimsText();
  const reference = useSignal("");
  const due = dueText(claim);
  return (
    <section class="panel">
      <p class="claim-lead">
        <StageMark claim={claim} /> <span class="soft">{words.submitted(calendarDay(claim.submitted_at.slice(0, 10)))}</span>
      </p>
      {claim.contact ? (
        <p>
          <strong dir="auto">{claim.contact.name}</strong>
          <span class="soft"> · {regionName(claim.residence)}</span>
          {claim.contact.email && <bdi class="claim-line">{claim.contact.email}</bdi>}
          {claim.contact.address && <bdi class="claim-line">{claim.contact.address}</bdi>}
        </p>
      ) : (
        <p class="soft">{regionName(claim.residence)}</p>
      )}
      <BankLine claim={claim} />
      {due && (
        <form
          class="claim-inline"
          onSubmit={(event) => {
            event.preventDefault();
            void run(() => claims.paid(claim.number, reference.value.trim()));
          }}
        >
          <TextField label={words.reference} required maxLength={200} autocomplete="off" value={reference.value} onText={(text) => (reference.value = text)} />
          <Submit busy={task.busy}>{words.pay(due)}</Submit>
        </form>
      )}
      <div class="actions">
        <a class="button" href={`/api/v1/claims/${claim.number}/decision.csv?lang=${language.value}`} download>
          {words.decision}
        </a>
      </div>
    </section>
  );
}

function BankLine({ claim }: { claim: Claim }) {
  const words = claimsText();
  const bank = useSignal<ShownBank | null>(null);
  const task = useTask();
  if (!claim.bank) return <p class="soft">{words.noAccount}</p>;
  if (bank.value) {
    const parts = [bank.value.holder, bank.value.iban, bank.value.routing, bank.value.account].filter(Boolean);
    return parts.length ? <p class="claim-account">{parts.join(" · ")}</p> : <p class="soft">{words.noKey}</p>;
  }
  return (
    <div>
      <button type="button" class="button" aria-disabled={task.busy} onClick={() => void task.run(async () => void (bank.value = await claims.bank(claim.number)))}>
        {words.showBank}
      </button>
      <p class="hint">{words.showBankHint}</p>
      {task.error && <ErrorNote error={task.error} />}
    </div>
  );
}

/** What an operator can do about one item, the next step first. */
function Work({ claim, item, run, task }: { claim: Claim; item: ClaimItem; run: Run; task: Task }) {
  const words = claimsText();
  const note = useSignal("");
  const say = (kind: string, more: { on?: string; note?: string; amount?: string; currency?: string } = {}) =>
    void run(() => claims.say(claim.number, { kind, item: item.name, ...more }));
  switch (item.next) {
    case "send_receipt":
    case "check_receipt":
      return (
        <div class="form">
          <NoteField note={note} />
          <div class="actions">
            <button type="button" class="button button-main" aria-disabled={task.busy} onClick={() => say("receipt_accepted", { note: note.value })}>
              {words.accept}
            </button>
            <button type="button" class="button" aria-disabled={task.busy} onClick={() => say("receipt_refused", { note: note.value })}>
              {words.refuse}
            </button>
          </div>
        </div>
      );
    case "review":
      return <Review item={item} note={note} onDecide={(amount) => say("reviewed", { amount, currency: item.currency, note: note.value })} busy={task.busy} />;
    case "send_label":
      return (
        <div class="actions">
          <FileButton label={words.sendLabel} busy={task.busy} onFile={(file) => void run(() => claims.sendLabel(claim.number, item.name, file))} />
          <DayForm label={words.labelSent} busy={task.busy} onDay={(on) => say("label_sent", { on })} />
        </div>
      );
    case "confirm_label":
      return <DayForm label={words.labelCame} busy={task.busy} onDay={(on) => say("label_received", { on })} />;
    case "return_camera":
      return <DayForm label={words.returned} busy={task.busy} onDay={(on) => say("returned", { on })} />;
    case "recycle":
      return (
        <div class="form">
          <NoteField note={note} />
          <DayForm label={words.recycled} busy={task.busy} onDay={(on) => say("recycled", { on, note: note.value })} />
        </div>
      );
    default:
      return null;
  }
}

function NoteField({ note }: { note: Signal<string> }) {
  return <TextField label={claimsText().why} maxLength={2000} note={t().optional} value={note.value} onText={(text) => (note.value = text)} />;
}

function Review(props: { item: ClaimItem; note: Signal<string>; busy: boolean; onDecide: (amount: string) => void }) {
  const words = claimsText();
  const amount = useSignal(props.item.suggested ?? "");
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        props.onDecide(amount.value.trim().replace(",", "."));
      }}
    >
      <div class="columns">
        <TextField label={`${words.amount} (${props.item.currency})`} technical required value={amount.value} onText={(text) => (amount.value = text)} />
        <NoteField note={props.note} />
      </div>
      {props.item.suggested && <p class="hint">{words.suggested(money(props.item.suggested, props.item.currency))}</p>}
      <div class="actions">
        <Submit busy={props.busy}>{words.decide}</Submit>
      </div>
    </form>
  );
}

function Ending({ claim, run, task }: { claim: Claim; run: Run; task: Task }) {
  const words = claimsText();
  const asking = useSignal(false);
  const over = ["paid", "closed", "rejected", "withdrawn"].includes(claim.stage);
  if (claim.facts.some((fact) => fact.kind === "forgotten")) return <p class="soft">{words.forgotten}</p>;
  if (!over) return null;
  return (
    <div class="actions claim-end">
      <button type="button" class="text-button" onClick={() => (asking.value = true)}>
        {words.forget}
      </button>
      <Confirm
        open={asking.value}
        question={words.forgetQuestion(claim.id)}
        text={words.forgetText}
        action={words.forget}
        busy={task.busy}
        onConfirm={() => {
          asking.value = false;
          void run(() => claims.forget(claim.number));
        }}
        onClose={() => (asking.value = false)}
      />
    </div>
  );
}
