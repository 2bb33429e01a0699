/** The words of the pages about the past; loaded with those pages only. */
import { computed } from "@preact/signals";
import type { GapReason, LedgerState } from "../api/types";
import { language } from "../state/preferences";
import { recordingsDe } from "./recordings_de";
import { recordingsEn } from "./recordings_en";

/** What they must be able to name. */
const complete: [Record<LedgerState, string>, Record<GapReason, string>] = [
  recordingsDe.recordings.state,
  recordingsDe.recordings.reasonShort,
];
void complete;

const words = computed(() => (language.value === "de" ? recordingsDe : recordingsEn));

/** As `t` of the main dictionary. */
export function w(): typeof recordingsDe {
  return words.value;
}
