/**
 * Keeps a playing video close to the end of its buffer without stuttering.
 *
 * A little too late: play a little faster. Far too late: jump. Each time the picture ran dry the wanted distance grows,
 * and shrinks again while all goes well.
 */

const NEAREST_S = 0.12;
const FARTHEST_S = 1.2;
const JUMP_BEYOND_S = 1.6;
const SHRINK_PER_S = 0.01;

export class LiveEdge {
  private wanted = 0.2;
  private lastShrinkMs = 0;

  /** Distance to the end of the buffer that is aimed at, in seconds. */
  get distance(): number {
    return this.wanted;
  }

  /** The picture ran dry. */
  ranDry(): void {
    this.wanted = Math.min(FARTHEST_S, this.wanted + 0.12);
  }

  /** Steers `video` towards the end of the stretch from `start` to `end`. */
  follow(video: HTMLVideoElement, start: number, end: number, nowMs: number): void {
    this.shrink(nowMs);
    const late = end - video.currentTime;
    if (video.currentTime < start || late < 0 || late > this.wanted + JUMP_BEYOND_S) {
      video.currentTime = Math.max(start, end - this.wanted);
      video.playbackRate = 1;
      return;
    }
    const excess = late - this.wanted;
    const rate = excess > 0.6 ? 1.25 : excess > 0.15 ? 1.08 : 1;
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  private shrink(nowMs: number): void {
    const passed = this.lastShrinkMs ? (nowMs - this.lastShrinkMs) / 1000 : 0;
    this.lastShrinkMs = nowMs;
    this.wanted = Math.max(NEAREST_S, this.wanted - SHRINK_PER_S * passed);
  }
}
