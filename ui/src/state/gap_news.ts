/** Gaps of the last 24 hours, of all cameras the reader may see. */
import { signal } from "@preact/signals";
import { ApiError, api } from "../api/client";
import type { GapReason } from "../api/types";
import { cameraById } from "./world";

const DAY_MS = 86_400_000;
const FRESH_MS = 60_000;

export interface RecentGap {
  camera: string;
  from: number;
  to: number;
  reason: GapReason;
  /** It goes on. */
  lasts: boolean;
}

/** The newest first. */
export const recentGaps = signal<RecentGap[]>([]);

let asked = 0;

/** Asks unless that was done a moment ago; what cannot be had now is simply not told. */
export async function lookForGaps(again = false): Promise<void> {
  const now = Date.now();
  if (!again && now - asked < FRESH_MS) return;
  asked = now;
  try {
    const found = await api.timeline(new Date(now - DAY_MS).toISOString(), new Date(now).toISOString());
    recentGaps.value = found.cameras
      .filter(({ stretches }) => stretches.some(({ state }) => state !== "unknown")) // else it is new: nothing is known yet
      .flatMap(({ camera, until, stretches }) =>
        stretches
          .filter(({ state }) => state === "gap" || state === "unknown")
          .map(({ start, end, reason }) => ({
            camera,
            from: Date.parse(start),
            to: Date.parse(end),
            reason: reason ?? "unknown",
            lasts: end === until && cameraById(camera)?.gap !== null,
          })),
      )
      .filter((gap) => gap.to - gap.from > 1000 * (cameraById(gap.camera)?.gap_limit_s ?? 30))
      .sort((a, b) => b.from - a.from);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}
