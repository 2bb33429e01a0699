/** Claims: customers show the key of theirs, operators are logged in. */
import { ask } from "./client";

export interface Text {
  de: string;
  en: string;
}

export interface ClaimItem {
  name: string;
  serial: string | null;
  reason: string;
  amount: string;
  currency: string;
  due: string;
  paid: string;
  provisional: string | null;
  suggested: string | null;
  next: "send_receipt" | "check_receipt" | "review" | "send_label" | "confirm_label" | "return_camera" | "pay" | "recycle" | "nothing";
  turn: "customer" | "operator" | "nobody";
  until: string | null;
  explanation: Text;
  next_text: Text;
}

export interface ClaimFact {
  kind: string;
  item: string;
  on: string;
  at: string;
  by: string;
  amount: string | null;
  currency: string | null;
  note: string;
  text: Text;
}

export interface ClaimFile {
  sha256: string;
  item: string;
  purpose: "receipt" | "label";
  name: string;
  media_type: string;
  size: number;
  at: string;
}

export const STAGES = [
  "checking",
  "evidence_missing",
  "awaiting_return",
  "decided",
  "paid",
  "closed",
  "rejected",
  "withdrawn",
] as const;
export type Stage = (typeof STAGES)[number];

export interface Claim {
  id: string;
  number: number;
  source: string;
  submitted_at: string;
  residence: string;
  stage: Stage;
  stage_text: Text;
  due: Record<string, string>;
  items: ClaimItem[];
  facts: ClaimFact[];
  files: ClaimFile[];
  contact: { name: string; email: string; address: string } | null;
  bank: string | null;
}

export interface ClaimPage {
  claims: Claim[];
  next: number | null;
  stages: Partial<Record<Stage, number>>;
}

export interface ClaimForm {
  open: boolean;
  policy: string;
  claims_until: string | null;
  currencies: Record<string, string>;
  largest_file_bytes: number;
}

export interface Bank {
  holder: string;
  iban?: string;
  routing?: string;
  account?: string;
}

export interface NewCamera {
  serial: string;
  kind: "refund" | "disposal";
  bought_on?: string;
  price?: string;
  currency?: string;
  voucher?: string;
}

export interface NewClaim {
  key: string;
  residence: string;
  subscription: { plan: "yearly" | "monthly"; starts_on: string; ends_on: string } | null;
  cameras: NewCamera[];
  contact: { name: string; email: string; address: string };
  bank: Bank;
}

export interface Desk {
  open: boolean;
  policy: string;
  options: Record<string, string>;
  rates: Record<string, string>;
}

export interface ShownBank {
  holder: string | null;
  iban: string | null;
  routing: string | null;
  account: string | null;
}

type Method = "GET" | "POST" | "PUT";

async function json<Answer>(method: Method, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
  return (await (await ask(method, `/claims${path}`, body, headers)).json()) as Answer;
}

function fileQuery(item: string, name: string): string {
  return `?${new URLSearchParams({ item, name }).toString()}`;
}

/** A secret of 192 bits; whoever has it, has the claim. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

/** What the customer can do with a claim whose key is known. */
export function mine(id: string, key: string) {
  const headers = { "Wachtel-Claim": `${id} ${key}` };
  return {
    look: () => json<Claim>("GET", "/mine", undefined, headers),
    bank: (bank: Bank) => json<Claim>("PUT", "/mine/bank", bank, headers),
    say: (kind: "label_received" | "withdrawn" | "resumed", item = "", on?: string) =>
      json<Claim>("POST", "/mine/facts", { kind, item, ...(on && { on }) }, headers),
    send: (item: string, file: File) => json<Claim>("POST", `/mine/files${fileQuery(item, file.name)}`, file, headers),
    file: async (sha256: string) => (await ask("GET", `/claims/mine/files/${sha256}`, undefined, headers)).blob(),
  };
}

export const claims = {
  form: () => json<ClaimForm>("GET", "/form"),
  handIn: (claim: NewClaim) => json<{ id: string; new: boolean }>("POST", "/form", claim),
  page: (stages: readonly Stage[], before?: number) => {
    const query = new URLSearchParams(stages.map((stage) => ["stage", stage]));
    if (before) query.set("before", String(before));
    return json<ClaimPage>("GET", `?${query.toString()}`);
  },
  one: (number: string) => json<Claim>("GET", `/${encodeURIComponent(number)}`),
  desk: () => json<Desk>("GET", "/desk"),
  setUp: (desk: Desk) => json<Desk>("PUT", "/desk", desk),
  say: (number: number, word: { kind: string; item: string; on?: string; amount?: string; currency?: string; note?: string }) =>
    json<Claim>("POST", `/${number}/facts`, word),
  sendLabel: (number: number, item: string, file: File) =>
    json<Claim>("POST", `/${number}/files${fileQuery(item, file.name)}`, file),
  bank: (number: number) => json<ShownBank>("GET", `/${number}/bank`),
  paid: (number: number, reference: string) => json<Claim>("POST", `/${number}/paid`, { reference }),
  forget: (number: number) => json<Claim>("POST", `/${number}/forget`),
};
