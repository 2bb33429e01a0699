/** Plays a camera's footage from any moment on, window after window; two `<video>` take turns so that it goes on without a break. */
import { ApiError, address, filmFacts } from "../api/client";
import { type FilmClock, filmClock, placeOf, wallOf } from "./film_clock";

const WINDOW_MS = 40_000;
const FETCH_AHEAD_S = 8;
const USUAL_FRAME_S = 1 / 15;
const LONGEST_FRAME_S = 1;
const MOST_STEPS = 20;
const SEEK_PATIENCE_MS = 500;
/** A picture that was sought is on the screen after so long. */
const SHOW_MS = 40;

/** `empty`: there is no footage at this moment. `failed`: the browser cannot play it. */
export type PlayState = "idle" | "loading" | "paused" | "playing" | "empty" | "end" | "failed" | "offline";

export interface PlayListener {
  state: (state: PlayState) => void;
  /** The moment of the picture that is shown, in ms. */
  moment: (at: number) => void;
  /** Where footage goes on from this moment, and how far in one stretch; null when there is none after it. */
  footage: (at: number) => { from: number; to: number } | null;
  /** Playing has come to where the footage known so far ends; true when more is known now. */
  more: () => Promise<boolean>;
}

/** One element with the film it holds. */
interface Reel {
  readonly video: HTMLVideoElement;
  clock: FilmClock | null;
  /** What was asked for. */
  from: number;
  to: number;
}

export class RecordingPlayer {
  private front: Reel;
  private back: Reel;
  private wanted = false;
  private speed = 1;
  private frameS = USUAL_FRAME_S;
  /** The place in the film of the picture that is shown. */
  private shown = -1;
  private loading: AbortController | null = null;
  private ahead: AbortController | null = null;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private state: PlayState = "idle";
  private closed = false;

  constructor(
    private readonly camera: string,
    videos: readonly [HTMLVideoElement, HTMLVideoElement],
    private readonly listener: PlayListener,
  ) {
    [this.front, this.back] = videos.map((video) => ({ video, clock: null, from: 0, to: 0 })) as [Reel, Reel];
    for (const reel of [this.front, this.back]) this.hearken(reel);
    this.show();
  }

  get playing(): boolean {
    return this.wanted;
  }

  /** Shows the picture of a moment, and goes on from it when `play` is true. */
  async seek(at: number, play: boolean): Promise<void> {
    this.wanted = play;
    clearTimeout(this.waiting);
    const { clock, video } = this.front;
    if (clock && this.isThere(at)) {
      this.loading?.abort();
      video.currentTime = placeOf(clock, at);
      this.run();
      return;
    }
    await this.load(at);
  }

  play(): void {
    this.wanted = true;
    if (this.state === "end") void this.onward();
    else this.run();
  }

  pause(): void {
    this.wanted = false;
    clearTimeout(this.waiting);
    this.front.video.pause();
    if (this.state === "playing") this.tell("paused");
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.front.video.playbackRate = speed;
  }

  setMuted(muted: boolean): void {
    for (const reel of [this.front, this.back]) reel.video.muted = muted;
  }

