import { ERROR_KINDS, type ErrorKind, type Finding, REMARK_KINDS, type RemarkKind } from "../api/types";
import { t } from "../i18n";
import { germanRemarks } from "../i18n/remarks";
import { language } from "../state/preferences";

const ERRORS: ReadonlySet<string> = new Set(ERROR_KINDS);
const REMARKS: ReadonlySet<string> = new Set(REMARK_KINDS);

/** A probe's finding in the reader's words; what the server said stands below where a translation says less. */
export function findingText(finding: Finding): { main: string; detail: string } {
  const said = `${finding.what} ${finding.hint}`.trim();
  if (language.value === "en") return { main: said, detail: "" };
  if (ERRORS.has(finding.kind)) return { main: t().errors[finding.kind as ErrorKind], detail: said };
  if (REMARKS.has(finding.kind)) return { main: germanRemarks[finding.kind as RemarkKind](finding), detail: "" };
  return { main: said, detail: "" };
}
