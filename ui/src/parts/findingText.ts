import { ERROR_KINDS, type ErrorKind, type Finding } from "../api/types";
import { t } from "../i18n";
import { language } from "../state/preferences";

const ERRORS: ReadonlySet<string> = new Set(ERROR_KINDS);

/** A probe's finding in the reader's words; what the server said stands below where a translation says less. */
export function findingText(finding: Finding): { main: string; detail: string } {
  const said = `${finding.what} ${finding.hint}`.trim();
  if (language.value === "en" || !ERRORS.has(finding.kind)) return { main: said, detail: "" };
  return { main: t().errors[finding.kind as ErrorKind], detail: said };
}
