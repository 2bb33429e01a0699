/** Wemo devices, sensors and old rules as the server tells of them. */
export type WemoKind =
  | "switch"
  | "light_switch"
  | "insight"
  | "dimmer"
  | "outdoor_plug"
  | "maker"
  | "motion"
  | "netcam"
  | "bridge";

export interface WemoDevice {
  udn: string;
  kind: WemoKind;
  host: string;
  port: number;
  name: string;
  switched: boolean;
  senses: boolean;
}

export interface WemoSensor {
  udn: string;
  site: string;
  name: string;
  label: string;
}

export interface NewWemoSensor {
  udn: string;
  site: string;
  host: string;
  port: number;
  label: string;
}

export interface NewWemoSwitch {
  name: string;
  site: string;
  kind: "wemo";
  fields: { udn: string; host: string; port: string; self_off_s?: string };
}

export interface WemoNetworks {
  addresses: string[];
  choices: string[];
  troubles: Record<string, string>;
}

export interface WemoShown {
  shown: boolean;
  hold_s: number;
  name: string;
  urls: string[];
}

export interface WemoImportWish {
  site: string;
  file: string;
  cameras: Record<string, string>;
  channel: string;
  dry_run: boolean;
}

export interface WemoImport {
  id: string;
  rules: { id: string; name: string; enabled: boolean }[];
  remarks: { rule: string; left: boolean; code: string; de: string; en: string }[];
}

export interface WemoImported {
  id: string;
  at: string;
  site: string;
  rules: string[];
}
