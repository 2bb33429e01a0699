/** Rules as the server tells of them. */
export type TriggerKind =
  | "event_began"
  | "event_ended"
  | "camera_offline"
  | "camera_back"
  | "not_recording"
  | "time"
  | "sunrise"
  | "sunset"
  | "sensor"
  | "armed"
  | "presence"
  | "alarm"
  | "sound";
export type ActionKind = "switch" | "dim" | "siren" | "call" | "publish" | "message" | "keep_clip" | "snapshot" | "arm" | "preset" | "relay";
export type RuleWhy =
  | "fired"
  | "not_now"
  | "not_armed_so"
  | "too_light"
  | "too_dark"
  | "no_place"
  | "sensor_differs"
  | "presence_differs"
  | "too_late"
  | "too_often"
  | "by_rule"
  | "ended"
  | "still_held";

export interface RuleAction {
  kind: ActionKind;
  target: string;
  on: boolean;
  off_after_s: number | null;
  text: string;
}

export interface Rule {
  id: string;
  site: string;
  name: string;
  enabled: boolean;
  triggers: { kind: TriggerKind; cameras: string[]; sensor: string; state: string; person: string; time: string | null; sound: { level_db: number; for_ms: number } | null }[];
  conditions: { light: "dark" | "light" | null };
  actions: RuleAction[];
  conflicts: { rule: string; name: string }[];
  needs_place: boolean;
}

export interface NewRule {
  name: string;
  site: string;
  triggers: { kind: TriggerKind; cameras?: string[]; sensor?: string; state?: string; time?: string; sound?: { level_db: number; for_ms: number } }[];
  conditions: { light: "dark" | "light" | null };
  actions: { kind: ActionKind; target?: string; on?: boolean; off_after_s?: number; text?: string }[];
}

export interface RuleNote {
  at: string;
  cause: string;
  why: RuleWhy;
  detail: string;
  times: number;
  orders: { action: RuleAction; state: "waiting" | "done" | "given_up" | "overtaken"; error: string }[];
}

export interface Actuator {
  id: string;
  site: string;
  name: string;
  address: string;
}