  /** One picture on or back; how long a picture lasts is found out on the way. */
  async step(direction: 1 | -1): Promise<void> {
    this.pause();
    const { video, clock, from } = this.front;
    if (!clock) return;
    const before = this.shown;
    const most = "requestVideoFrameCallback" in video ? MOST_STEPS : 1;
    for (let n = 0; n < most && this.shown === before; n++) {
      const target = video.currentTime + direction * this.frameS;
      if (target < 0) return this.seek(from - 1000 * this.frameS, false);
      video.currentTime = target;
      await new Promise((done) => {
        video.addEventListener("seeked", done, { once: true });
        setTimeout(done, SEEK_PATIENCE_MS);
      });
      await new Promise((done) => setTimeout(done, SHOW_MS));
    }
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.waiting);
    this.loading?.abort();
    this.ahead?.abort();
    for (const reel of [this.front, this.back]) {
      reel.video.removeAttribute("src");
      reel.video.load();
    }
  }

  /** True for what the browser has of the film that is on. */
  private isThere(at: number): boolean {
    const { clock, video, to } = this.front;
    if (!clock || at < clock.start || at >= Math.min(to, clock.end) || video.error) return false;
    const place = placeOf(clock, at);
    const { buffered } = video;
    return Array.from({ length: buffered.length }, (_, n) => n).some(
      (n) => buffered.start(n) <= place + 0.05 && place <= buffered.end(n) - 0.05,
    );
  }

  private async load(at: number): Promise<void> {
    this.loading?.abort();
    this.ahead?.abort();
    const stretch = this.listener.footage(at);
    if (!stretch || stretch.from > at) {
      this.front.video.pause();
      this.front.clock = null;
      this.tell("empty");
      return;
    }
    this.tell("loading");
    const loading = (this.loading = new AbortController());
    const found = await this.fetchInto(this.front, at, stretch.to, loading.signal);
    if (loading.signal.aborted || this.closed) return;
    if (found === "there") this.run();
    else this.tell(found);
  }

  /** Gives the reel the film from `at` on. */
  private async fetchInto(
    reel: Reel,
    at: number,
    until: number,
    signal: AbortSignal,
  ): Promise<"there" | "empty" | "offline"> {
    const to = Math.min(at + WINDOW_MS, until);
    const url = address.recording(this.camera, new Date(at).toISOString(), new Date(Math.max(to, at + 200)).toISOString());
    try {
      const headers = await filmFacts(url, signal);
      const clock = headers && filmClock(headers);
      if (signal.aborted || this.closed || !clock) return "empty";
      // The film ends early where the picture's format changes; the next one goes on from there.
      Object.assign(reel, { clock, from: at, to: Math.min(to, Math.max(clock.end, at + 200)) });
      reel.video.src = url;
      reel.video.currentTime = placeOf(clock, at);
      return "there";
    } catch (error) {
      if (signal.aborted || error instanceof ApiError) return "offline";
      throw error;
    }
  }

  private run(): void {
    const { video, clock } = this.front;
    if (!clock) return;
    video.playbackRate = this.speed;
    if (!this.wanted) {
      video.pause();
      if (video.readyState >= 2) this.tell("paused");
      return;
    }
    // A browser that wants a touch first says no; the button stays where it is.
    void video.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.pause();
    });
  }

  private hearken(reel: Reel): void {
    const { video } = reel;
    const mine = (act: () => void) => () => {
      if (reel === this.front && reel.clock && !this.closed) act();
    };
    video.addEventListener("playing", mine(() => this.tell("playing")));
    video.addEventListener("waiting", mine(() => this.wanted && this.tell("loading")));
    video.addEventListener("loadeddata", mine(() => !this.wanted && this.tell("paused")));
    video.addEventListener("seeked", mine(() => this.moved()));
    video.addEventListener("timeupdate", mine(() => this.moved()));
    video.addEventListener("ended", mine(() => void this.onward()));
    video.addEventListener("error", mine(() => this.tell("failed")));
    if ("requestVideoFrameCallback" in video) this.measureFrames(reel);
  }

  /** How long one picture lasts, for single steps. */
  private measureFrames(reel: Reel): void {
    let before = -1;
    const next: VideoFrameRequestCallback = (_now, { mediaTime }) => {
      const length = mediaTime - before;
      if (!reel.video.paused && length > 0.005 && length < LONGEST_FRAME_S && this.speed <= 2) this.frameS = length;
      before = mediaTime;
      if (reel === this.front) this.shown = mediaTime;
      reel.video.requestVideoFrameCallback(next);
    };
    reel.video.requestVideoFrameCallback(next);
  }

  private moved(): void {
    const { clock, video, to } = this.front;
    if (!clock || video.seeking) return;
    const at = Math.min(wallOf(clock, video.currentTime), Math.max(to, clock.start));
    this.listener.moment(at);
    const left = (to - at) / 1000 / this.speed;
    if (this.wanted && left < FETCH_AHEAD_S && this.back.from !== to) void this.fetchNext(to);
  }

  private async fetchNext(at: number): Promise<void> {
    const stretch = this.listener.footage(at);
    if (!stretch) return;
    this.ahead?.abort();
    const ahead = (this.ahead = new AbortController());
    Object.assign(this.back, { from: at, clock: null });
    await this.fetchInto(this.back, Math.max(at, stretch.from), stretch.to, ahead.signal);
    if (!ahead.signal.aborted) this.back.from = at;
  }

  /** The film is over: goes on with the next one, over a gap if there is one, or waits for what is recorded right now. */
  private async onward(): Promise<void> {
    if (!this.wanted) return;
    const at = this.front.to;
    if (this.back.clock && this.back.from === at) {
      [this.front, this.back] = [this.back, this.front];
      Object.assign(this.back, { clock: null, from: 0 });
      this.show();
      this.run();
      return;
    }
    const stretch = this.listener.footage(at);
    if (stretch && stretch.to - Math.max(at, stretch.from) > 300) {
      await this.load(Math.max(at, stretch.from));
      return;
    }
    this.tell("end");
    if (await this.listener.more()) this.waiting = setTimeout(() => void this.onward(), 1500);
  }

  private show(): void {
    this.back.video.pause();
    this.front.video.hidden = false;
    this.back.video.hidden = true;
  }

  private tell(state: PlayState): void {
    if (state === this.state) return;
    this.state = state;
    this.listener.state(state);
  }
}
