import type { Scope } from "../api/types";
import { t } from "../i18n";
import type { Choice } from "./Field";

/** What somebody may do, with what each choice means. */
export function scopeChoices(): Choice<Scope>[] {
  const { scopes, scopeHints } = t().settings;
  return (["view", "control", "admin"] as const).map((value) => ({
    value,
    text: scopes[value],
    hint: scopeHints[value],
  }));
}
