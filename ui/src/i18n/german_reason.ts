/** The German sentences of errors are many; they come after the page itself, and only for German readers. */
import { effect, signal } from "@preact/signals";
import { language } from "../state/preferences";
import type { Details } from "./reasons";

export type { Details };

const reasons = signal<typeof import("./reasons") | null>(null);

effect(() => {
  if (language.value === "de" && !reasons.value) void import("./reasons").then((found) => (reasons.value = found));
});

/** The sentence of a code; "" for one that only a newer or extended server knows, and until the sentences are there. */
export function germanReason(code: string, details: Details): string {
  return reasons.value?.germanReason(code, details) ?? "";
}
