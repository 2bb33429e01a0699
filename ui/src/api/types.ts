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
  "untrusted",
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

export type SunsetStep = "announced" | "export_ready" | "handed_over" | "refunds_prepared" | "paid" | "ended";

/** The announced end of the operator's service; only text. */
export interface Sunset {
  announced: boolean;
  verified: boolean;
  notice: { operator: string; ends_on: string; reason: string } | null;
  steps: { step: SunsetStep; on: string | null }[];
}

/** `owned`: from the owner's own files; `soon`: it ends within thirty days, or has. */
export interface ServerCertificate {
  kind: "server" | "authority";
  owned: boolean;
  ends: string;
  soon: boolean;
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
  code: string;
  details: Record<string, string>;
  /** Packets that never came in the last five minutes. */
  lost: number;
  /** What is written where Motion JPEG is to be H.264; "" elsewhere. */
  recorded_as: "" | "h264" | "mjpeg";
}

export type Day = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
export type Heading = "any" | "left" | "right" | "up" | "down";
export type Passing = "both" | "a_to_b" | "b_to_a";

/** By the clock of the site, as in 22:00; an end at or before the start lies on the day after. */
export interface Hours {
  days: Day[];
  start: string;
  end: string;
}

/** What is left out has its default: the camera's sensitivity, any size and direction, at once, always. */
export interface Zone {
  name: string;
  kind: "zone" | "mask";
  polygon: [number, number][];
  sensitivity?: number | null;
  far_height?: number;
  near_height?: number;
  heading?: Heading;
  dwell_s?: number;
  schedule?: Hours[];
}

/** Side A is to the left of who looks from `start` to `end`. */
export interface Line {
  name: string;
  start: [number, number];
  end: [number, number];
  passing: Passing;
  sensitivity?: number | null;
  schedule?: Hours[];
}

/** No hours at all mean always. */
export interface MotionSettings {
  enabled: boolean;
  sensitivity: number;
  zones: Zone[];
  lines: Line[];
  schedule: Hours[];
  analysis: Analysis;
  /** What the camera itself reports counts too. */
  from_camera: boolean;
}

export type Analysis = "auto" | "every" | "economy" | "camera";

/** How a camera is watched for motion; unless the reason is `settings` the server has chosen it. */
export interface Watch {
  policy: "every_frame" | "key_frames" | "camera" | "off";
  reason: "settings" | "usual" | "large" | "budget";
  since: string;
}

export interface ReplayedDay {
  day: string;
  events: number;
  instead_of: number;
}

