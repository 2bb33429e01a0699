/**
 * The live picture: WebSocket in, `<video>` out. Knows nothing of the page around it.
 *
 * Where it is given a second `<video>`, WebRTC is tried beside it and takes over when its picture stands. When that is
 * lost, its last picture stays until the WebSocket brings a new one.
 *
 * The server sends JSON text `init` followed by one binary init segment, then one fragment per binary message, beginning
 * with the group of pictures it has at hand; and JSON text `state` whenever the camera's state changes.
 */
import { Backoff } from "./backoff";
import { type VideoTrack, lengthen, videoTrack } from "./fragments";
import { LiveEdge } from "./live_edge";
import { MediaBuffer, plays } from "./media_buffer";
import { WebRtcView, canWatch } from "./webrtc_view";

export type StreamName = "main" | "sub";

/** Why there is no moving picture although the camera may have one. */
export type Trouble = "none" | "connection" | "format";

/** What the page may show about the picture. */
export interface LiveStatus {
  /** A picture of this connection is on the screen. */
  playing: boolean;
  trouble: Trouble;
  stream: StreamName;
  /** The main stream could not be played here and the sub stream is shown instead. */
  fellBack: boolean;
  /** This browser plays nothing the camera sends: the server turns the pictures into H.264. */
  converted: boolean;
  /** The stream carries sound. */
  sound: boolean;
  way: "websocket" | "webrtc";
  width: number;
  height: number;
}

export interface LiveOptions<State> {
  video: HTMLVideoElement;
  /** For WebRTC, lying on the first one; and the address that takes its offers. */
  second?: { video: HTMLVideoElement; address: (stream: StreamName) => string } | undefined;
  /** Address of the WebSocket of a stream, as the camera sends it or converted. */
  address: (stream: StreamName, convert: boolean) => string;
  stream: StreamName;
  hasSub: boolean;
  onStatus: (status: LiveStatus) => void;
  /** The camera's state as the server tells it. */
  onState: (state: State) => void;
}

interface InitMessage {
  type: "init";
  mime: string;
  width: number;
  height: number;
}

const SILENT_AFTER_MS = 20_000;
/** Longer than the pause between two pictures of any camera. */
const PICTURE_LENGTH_S = 1;
const WATCH_EVERY_MS = 500;
/** The server has no room for the view (RFC 6455 registry: try again later). */
const REFUSED = 1013;
/** WebRTC that did not stand, or not for so long, is tried again ever more seldom. */
const WORTHWHILE_MS = 10_000;
const FIRST_REST_MS = 10_000;
const LONGEST_REST_MS = 300_000;

export class LivePlayer<State> {
  private readonly backoff = new Backoff();
  private readonly edge = new LiveEdge();
  private readonly seen: IntersectionObserver;
  private readonly listeners = new AbortController();
  private socket: WebSocket | undefined;
  private media: MediaBuffer | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private onScreen = false;
  private track: VideoTrack | "coming" | undefined;
  private fresh = false;
  private lastMessageMs = 0;
  private status: LiveStatus;
  private rtc: WebRtcView | undefined;
  private readonly rtcRests = new Backoff(FIRST_REST_MS, LONGEST_REST_MS);
  private rtcRestsUntil = 0;
  private mime = "";

  constructor(private readonly options: LiveOptions<State>) {
    this.status = {
      playing: false,
      trouble: "none",
      stream: options.stream,
      fellBack: false,
      converted: false,
      sound: false,
      way: "websocket",
      width: 0,
      height: 0,
    };
    const { video, second } = options;
    for (const one of second ? [video, second.video] : [video]) {
      one.muted = true;
      one.autoplay = true;
      one.playsInline = true;
    }
    this.listen(video);
    second?.video.addEventListener("volumechange", () => this.heed(), { signal: this.listeners.signal });
    this.seen = new IntersectionObserver((entries) => {
      this.onScreen = entries.at(-1)!.isIntersecting;
      this.weigh();
    });
    this.seen.observe(video);
  }

  /** The element whose picture is seen and whose sound is heard. */
  get showing(): HTMLVideoElement {
    return (this.status.way === "webrtc" && this.options.second?.video) || this.options.video;
  }

  /** The server seems to be away: WebRTC alone would notice late. */
  doubt(): void {
    if (!this.rtc?.stands) return;
    this.rtc.close();
    this.without(Number.POSITIVE_INFINITY);
  }

  /** Ends everything; the player cannot be used again. */
  close(): void {
    this.rtc?.close();
    this.listeners.abort();
    this.seen.disconnect();
    this.disconnect();
    this.media?.close();
    this.media = undefined;
  }

  private listen(video: HTMLVideoElement): void {
    const { signal } = this.listeners;
    document.addEventListener("visibilitychange", () => this.weigh(), { signal });
    globalThis.addEventListener("online", () => this.hurry(), { signal });
    video.addEventListener("playing", () => this.tell({ playing: true, trouble: "none" }), { signal });
    video.addEventListener("error", () => this.rebuild(), { signal });
  }

  /** Connects while somebody can see the picture, and only then. */
  private weigh(): void {
    const wanted = this.onScreen && document.visibilityState === "visible";
    if (wanted && !this.socket && !this.retry && !this.rtc?.stands) this.connect();
    if (wanted) return;
    this.disconnect();
    this.rtc?.close();
    this.rtc = undefined;
    this.show("websocket");
  }

  private hurry(): void {
    if (!this.retry) return;
    clearTimeout(this.retry);
    this.retry = undefined;
    this.backoff.reset();
    this.weigh();
  }

