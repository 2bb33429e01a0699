/** Other programs of the house, as the server tells of them. */
import type { ErrorKind } from "./types";

export interface Broker {
  host: string;
  port: number;
  user: string;
  has_password: boolean;
  locked: boolean;
  tls: boolean;
  ca: string;
  prefix: string;
  discovery: string;
  allow_control: boolean;
  enabled: boolean;
  language: "de" | "en";
}

export interface Trouble {
  kind: ErrorKind;
  what: string;
  hint: string;
  details: Record<string, string>;
  code: string;
}

export interface Mqtt {
  broker: Broker | null;
  connected: boolean;
  since: string | null;
  trouble: Trouble | null;
  said: number;
}

export interface NewBroker {
  host: string;
  port?: number;
  user: string;
  password?: string;
  tls: boolean;
  ca: string;
  prefix: string;
  discovery: string;
  allow_control: boolean;
  enabled: boolean;
  language: "de" | "en";
}

export interface HeardTopic {
  topic: string;
  payload: string;
  fields: { field: string; state: string }[];
}

export interface TopicSensor {
  id: string;
  site: string;
  name: string;
  topic: string;
  field: string;
  state: string | null;
}

export interface NewTopicSensor {
  site: string;
  name: string;
  topic: string;
  field: string;
}

export interface HomeKit {
  enabled: boolean;
  address: string | null;
  port: number;
  running: boolean;
  paired: number;
  code: string | null;
  uri: string | null;
  qr: string | null;
  trouble: Trouble | null;
  addresses: string[];
}

export interface HomeKitWish {
  address: string;
  port: number;
  enabled: boolean;
}
