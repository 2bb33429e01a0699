import type { Analysis, Camera } from "../api/types";
import { m } from "../i18n/motion";
import type { Choice } from "./Field";

/** How much is looked at; a camera's own word can be relied on where there is a device to ask. */
export function analysisChoices(camera: Camera): Choice<Analysis>[] {
  const { analyses, analysisHints } = m();
  const all: Analysis[] = ["auto", "every", "economy", ...(camera.device_url ? (["camera"] as const) : [])];
  return all.map((value) => ({ value, text: analyses[value], hint: analysisHints[value] }));
}
