import type { Mode } from "../api/types";
import { t } from "../i18n";
import type { Choice } from "./Field";

/** When a camera records, with what each choice means. */
export function modeChoices(): Choice<Mode>[] {
  const { modes, modeHints } = t().cameraSettings;
  return (["continuous", "events", "off"] as const).map((value) => ({
    value,
    text: modes[value],
    hint: modeHints[value],
  }));
}
