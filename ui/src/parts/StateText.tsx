/** The honest state of a camera, as a mark and as a sentence. */
import type { Camera, ErrorKind, StreamState } from "../api/types";
import { duration, secondsBetween, t, timeNear } from "../i18n";
import { now } from "../state/clock";
import { siteById } from "../state/world";

export function StateMark({ state, text }: { state: StreamState; text?: string }) {
  return (
    <span class="state-mark" data-condition={state.condition}>
      <span class="state-dot" aria-hidden="true" />
      {text ?? t().condition[state.condition]}
    </span>
  );
}

/** Why there is no picture, in one sentence; empty while there is one. */
export function reasonText(state: StreamState): string {
  if (state.condition === "live" || !state.reason) return "";
  const known = t().errors[state.reason as ErrorKind];
  return known ?? state.what;
}

export function sinceText(since: string): string {
  return t().state.since(duration(secondsBetween(since, now.value)));
}

export function lastFrameText(camera: Camera, state: StreamState): string {
  if (!state.last_frame) return t().state.neverFrame;
  return t().state.lastFrame(timeNear(state.last_frame, siteById(camera.site)?.time_zone, now.value));
}
