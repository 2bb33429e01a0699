/** A customer's own claim, opened by its link. */
import { useSignal } from "@preact/signals";
import { type Bank, type Claim, type ClaimFile, type ClaimItem, mine } from "../api/claims";
import { calendarDay, t } from "../i18n";
import { claimsText } from "../i18n/claims";
import { BankFields } from "../parts/BankFields";
import { ClaimFiles, ClaimHistory, ClaimItemPanel, DayForm, FileButton, StageMark, saveBlob } from "../parts/ClaimPieces";
import { Confirm } from "../parts/Confirm";
import { Submit } from "../parts/Field";
import { ErrorNote, Loading } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { SecretNote } from "../parts/SecretNote";
import { useLoaded } from "../parts/useLoaded";
import { type Task, useTask } from "../parts/useTask";

type Mine = ReturnType<typeof mine>;

export function ClaimMineScreen({ id, secret }: { id: string; secret: string }) {
  const words = claimsText();
  const access = mine(id, secret);
  const claim = useLoaded(access.look);
  const task = useTask();
  const found = claim.value.value;

  function run(action: () => Promise<Claim>): void {
    void task.run(async () => void (claim.value.value = await action()));
  }

  return (
    <Screen title={words.mineTitle(id)} width="narrow">
      {claim.error && <ErrorNote error={claim.error} retry={() => void claim.load()} />}
      {!found && !claim.error && <Loading />}
      {found && (
        <div class="panels">
          <section class="panel">
            <p class="claim-lead">
              <StageMark claim={found} /> <span class="soft">{words.submitted(calendarDay(found.submitted_at.slice(0, 10)))}</span>
            </p>
            <SecretNote text={words.keepLink} secret={location.href} />
          </section>
          {task.error && <ErrorNote error={task.error} />}
          {found.items.map((item) => (
            <ClaimItemPanel key={item.name} item={item}>
              <Steps item={item} access={access} task={task} run={run} />
              <ClaimFiles
                files={found.files.filter((file) => file.item === item.name)}
                onSave={(file: ClaimFile) => void task.run(async () => saveBlob(await access.file(file.sha256), file.name))}
              />
            </ClaimItemPanel>
          ))}
          <Account claim={found} access={access} run={run} busy={task.busy} />
          <ClaimHistory claim={found} />
          <Withdrawal claim={found} access={access} run={run} busy={task.busy} />
        </div>
      )}
    </Screen>
  );
}

/** What the customer can do next about one item. */
function Steps({ item, access, task, run }: { item: ClaimItem; access: Mine; task: Task; run: (action: () => Promise<Claim>) => void }) {
  const words = claimsText();
  if (item.next === "send_receipt" || item.next === "check_receipt" || item.reason === "NO_AUTHORISED_RECEIPT") {
    return (
      <div>
        <FileButton label={words.sendReceipt} busy={task.busy} onFile={(file) => run(() => access.send(item.name, file))} />
        <p class="hint">{words.receiptHint}</p>
      </div>
    );
  }
  if (item.next === "confirm_label") return <DayForm label={words.labelCame} busy={task.busy} onDay={(on) => run(() => access.say("label_received", item.name, on))} />;
  return null;
}

function Account({ claim, access, run, busy }: { claim: Claim; access: Mine; run: (action: () => Promise<Claim>) => void; busy: boolean }) {
  const words = claimsText();
  const bank = useSignal<Bank>({ holder: "" });
  const name = claim.contact?.name ?? "";
  const over = ["paid", "closed", "rejected", "withdrawn"].includes(claim.stage);
  return (
    <section class="panel" aria-labelledby="claim-account">
      <h2 id="claim-account">{words.bank}</h2>
      <p>{claim.bank ? words.toAccount(claim.bank) : words.noAccount}</p>
      {!over && (
        <details class="adding">
          <summary class="button">{words.changeAccount}</summary>
          <form
            class="form"
            onSubmit={(event) => {
              event.preventDefault();
              run(() => access.bank({ ...bank.value, holder: bank.value.holder || name }));
            }}
          >
            <BankFields bank={bank.value} name={name} american={claim.residence === "US"} onBank={(next) => (bank.value = next)} />
            <div class="actions">
              <Submit busy={busy}>{t().save}</Submit>
            </div>
          </form>
        </details>
      )}
    </section>
  );
}

function Withdrawal({ claim, access, run, busy }: { claim: Claim; access: Mine; run: (action: () => Promise<Claim>) => void; busy: boolean }) {
  const words = claimsText();
  const asking = useSignal(false);
  const paid = claim.items.some((item) => Number(item.paid) > 0);
  return (
    <div class="actions claim-end">
      <button type="button" class="button" onClick={() => print()}>
        {words.print}
      </button>
      {claim.stage === "withdrawn" && (
        <button type="button" class="button" aria-disabled={busy} onClick={() => run(() => access.say("resumed"))}>
          {words.resume}
        </button>
      )}
      {claim.stage !== "withdrawn" && !paid && (
        <button type="button" class="text-button" onClick={() => (asking.value = true)}>
          {words.withdraw}
        </button>
      )}
      <Confirm
        open={asking.value}
        question={words.withdrawQuestion}
        text={words.withdrawText}
        action={words.withdraw}
        busy={busy}
        onConfirm={() => {
          asking.value = false;
          run(() => access.say("withdrawn"));
        }}
        onClose={() => (asking.value = false)}
      />
    </div>
  );
}
