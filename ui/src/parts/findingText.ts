import { ERROR_KINDS, type ErrorKind, type Finding } from "../api/types";
import { t } from "../i18n";
import { type Details, germanReason } from "../i18n/german_reason";
import { language } from "../state/preferences";

const ERRORS: ReadonlySet<string> = new Set(ERROR_KINDS);

/** What the server said, with what a translation needs. */
interface Said {
  what: string;
  hint: string;
  code: string;
  details: Details;
}

/** The server's sentence and next step in the reader's words; "" when it has a code that nobody here knows. */
export function saidText(said: Said): string {
  if (language.value === "en") return `${said.what} ${said.hint}`.trim();
  return germanReason(said.code, said.details);
}

/** A probe's finding in the reader's words; what the server said stands below where there is no translation of it. */
export function findingText(finding: Finding): { main: string; exact: string; detail: string } {
  const kind = ERRORS.has(finding.kind) ? t().errors[finding.kind as ErrorKind] : "";
  const text = saidText(finding);
  const said = `${finding.what} ${finding.hint}`.trim();
  if (!text) return { main: kind || said, exact: "", detail: kind ? said : "" };
  return language.value === "en" || !kind ? { main: text, exact: "", detail: "" } : { main: kind, exact: text, detail: "" };
}
