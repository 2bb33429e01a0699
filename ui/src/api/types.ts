/** What the API sends, under the names it uses. Times are ISO 8601 in UTC. */

export const ERROR_KINDS = [
  "unreachable",
  "timeout",
  "refused",
  "wrong_password",
  "no_such_stream",
  "not_a_camera",
  "unsupported_codec",
  "redirect",
  "forbidden_url",
  "stream_ended",
  "stalled",
  "bad_data",
  "disk_full",
  "disk_error",
  "foreign_volume",
  "busy",
  "not_found",
  "conflict",
  "invalid",
  "denied",
  "internal",
] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];

export type Scope = "view" | "control" | "admin";
export type Mode = "continuous" | "events" | "off";
export type Condition = "connecting" | "live" | "offline" | "stalled" | "refused" | "off";

export interface Account {
  id: string;
  name: string;
  scope: Scope;
}

export interface Session {
  account: Account | null;
  first_run: boolean;
}

export interface SiteTrouble {
  camera: string;
  name: string;
  condition: Condition;
  reason: string;
  since: string;
}

export interface Site {
  id: string;
  name: string;
  time_zone: string;
  state: { kind: "quiet" | "events" | "trouble"; new_events: number; trouble: SiteTrouble[] };
}

export interface StreamState {
  condition: Condition;
  since: string;
  reason: string;
  what: string;
  hint: string;
  last_frame: string | null;
}

export interface Zone {
  name: string;
  kind: "zone" | "mask";
  polygon: [number, number][];
}

export interface MotionSettings {
  enabled: boolean;
  sensitivity: number;
  zones: Zone[];
}

export interface Camera {
  id: string;
  site: string;
  name: string;
  url: string;
  sub_url: string | null;
  mode: Mode;
  record: "main" | "both";
  record_audio: boolean;
  transport: "tcp" | "udp";
  allow_local: boolean;
  /** The stored credentials cannot be read any more. */
  needs_password: boolean;
  pre_roll_s: number;
  post_roll_s: number;
  gap_limit_s: number;
  motion: MotionSettings;
  streams: { main: StreamState; sub?: StreamState };
  /** null while the camera is recorded, and while it is off on purpose. */
  gap: Gap | null;
}

export const GAP_REASONS = [
  "camera_offline",
  "no_packets",
  "disk_full",
  "schedule",
  "privacy",
  "restart",
  "crash",
  "clock",
  "unknown",
] as const;

export type GapReason = (typeof GAP_REASONS)[number];

/** A stretch without footage that still lasts; `alarm` when it is longer than the camera's limit. */
export interface Gap {
  since: string;
  reason: GapReason;
  alarm: boolean;
}

export interface CameraChange {
  name?: string;
  url?: string;
  sub_url?: string | null;
  mode?: Mode;
  record?: "main" | "both";
  record_audio?: boolean;
  transport?: "tcp" | "udp";
  allow_local?: boolean;
  pre_roll_s?: number;
  post_roll_s?: number;
  /** Always whole: what is left out goes back to its default. */
  motion?: MotionSettings;
}

export interface NewCamera {
  url: string;
  name: string;
  site?: string;
  sub_url?: string;
  mode?: Mode;
  allow_local?: boolean;
}

/** What a probe remarks on besides errors (`src/wachtel/sources/probe/`). */
export const REMARK_KINDS = ["video", "audio", "sub_stream", "h265", "long_gop", "mjpeg", "no_picture"] as const;

export type RemarkKind = (typeof REMARK_KINDS)[number];

export interface Finding {
  level: "ok" | "warning" | "error";
  kind: string;
  what: string;
  hint: string;
}

export interface ProbeReport {
  ok: boolean;
  url: string;
  codec: string | null;
  width: number | null;
  height: number | null;
  fps: number | null;
  audio: string | null;
  findings: Finding[];
  picture: string | null;
}

export interface Event {
  id: string;
  site: string;
  camera: string;
  kind: "motion";
  start: string;
  end: string | null;
  reported: string;
  score: number;
  zones: string[];
  why: { travel: number; within_s: number; area: number };
  snapshot: boolean;
  recovered: boolean;
  seen: boolean;
}

export interface EventPage {
  events: Event[];
  next: string | null;
}

export interface EventFilter {
  camera?: string;
  site?: string;
  from?: string;
  to?: string;
  before?: string;
  limit?: number;
}

export interface Token {
  id: string;
  name: string;
  scope: Scope;
}

export interface NewToken extends Token {
  token: string;
}