  private connect(): void {
    const socket = new WebSocket(this.options.address(this.status.stream, this.status.converted));
    socket.binaryType = "arraybuffer";
    socket.onmessage = (message: MessageEvent<string | ArrayBuffer>) => this.take(message.data);
    socket.onclose = (event) => this.lost(event.code === REFUSED && this.status.converted ? "format" : "connection");
    this.socket = socket;
    this.track = undefined;
    this.lastMessageMs = performance.now();
    this.watch = setInterval(() => this.look(), WATCH_EVERY_MS);
  }

  private disconnect(): void {
    clearTimeout(this.retry);
    clearInterval(this.watch);
    this.retry = undefined;
    if (!this.socket) return;
    this.socket.onclose = null;
    this.socket.onmessage = null;
    this.socket.close();
    this.socket = undefined;
  }

  private lost(trouble: Trouble = "connection"): void {
    this.disconnect();
    this.tell({ playing: false, trouble });
    this.retry = setTimeout(() => {
      this.retry = undefined;
      this.weigh();
    }, this.backoff.next());
  }

  private rebuild(): void {
    if (!this.media) return;
    this.media.close();
    this.media = undefined;
    this.lost();
  }

  private take(data: string | ArrayBuffer): void {
    this.lastMessageMs = performance.now();
    if (typeof data !== "string") {
      this.append(data);
      return;
    }
    const message = JSON.parse(data) as InitMessage | ({ type: "state" } & State);
    if (message.type === "init") this.begin(message as InitMessage);
    else if (message.type === "state") this.options.onState(message as State);
  }

  private append(data: ArrayBuffer): void {
    if (!this.track) return;
    if (this.track === "coming") this.track = videoTrack(data);
    else {
      const due = lengthen(data, this.track, PICTURE_LENGTH_S);
      if (due !== undefined) this.edge.arrived(due, this.options.video.currentTime, performance.now());
    }
    this.media?.append(data);
  }

  private begin(init: InitMessage): void {
    this.track = plays(init.mime) ? "coming" : undefined;
    if (!this.track) {
      this.cannotPlay();
      return;
    }
    this.fresh = true;
    this.edge.begin(performance.now());
    this.media ??= new MediaBuffer(
      this.options.video,
      () => this.follow(),
      () => this.rebuild(),
    );
    this.media.begin(init.mime);
    this.mime = init.mime;
    this.tell({ sound: /mp4a|opus|flac/i.test(init.mime), width: init.width, height: init.height });
    if (this.status.way === "websocket") this.tryWebRtc();
    else
      this.options.video.requestVideoFrameCallback(() => {
        this.show("websocket");
        this.tryWebRtc();
      });
  }

  private tryWebRtc(): void {
    const { second, video } = this.options;
    const wanted = second && this.socket && !this.rtc && performance.now() >= this.rtcRestsUntil;
    if (!wanted || this.status.converted || !this.mime.includes("avc1") || !canWatch(second.video)) return;
    const sound = this.status.sound && !video.muted;
    this.rtc = new WebRtcView(second.video, second.address(this.status.stream), sound, {
      stands: () => {
        this.show("webrtc");
        this.disconnect();
        video.pause();
        this.tell({ playing: true, trouble: "none" });
      },
      gone: (lastedMs) => this.without(lastedMs),
    });
  }

  /** WebRTC is over. */
  private without(lastedMs: number | undefined): void {
    this.rtc = undefined;
    if (lastedMs !== undefined && lastedMs > WORTHWHILE_MS) this.rtcRests.reset();
    else this.rtcRestsUntil = performance.now() + this.rtcRests.next();
    if (lastedMs === undefined) return;
    this.tell({ playing: false });
    this.weigh();
  }

  /** Sound is sent by WebRTC only to who listens: until it is there it comes by the WebSocket. */
  private heed(): void {
    const { rtc } = this;
    if (!rtc?.stands || rtc.sound || !this.status.sound || this.showing.muted) return;
    rtc.close();
    this.rtc = undefined;
    this.options.video.muted = false;
    this.weigh();
  }

  private show(way: LiveStatus["way"]): void {
    const { second, video } = this.options;
    if (!second || this.status.way === way) return;
    const before = this.showing;
    second.video.toggleAttribute("data-shown", way === "webrtc");
    video.toggleAttribute("data-shown", way === "websocket");
    this.status = { ...this.status, way };
    this.showing.muted = before.muted;
    before.muted = true;
    this.options.onStatus(this.status);
  }

  /** The sub stream is tried first, which costs nothing; then the server is asked to convert. */
  private cannotPlay(): void {
    if (this.status.converted) {
      this.tell({ playing: false, trouble: "format" });
      return;
    }
    const sub = this.options.hasSub && this.status.stream === "main";
    this.disconnect();
    this.tell(sub ? { stream: "sub", fellBack: true } : { converted: true });
    this.weigh();
  }

  private follow(): void {
    const stretch = this.media?.newest();
    if (!stretch) return;
    const { video } = this.options;
    this.backoff.reset();
    if (this.fresh) {
      this.fresh = false;
      video.currentTime = stretch.start;
    }
    if (video.paused) void video.play().catch(() => undefined);
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      this.edge.follow(video, stretch.start, stretch.end, performance.now());
    }
    if (this.socket && !video.paused && video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA) {
      this.tell({ playing: true, trouble: "none" });
    }
  }

  private look(): void {
    this.follow();
    if (this.status.playing && this.status.way === "websocket") this.tryWebRtc();
    if (performance.now() - this.lastMessageMs > SILENT_AFTER_MS && this.status.playing) this.lost();
  }

  private tell(change: Partial<LiveStatus>): void {
    const next = { ...this.status, ...change };
    if (JSON.stringify(next) === JSON.stringify(this.status)) return;
    this.status = next;
    this.options.onStatus(next);
  }
}
