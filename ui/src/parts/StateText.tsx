/** The honest state of a camera, as a mark and as a sentence. */
import type { Camera, ErrorKind, StreamState } from "../api/types";
import { duration, secondsBetween, t, timeNear } from "../i18n";
import { now } from "../state/clock";
import { saidText } from "./findingText";
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

/** Why, exactly, and what to do about it; with its language, for a server that knows more than this page. */
export function detailText(state: StreamState): { text: string; lang?: "en" } {
  const text = saidText(state);
  return text || !state.what ? { text } : { text: `${state.what} ${state.hint}`.trim(), lang: "en" };
}

/** A gap that has become an alarm, in one sentence with its reason; empty while all is recorded. */
export function gapText(camera: Camera): string {
  const { gap } = camera;
  if (!gap?.alarm) return "";
  const reason = t().gap.reasons[gap.reason] ?? t().gap.reasons.unknown;
  return `${t().gap.since(duration(secondsBetween(gap.since, now.value)))}. ${reason}`;
}

export function sinceText(since: string): string {
  return t().state.since(duration(secondsBetween(since, now.value)));
}

export function lastFrameText(camera: Camera, state: StreamState): string {
  if (!state.last_frame) return t().state.neverFrame;
  return t().state.lastFrame(timeNear(state.last_frame, siteById(camera.site)?.time_zone, now.value));
}
