/** One sentence about a camera: fine, a warning, or wrong. */
import type { Finding } from "../api/types";
import { t } from "../i18n";
import { Icon } from "./Icon";
import { findingText } from "./findingText";

const LEVEL_ICON = { ok: "check", warning: "question", error: "alert" } as const;

export function FindingLine({ finding }: { finding: Finding }) {
  const { main, exact, detail } = findingText(finding);
  return (
    <li class="finding" data-level={finding.level}>
      <Icon name={LEVEL_ICON[finding.level]} />
      <div>
        <p>
          <span class="visually-hidden">{t().findings[finding.level]}: </span>
          {main}
        </p>
        {exact && <p class="detail">{exact}</p>}
        {detail && (
          <p class="detail" lang="en">
            {detail}
          </p>
        )}
      </div>
    </li>
  );
}
