/** The alarm panel of a site as the server tells of it. */
export type ArmMode = "home" | "away" | "night";
export type AlarmWord = "disarmed" | "arming" | ArmMode | "pending" | "triggered";
export type ZoneKind = "perimeter" | "entry" | "interior" | "always";
export type AlarmNoteKind =
  | "arming"
  | "armed"
  | "disarmed"
  | "bypassed"
  | "pending"
  | "triggered"
  | "again"
  | "unconfirmed"
  | "siren_on"
  | "siren_off"
  | "no_more_sirens"
  | "camera_lost"
  | "wrong_code"
  | "refused_open"
  | "settings"
  | "codes";

export interface AlarmStatus {
  set_up: boolean;
  state: AlarmWord;
  mode: "disarmed" | ArmMode;
  since: string | null;
  until: string | null;
  now: string;
  zone: string;
  sources: string[];
  warned: string[];
  bypassed: string[];
  siren_until: string | null;
  open: string[];
  blocking: Partial<Record<ArmMode, string[]>>;
  code_to_arm: boolean;
  code_to_disarm: boolean;
}

export interface AlarmZone {
  id?: string;
  name: string;
  kind: ZoneKind;
  sensors: string[];
  cameras: string[];
  states: string[];
  confirm: boolean;
  siren: boolean;
}

export interface AlarmSettings {
  zones: AlarmZone[];
  exit_delay_s: number;
  entry_delay_s: number;
  exit_in: ArmMode[];
  sirens: string[];
  siren_s: number;
  most_sirens: number;
  confirm_s: number;
  code_to_arm: boolean;
  without_code: string[];
}

export interface StoredAlarmSettings extends AlarmSettings {
  set_up: boolean;
  channels: Record<"alarm" | "alarm_warning" | "duress", number>;
}

export interface AlarmNote {
  number: number;
  at: string;
  kind: AlarmNoteKind;
  who: string;
  detail: string;
}

export interface AlarmCode {
  id: string;
  name: string;
  duress: boolean;
  created: string;
}

export interface SensorState {
  name: string;
  state: string;
  at: string;
}