/** What other settings would have made of past days; `since` is null when nothing is kept of them. */
export interface Replayed {
  events: number;
  instead_of: number;
  days: ReplayedDay[];
  since: string | null;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** What a camera is known by, and what else it shows now; `since` is null until somebody accepts it. */
export interface Certificate {
  at: string;
  sha256: string;
  since: string | null;
}
export interface Certificates {
  known: Certificate[];
  other: Certificate[];
}

/** How a stream is encoded: `gop` counts pictures from key frame to key frame. */
export interface EncoderSettings {
  width: number;
  height: number;
  fps: number;
  gop: number;
}
export interface SubStream {
  stream: string;
  codec: string;
  now: EncoderSettings;
  /** null when it is fine as it is. */
  proposed: EncoderSettings | null;
}

/** What a camera can be made to do. */
export interface Controls {
  turns: boolean;
  zooms: boolean;
  presets: { id: string; name: string }[];
  relays: Relay[];
}

/** An output; it goes off by itself after `pulse_s`, unless that is null. */
export interface Relay {
  id: string;
  pulse_s: number | null;
}

/** To the right, upwards and nearer, each from -1 to 1. */
export interface Speeds {
  pan: number;
  tilt: number;
  zoom: number;
}

export type RecordAs = "as_sent" | "h264";

/** Measured with so many pictures; `core` is the share of one processor core. */
export interface ConversionPrice {
  pictures: number;
  seconds: number;
  core: number;
  sent_bytes_per_s: number;
  made_bytes_per_s: number;
}

export interface Camera {
  id: string;
  site: string;
  name: string;
  url: string;
  sub_url: string | null;
  device_url: string | null;
  certificates: Certificate[];
  mode: Mode;
  record: "main" | "both";
  record_as: RecordAs;
  record_audio: boolean;
  transport: "tcp" | "udp";
  allow_local: boolean;
  /** The stored credentials cannot be read any more. */
  needs_password: boolean;
  pre_roll_s: number;
  post_roll_s: number;
  gap_limit_s: number;
  keep_days: number;
  keep_event_days: number;
  most_gb: number;
  motion: MotionSettings;
  /** Whether motion is looked for at this moment. */
  motion_now: "on" | "off" | "schedule";
  /** null before its pictures are known. */
  watched: Watch | null;
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
  record_as?: RecordAs;
  record_audio?: boolean;
  transport?: "tcp" | "udp";
  allow_local?: boolean;
  pre_roll_s?: number;
  post_roll_s?: number;
  keep_days?: number;
  keep_event_days?: number;
  most_gb?: number;
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

export interface Finding {
  level: "ok" | "warning" | "error";
  kind: string;
  what: string;
  hint: string;
  /** Names the sentence, for a translation; `details` are the values in it. */
  code: string;
  details: Record<string, string>;
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
  device: DeviceReport | null;
}

/** What a whole device says of itself; the texts are its own. */
export interface DeviceReport {
  kind: string;
  make: string;
  model: string;
  sub: { url: string; width: number; height: number } | null;
  clock_ahead_s: number | null;
}

/** Somebody on the local network who answered a search; `url` is "" where nobody knows how to add it. */
export interface FoundDevice {
  address: string;
  url: string;
  kinds: string[];
  what: string;
  make: string;
  model: string;
  name: string;
}

export interface SearchProgress {
  elapsed_s: number;
  seconds: number;
  done: boolean;
  devices: FoundDevice[];
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
  why: { travel: number; within_s: number; area: number; line: string; direction: "" | Exclude<Heading, "any"> | Exclude<Passing, "both"> };
  boxes: Box[];
  snapshot: boolean;
  recovered: boolean;
  seen: boolean;
  held: boolean;
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

export const MESSAGE_KINDS = [
  "event_began",
  "event_ended",
  "camera_offline",
  "camera_back",
  "not_recording",
  "alarm",
  "alarm_warning",
  "alarm_over",
  "armed",
  "disarmed",
  "duress",
  "channel_failing",
  "rule",
  "bundle",
  "test",
] as const;

export type MessageKind = (typeof MESSAGE_KINDS)[number];
/** A rule names its receiver itself, and a test is sent on demand only. */
export type SubscribableKind = Exclude<MessageKind, "rule" | "bundle" | "test">;

/** Why a try did not succeed; other errors are told in the server's words. */
export const DELIVERY_REASONS = [
  "unreachable",
  "refused",
  "timeout",
  "busy",
  "stream_ended",
  "forbidden_url",
  "redirect",
  "denied",
  "not_found",
  "invalid",
] as const;

export type DeliveryReason = (typeof DELIVERY_REASONS)[number];

/** One try to hand over a message. `failed` is tried again, `refused` is not. */
export interface Delivery {
  message: string;
  kind: MessageKind;
  attempt: number;
  at: string;
  result: "delivered" | "failed" | "refused";
  status: number | null;
  duration_ms: number;
  reason: string;
  what: string;
  code: string;
  details: Record<string, string>;
}

export interface Channel {
  id: string;
  name: string;
  kind: string;
  /** null: every site. */
  site: string | null;
  kinds: SubscribableKind[];
  /** Shows the host only. */
  address: string;
  allow_local: boolean;
  /** The address cannot be read any more. */
  locked: boolean;
  /** Off: it gets no messages, but can be tested. */
  enabled: boolean;
  created: string;
  language: Language;
  /** What has to be there for a message to arrive. */
  needs: "lan" | "internet" | "push_service" | null;
  /** Whose device it is. */
  person: string | null;
  cameras: string[];
  zones: string[];
  schedule: Hours[];
  quiet: Hours[];
  per_hour: number;
  snoozed: Snoozed[];
  waiting: number;
  last: Delivery | null;
}

export type Language = "de" | "en";

/** Quiet for a while; null means every one. */
export interface Snoozed {
  channel: string | null;
  camera: string | null;
  until: string;
}

/** What somebody wants to be told by a receiver. */
export interface ChannelWishes {
  cameras: string[];
  schedule: Hours[];
  quiet: Hours[];
  per_hour?: number;
}

export interface PushDevice {
  id: string;
  name: string;
  address: string;
  created: string;
}

export interface Push {
  public_key: string;
  devices: PushDevice[];
}

export interface NewDevice {
  name: string;
  endpoint: string;
  p256dh: string;
  auth: string;
  language: Language;
}

/** `secret` is there this once, and null when it is the one that was shown before. */
export interface MadeChannel extends Channel {
  secret: string | null;
}

export interface NewChannel extends Partial<ChannelWishes> {
  name: string;
  kind: string;
  fields: Record<string, string>;
  language: Language;
  url: string;
  site: string | null;
  kinds: SubscribableKind[];
  allow_local: boolean;
}

export interface ChannelChange extends Partial<ChannelWishes> {
  name?: string;
  fields?: Record<string, string>;
  url?: string;
  kinds?: SubscribableKind[];
  allow_local?: boolean;
  enabled?: boolean;
}

/** `before`: the camera was not there yet. `unknown`: footage was taken away behind Wachtel's back. */
export const LEDGER_STATES = ["recorded", "gap", "off", "deleted", "before", "unknown"] as const;

export type LedgerState = (typeof LEDGER_STATES)[number];

export interface Stretch {
  start: string;
  end: string;
  state: LedgerState;
  /** null unless the state is `gap` or `off`. */
  reason: GapReason | null;
}

/** `share`: with footage, deleted footage included, of the time in which the camera was there and not off. */
export interface Coverage {
  share: number | null;
  recorded_s: number;
  gap_s: number;
  off_s: number;
  deleted_s: number;
  unknown_s: number;
}

/** A day of the camera's site, 23 to 25 hours long. `until`: how far the account reaches. */
export interface LedgerDay {
  camera: string;
  day: string;
  time_zone: string;
  start: string;
  end: string;
  until: string;
  coverage: Coverage;
  stretches: Stretch[];
}

export interface Month {
  camera: string;
  month: string;
  time_zone: string;
  coverage: Coverage;
  /** As far as they have begun. */
  days: { day: string; coverage: Coverage }[];
}

/** What became of a range, of each camera the reader may see. */
export interface TimelineAnswer {
  cameras: { camera: string; site: string; until: string; stretches: Stretch[] }[];
}

/** Footage that nothing deletes; `event` is "" for a stretch that is kept for itself. */
export interface Hold {
  camera: string;
  start: string;
  end: string;
  event: string;
  why: string;
}

/** A download of several cameras; `path` is where it can be had again. */
export interface Export {
  id: string;
  cameras: string[];
  start: string;
  end: string;
  originals: boolean;
  begun: string;
  size_bytes: number;
  sent_bytes: number;
  running: boolean;
  path: string;
}

export interface StorageAlarm {
  kind: "clock" | "no_room" | "not_recording";
  since: string;
  what: string;
  hint: string;
}

/** `days_kept`: so many days have room; null when nothing is recorded. `days_until_full`: null when age keeps room. */
export interface Storage {
  size_bytes: number;
  free_bytes: number;
  keep_free_bytes: number;
  footage_bytes: number;
  bytes_per_day: number;
  days_kept: number | null;
  days_until_full: number | null;
  clock_trusted: boolean;
  cameras: { camera: string; size_bytes: number; bytes_per_day: number; oldest: string | null; holds: number }[];
  alarms: StorageAlarm[];
  disk: { rounds: number; late_rounds: number; last_round_s: number; abandoned: number; waiting: number };
}

export interface Share {
  camera: string;
  continuous_bytes: number;
  event_bytes: number;
  held_bytes: number;
}

/** What other periods would delete at once; `due_bytes` of it would go anyway. */
export interface Effect {
  files: number;
  size_bytes: number;
  start: string | null;
  end: string | null;
  due_bytes: number;
}

export interface Retention {
  keep_days: number;
  keep_event_days: number;
  most_gb: number;
}

export const WORK_KINDS = ["check", "verify", "rebuild"] as const;

export type WorkKind = (typeof WORK_KINDS)[number];

export interface WorkFinding {
  kind: string;
  place: string;
  what: string;
  mend: string;
}

/** `finished` is null while it runs; `total` 0 while it is not known. */
export interface Work {
  kind: WorkKind;
  started: string;
  finished: string | null;
  done: number;
  total: number;
  found: number;
  findings: WorkFinding[];
  numbers: Record<string, number>;
  error: { kind: ErrorKind; what: string; hint: string } | null;
  stopped: boolean;
}
