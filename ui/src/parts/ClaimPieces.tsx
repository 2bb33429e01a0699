/** What a claim consists of, for customers and operators alike. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Claim, ClaimFile, ClaimItem } from "../api/claims";
import { calendarDay, money, size } from "../i18n";
import { claimsText, said } from "../i18n/claims";
import { Submit, TextField } from "./Field";
import { Icon } from "./Icon";

export function itemName(item: { name: string; serial?: string | null }): string {
  const words = claimsText();
  return item.name === "subscription" ? words.subscription : words.cameraItem(item.serial ?? item.name.replace(/^camera:/, ""));
}

export function dueText(claim: Claim): string {
  return Object.entries(claim.due)
    .map(([currency, amount]) => money(amount, currency))
    .join(" + ");
}

export function StageMark({ claim }: { claim: Claim }) {
  return (
    <span class="claim-stage" data-stage={claim.stage}>
      {said(claim.stage_text)}
    </span>
  );
}

export function ClaimItemPanel({ item, children }: { item: ClaimItem; children?: ComponentChildren }) {
  const words = claimsText();
  const show = (amount: string) => money(amount, item.currency);
  return (
    <section class="panel claim-item" aria-label={itemName(item)}>
      <div class="claim-item-head">
        <h2 dir="auto">{itemName(item)}</h2>
        <p class="claim-amount">{item.provisional ? words.provisional(show(item.provisional)) : show(item.amount)}</p>
      </div>
      <p>{said(item.explanation)}</p>
      {item.suggested && <p class="soft">{words.suggested(show(item.suggested))}</p>}
      {Number(item.paid) > 0 && <p class="soft">{words.paidSoFar(show(item.paid))}</p>}
      <p class="claim-next" data-turn={item.turn}>
        <Icon name={item.turn === "nobody" ? "check" : "right"} size={18} />
        <span>
          {said(item.next_text)} {item.until && <strong>{words.lastDay(calendarDay(item.until))}</strong>}
        </span>
      </p>
      {children}
    </section>
  );
}

export function ClaimFiles({ files, onSave }: { files: ClaimFile[]; onSave: (file: ClaimFile) => void }) {
  const words = claimsText();
  if (!files.length) return null;
  return (
    <ul class="rows">
      {files.map((file) => (
        <li key={`${file.sha256} ${file.item}`} class="row">
          <span class="row-main">
            <bdi>{file.name}</bdi>
            <span class="soft row-more">
              {words.purposes[file.purpose]}, {size(file.size)}
            </span>
          </span>
          <button type="button" class="text-button" onClick={() => onSave(file)}>
            {words.saveFile} <bdi class="visually-hidden">{file.name}</bdi>
          </button>
        </li>
      ))}
    </ul>
  );
}

export function ClaimHistory({ claim }: { claim: Claim }) {
  const words = claimsText();
  if (!claim.facts.length) return null;
  return (
    <section class="panel" aria-labelledby="claim-history">
      <h2 id="claim-history">{words.history}</h2>
      <ol class="claim-history">
        {claim.facts.map((fact, place) => (
          <li key={place}>
            <span class="soft">{calendarDay(fact.on)}</span>
            <span>
              {said(fact.text)}
              {fact.item && <bdi class="soft"> · {itemName({ name: fact.item })}</bdi>}
              {fact.amount && fact.currency && ` · ${money(fact.amount, fact.currency)}`}
              {fact.note && <bdi class="claim-note">{fact.note}</bdi>}
              <span class="soft claim-by">{words.by[fact.by] ?? fact.by}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Hands a file to the browser to be saved; it is never opened as a page of ours. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Something that was done on a day, today unless another one is chosen. */
export function DayForm(props: { label: string; busy: boolean; onDay: (day: string) => void }) {
  const today = new Date().toLocaleDateString("sv-SE");
  const day = useSignal(today);
  return (
    <form
      class="claim-inline"
      onSubmit={(event) => {
        event.preventDefault();
        props.onDay(day.value);
      }}
    >
      <TextField label={claimsText().onDay} type="date" required max={today} value={day.value} onText={(text) => (day.value = text)} />
      <Submit busy={props.busy}>{props.label}</Submit>
    </form>
  );
}

/** A button that opens the choice of a file. */
export function FileButton(props: { label: string; busy: boolean; onFile: (file: File) => void }) {
  return (
    <label class="button claim-file" aria-disabled={props.busy}>
      {props.busy ? <span class="spinner" aria-hidden="true" /> : <Icon name="plus" />}
      {props.label}
      <input
        type="file"
        class="visually-hidden"
        accept="application/pdf,image/jpeg,image/png,image/webp"
        disabled={props.busy}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) props.onFile(file);
          event.currentTarget.value = "";
        }}
      />
    </label>
  );
}
