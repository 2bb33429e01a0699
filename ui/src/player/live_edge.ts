/**
 * Keeps a playing video close to its newest picture without stuttering.
 *
 * A little too late: play a little faster. Far too late: jump. Overtaken the newest picture: play a little slower, and aim
 * for a larger distance from now on, which shrinks again while all goes well.
 */

const NEAREST_S = 0.05;
/** So much too late is no reason to play faster. */
const STEADY_S = 0.02;
const FARTHEST_S = 1.2;
const JUMP_BEYOND_S = 1.6;
const JUMP_AT_FIRST_BEYOND_S = 0.4;
/** Overtaken by so much, the camera was away and the video stands at the end of what it had. */
const AWAY_S = 0.5;
const GROW_S = 0.08;
const SHRINK_PER_S = 0.02;
const SETTLING_MS = 1500;

export class LiveEdge {
  private wanted = NEAREST_S;
  /** Usual distance between two pictures, in seconds. */
  private interval = 0.1;
  private newest = 0;
  private lastShrinkMs = 0;
  private begunMs = 0;
  private wasAway = false;

  /** A new stretch of video begins. */
  begin(nowMs: number): void {
    this.newest = 0;
    this.begunMs = nowMs;
  }

  /** A picture due at `due` has come while the video shows the moment `shown`. */
  arrived(due: number, shown: number, nowMs: number): void {
    const step = due - this.newest;
    if (this.newest && step > 0 && step < 2) this.interval += (step - this.interval) / 16;
    const overtaken = this.newest ? shown - this.newest : 0;
    if (step > 0 && overtaken > AWAY_S) this.wasAway = true;
    else if (overtaken > 0 && nowMs - this.begunMs > SETTLING_MS) {
      this.wanted = Math.min(FARTHEST_S, this.wanted + GROW_S);
    }
    this.newest = Math.max(due, this.newest);
  }

  /** How far behind the newest picture the video should be, in seconds. */
  get distance(): number {
    return this.wanted + this.interval;
  }

  /** Steers `video` within the buffered stretch from `start` to `end`. */
  follow(video: HTMLVideoElement, start: number, end: number, nowMs: number): void {
    this.shrink(nowMs);
    const newest = Math.min(end, this.newest);
    const late = newest - video.currentTime;
    const settling = nowMs - this.begunMs < SETTLING_MS;
    const tooLate = this.distance + (settling ? JUMP_AT_FIRST_BEYOND_S : JUMP_BEYOND_S);
    if (video.currentTime < start || late > tooLate || this.wasAway) {
      this.wasAway = false;
      video.currentTime = Math.max(start, newest - this.distance);
      video.playbackRate = 1;
      return;
    }
    const rate = this.rateFor(late - this.distance);
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  private rateFor(excess: number): number {
    if (excess > 0.6) return 1.25;
    if (excess > 0.1) return 1.08;
    if (excess > STEADY_S) return 1.03;
    return excess < -this.distance ? 0.9 : 1;
  }

  private shrink(nowMs: number): void {
    const passed = this.lastShrinkMs ? (nowMs - this.lastShrinkMs) / 1000 : 0;
    this.lastShrinkMs = nowMs;
    this.wanted = Math.max(NEAREST_S, this.wanted - SHRINK_PER_S * Math.min(1, passed));
  }
}
