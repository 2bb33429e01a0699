/** Counts what alarm panels have told, so that whoever shows one knows when to look again. */
import { signal } from "@preact/signals";

export const alarmNews = signal(0);
