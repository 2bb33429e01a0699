/**
 * The live picture by WebRTC (WHEP, RFC 9725), tried while another way shows it already.
 *
 * It stands when the first picture has been shown; if that takes too long, or pictures stop coming, it is over.
 */

const ANSWERS_WITHIN_MS = 10_000;
const STANDS_WITHIN_MS = 3000;
const STALLED_AFTER_MS = 2000;
/** So long the owner's STUN and TURN servers may take to name a way. */
const GATHERS_WITHIN_MS = 2000;
/** So many times the usual pause between two pictures is still no stall. */
const PATIENCE = 3;

export interface WebRtcEvents {
  stands: () => void;
  /** Over, by itself; `lastedMs` since it stood, undefined when it never did. */
  gone: (lastedMs: number | undefined) => void;
}

/** Whether this browser can tell when a picture is shown; without that nobody could say when to take over. */
export function canWatch(video: HTMLVideoElement): boolean {
  return "RTCPeerConnection" in globalThis && "requestVideoFrameCallback" in video;
}

/** The servers in a `Link` header (RFC 9725 section 4.6). */
export function iceServersOf(links: string): RTCIceServer[] {
  return [...links.matchAll(/<([^>]*)>((?:[^,"]|"(?:[^"\\]|\\.)*")*)/g)]
    .filter(([, , rest]) => /;\s*rel="?ice-server"?/.test(rest!))
    .map(([, urls, rest]) => {
      const said = (name: string) => new RegExp(`;\\s*${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(rest!)?.[1]?.replace(/\\(.)/g, "$1") ?? "";
      return { urls: urls!, username: said("username"), credential: said("credential") };
    });
}

export class WebRtcView {
  private readonly connection = new RTCPeerConnection();
  private timer: ReturnType<typeof setTimeout>;
  private place: string | null = null;
  private stoodAt: number | undefined;
  private lastAt = 0;
  private over = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly address: string,
    readonly sound: boolean,
    private readonly events: WebRtcEvents,
  ) {
    this.timer = this.patience(ANSWERS_WITHIN_MS);
    this.open().catch(() => this.fail());
  }

  get stands(): boolean {
    return this.stoodAt !== undefined && !this.over;
  }

  /** Ends it without a word; the last picture stays on the screen. */
  close(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.connection.close();
    this.leave();
  }

  private async open(): Promise<void> {
    const { connection, video } = this;
    const shown = new MediaStream();
    connection.addTransceiver("video", { direction: "recvonly" });
    if (this.sound) connection.addTransceiver("audio", { direction: "recvonly" });
    connection.ontrack = ({ track, receiver }) => {
      receiver.jitterBufferTarget = 0;
      shown.addTrack(track);
    };
    connection.onconnectionstatechange = () => connection.connectionState === "failed" && this.fail();
    const iceServers = await this.iceServers();
    if (iceServers.length) connection.setConfiguration({ iceServers });
    await connection.setLocalDescription();
    if (iceServers.length) await this.gathered();
    const answer = await fetch(this.address, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/sdp" },
      body: connection.localDescription!.sdp,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    this.place = answer.headers.get("Location");
    const sdp = await answer.text();
    if (this.over) return this.leave();
    clearTimeout(this.timer);
    this.timer = this.patience(STANDS_WITHIN_MS);
    await connection.setRemoteDescription({ type: "answer", sdp });
    video.srcObject = shown;
    video.play().catch(() => undefined);
    video.requestVideoFrameCallback(() => this.showed());
  }

  /** What the owner named for ways from outside; mostly nothing. */
  private async iceServers(): Promise<RTCIceServer[]> {
    const answer = await fetch(this.address, { method: "OPTIONS", credentials: "same-origin" });
    return iceServersOf(answer.headers.get("Link") ?? "");
  }

  /** The offer is sent once: it waits until it names all ways, or for long enough. */
  private gathered(): Promise<void> {
    const { connection } = this;
    return new Promise((resolve) => {
      const look = () => connection.iceGatheringState === "complete" && resolve();
      connection.addEventListener("icegatheringstatechange", look);
      setTimeout(resolve, GATHERS_WITHIN_MS);
      look();
    });
  }

  private showed(): void {
    if (this.over) return;
    const now = performance.now();
    const pause = this.lastAt ? now - this.lastAt : 0;
    this.lastAt = now;
    clearTimeout(this.timer);
    this.timer = this.patience(STALLED_AFTER_MS + PATIENCE * pause);
    this.video.requestVideoFrameCallback(() => this.showed());
    if (this.stoodAt !== undefined) return;
    this.stoodAt = now;
    this.events.stands();
  }

  private patience(ms: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.fail(), ms);
  }

  private fail(): void {
    if (this.over) return;
    this.close();
    this.events.gone(this.stoodAt === undefined ? undefined : performance.now() - this.stoodAt);
  }

  private leave(): void {
    if (this.place) void fetch(this.place, { method: "DELETE", credentials: "same-origin", keepalive: true }).catch(() => undefined);
    this.place = null;
  }
}
