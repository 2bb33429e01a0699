/** One `MediaSource` with one buffer, fed with fMP4; keeps the order of appends and a short stretch behind the picture. */

const KEEP_BEHIND_S = 8;
const TRIM_WHEN_BEHIND_S = 24;

interface SourceClass {
  new (): MediaSource;
  isTypeSupported(mime: string): boolean;
}

/** `ManagedMediaSource` is what iPhones have instead of `MediaSource`. */
function sourceClass(): SourceClass | undefined {
  const scope = globalThis as { ManagedMediaSource?: SourceClass; MediaSource?: SourceClass };
  return scope.ManagedMediaSource ?? scope.MediaSource;
}

/** Whether this browser plays `mime` by Media Source Extensions. */
export function plays(mime: string): boolean {
  return sourceClass()?.isTypeSupported(mime) ?? false;
}

function joined(parts: ArrayBuffer[]): ArrayBuffer {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), at);
    at += part.byteLength;
  }
  return whole.buffer;
}

export class MediaBuffer {
  private readonly source: MediaSource;
  private readonly address: string;
  private buffer: SourceBuffer | undefined;
  private mime = "";
  private waiting: ArrayBuffer[] = [];
  private steps: (() => void)[] = [];
  private failed = false;

  /** `onGrown` is called after every append, `onFailed` once when the browser gives the buffer up. */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly onGrown: () => void,
    private readonly onFailed: () => void,
  ) {
    this.source = new (sourceClass()!)();
    this.address = URL.createObjectURL(this.source);
    video.disableRemotePlayback = true;
    video.src = this.address;
    this.source.addEventListener("sourceopen", () => this.work());
  }

  /** Begins a new stretch of video: what was buffered goes, `init` is appended as soon as it is here. */
  begin(mime: string): void {
    this.waiting = [];
    this.steps = [];
    this.steps.push(() => this.become(mime));
    if (this.buffer) this.steps.push(() => this.buffer!.remove(0, Number.POSITIVE_INFINITY));
    this.work();
  }

  append(data: ArrayBuffer): void {
    this.waiting.push(data);
    this.work();
  }

  /** Start and end of the newest stretch in the buffer, in seconds. */
  newest(): { start: number; end: number } | undefined {
    const ranges = this.buffer && this.source.readyState === "open" ? this.buffer.buffered : undefined;
    if (!ranges || ranges.length === 0) return undefined;
    return { start: ranges.start(ranges.length - 1), end: ranges.end(ranges.length - 1) };
  }

  close(): void {
    this.failed = true;
    this.waiting = [];
    this.steps = [];
    if (this.video.src === this.address) {
      this.video.removeAttribute("src");
      this.video.load();
    }
    URL.revokeObjectURL(this.address);
  }

  private become(mime: string): void {
    if (!this.buffer) {
      this.buffer = this.source.addSourceBuffer(mime);
      this.buffer.addEventListener("updateend", () => this.grown());
      this.buffer.addEventListener("error", () => this.fail());
      this.source.duration = Number.POSITIVE_INFINITY;
    } else {
      this.buffer.abort();
      if (this.mime !== mime) this.buffer.changeType(mime);
    }
    this.mime = mime;
  }

  private grown(): void {
    if (this.failed) return;
    this.onGrown();
    this.work();
  }

  private work(): void {
    if (this.failed || this.source.readyState !== "open") return;
    try {
      while (!this.buffer?.updating && this.steps.length > 0) this.steps.shift()!();
      if (!this.buffer || this.buffer.updating || this.trim() || this.waiting.length === 0) return;
      this.buffer.appendBuffer(joined(this.waiting));
      this.waiting = [];
    } catch (error) {
      if (error instanceof DOMException && error.name === "QuotaExceededError") this.trim(0.5);
      else this.fail();
    }
  }

  /** Removes what lies far behind the picture; true when the browser is busy with it now. */
  private trim(whenBehind = TRIM_WHEN_BEHIND_S): boolean {
    const ranges = this.buffer!.buffered;
    const at = this.video.currentTime;
    if (ranges.length === 0 || at - ranges.start(0) < whenBehind) return false;
    this.buffer!.remove(0, Math.max(ranges.start(0) + 0.1, at - Math.min(KEEP_BEHIND_S, whenBehind / 2)));
    return true;
  }

  private fail(): void {
    if (this.failed) return;
    this.failed = true;
    this.onFailed();
  }
}
