/** Talks to the server: one function per route, every failure an `ApiError` with a kind the page can translate. */
import type * as A from "./alarm";
import type * as R from "./rules";
import type * as H from "./smart_home";
import type * as T from "./types";
import type * as W from "./wemo";
import { ERROR_KINDS } from "./types";

/** `offline`: no answer at all. `login`: nobody is logged in. `throttled`: too many tries. The rest comes from the server. */
export type FailureKind = T.ErrorKind | "offline" | "login" | "throttled";

/** One field that is wrong, where a form has many. */
export interface Problem {
  field: string;
  text: { de: string; en: string };
}

export class ApiError extends Error {
  constructor(
    readonly kind: FailureKind,
    readonly what: string,
    readonly hint = "",
    readonly details: Readonly<Record<string, unknown>> = {},
    readonly status = 0,
    readonly code = "",
    readonly problems: readonly Problem[] = [],
  ) {
    super(what);
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Called whenever the server says that nobody is logged in any more. */
let onLoggedOut: () => void = () => undefined;

export function whenLoggedOut(action: () => void): void {
  onLoggedOut = action;
}

const KIND_OF_STATUS: Record<number, FailureKind> = {
  401: "login",
  403: "denied",
  404: "not_found",
  409: "conflict",
  422: "invalid",
  429: "throttled",
  503: "busy",
};

const KNOWN: ReadonlySet<string> = new Set(ERROR_KINDS);

interface ErrorBody {
  error?: { kind?: string; what?: string; hint?: string; details?: Record<string, unknown>; code?: string };
  problems?: Problem[];
}

async function failure(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as ErrorBody;
  const { kind = "", what = "", hint = "", details = {}, code = "" } = body.error ?? {};
  const byStatus = KIND_OF_STATUS[response.status];
  const named = KNOWN.has(kind) ? (kind as T.ErrorKind) : (byStatus ?? "internal");
  const known = response.status === 401 || response.status === 429 ? byStatus! : named;
  return new ApiError(known, what, hint, details, response.status, code, body.problems ?? []);
}

async function request<Answer>(method: Method, path: string, body?: unknown): Promise<Answer> {
  const response = await ask(method, path, body);
  return response.status === 204 ? (undefined as Answer) : ((await response.json()) as Answer);
}

/** An answer that comes in lines of JSON, one after the other. */
async function lines<Line>(path: string, body: unknown, onLine: (line: Line) => void): Promise<void> {
  const reader = (await ask("POST", path, body)).body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const whole = (rest + piece.value).split("\n");
      rest = whole.pop() ?? "";
      for (const line of whole) onLine(JSON.parse(line) as Line);
    }
  } catch {
    throw new ApiError("offline", "The server does not answer.");
  }
}

/** The raw answer. A file goes out as it is, everything else as JSON. */
export async function ask(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const init: RequestInit = { method, credentials: "same-origin", headers: { Accept: "application/json", ...headers } };
  if (body instanceof Blob) init.body = body;
  else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, "Content-Type": "application/json" };
  }
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, init);
  } catch {
    throw new ApiError("offline", "The server does not answer.");
  }
  if (!response.ok) {
    const error = await failure(response);
    if (response.status === 401 && path !== "/session") onLoggedOut();
    throw error;
  }
  return response;
}

function query(values: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}

const part = encodeURIComponent;

export const api = {
  session: () => request<T.Session>("GET", "/session"),
  logIn: (name: string, password: string) => request<T.Session>("POST", "/session", { name, password }),
  logOut: () => request<unknown>("DELETE", "/session"),
  firstRun: (token: string, name: string, password: string) =>
    request<T.Session>("POST", "/first-run", { token, name, password }),
  loginLink: (token: string) => request<T.Session>("POST", "/login-link", { token }),

  sites: () => request<T.Site[]>("GET", "/sites"),
  addSite: (name: string, time_zone: string) => request<T.Site>("POST", "/sites", { name, time_zone }),
  changeSite: (id: string, change: { name?: string; time_zone?: string }) =>
    request<T.Site>("PATCH", `/sites/${part(id)}`, change),

  cameras: () => request<T.Camera[]>("GET", "/cameras"),
  camera: (id: string) => request<T.Camera>("GET", `/cameras/${part(id)}`),
  addCamera: (camera: T.NewCamera) => request<T.Camera>("POST", "/cameras", camera),
  changeCamera: (id: string, change: T.CameraChange) => request<T.Camera>("PATCH", `/cameras/${part(id)}`, change),
  replay: (id: string, motion: T.MotionSettings, days: number) =>
    request<T.Replayed>("POST", `/cameras/${part(id)}/replay`, { motion, days }),
  removeCamera: (id: string) => request<unknown>("DELETE", `/cameras/${part(id)}`),
  probe: (url: string, allow_local: boolean) =>
    request<T.ProbeReport>("POST", "/cameras/probe", { url, allow_local }),
  discover: (seconds: number, onProgress: (progress: T.SearchProgress) => void) =>
    lines<T.SearchProgress>("/discover", { seconds }, onProgress),

  certificates: (id: string) => request<T.Certificates>("GET", `/cameras/${part(id)}/certificates`),
  acceptCertificate: (id: string, at: string, sha256: string) =>
    request<T.Certificates>("POST", `/cameras/${part(id)}/certificates`, { at, sha256 }),
  conversionPrice: (id: string) => request<T.ConversionPrice>("POST", `/cameras/${part(id)}/record-as/price`),
  subStream: (id: string) => request<T.SubStream>("GET", `/cameras/${part(id)}/sub-stream`),
  setSubStream: (id: string, settings: T.EncoderSettings) =>
    request<T.SubStream>("PUT", `/cameras/${part(id)}/sub-stream`, settings),
  controls: (id: string) => request<T.Controls>("GET", `/cameras/${part(id)}/controls`),
  move: (id: string, speeds: T.Speeds) => request<unknown>("POST", `/cameras/${part(id)}/move`, speeds),
  goTo: (id: string, preset: string) => request<unknown>("POST", `/cameras/${part(id)}/presets`, { preset }),
  switchRelay: (id: string, relay: string, on: boolean) =>
    request<unknown>("POST", `/cameras/${part(id)}/relays`, { relay, on }),

  events: (filter: T.EventFilter) => request<T.EventPage>("GET", `/events${query({ ...filter })}`),
  event: (id: string) => request<T.Event>("GET", `/events/${part(id)}`),
  seen: (upTo: string) => request<unknown>("POST", "/events/seen", { up_to: upTo }),

  ledger: (camera: string, day?: string) =>
    request<T.LedgerDay>("GET", `/cameras/${part(camera)}/ledger${query({ day })}`),
  coverage: (camera: string, month?: string) =>
    request<T.Month>("GET", `/cameras/${part(camera)}/coverage${query({ month })}`),
  timeline: (from: string, to: string, camera?: string) =>
    request<T.TimelineAnswer>("GET", `/timeline${query({ from, to, camera })}`),

  holds: () => request<T.Hold[]>("GET", "/holds"),
  hold: ({ camera, start, end, event, why }: T.Hold) =>
    request<T.Hold>("POST", `/cameras/${part(camera)}/holds`, { start, end, event, why }),
  release: ({ camera, start, end, event }: T.Hold) =>
    request<unknown>("DELETE", `/cameras/${part(camera)}/holds${query({ start, end, event })}`),
  exports: () => request<T.Export[]>("GET", "/exports"),
  forgetExport: (id: string) => request<unknown>("DELETE", `/exports/${part(id)}`),
  sunset: () => request<T.Sunset>("GET", "/sunset"),
  serverCertificates: () => request<T.ServerCertificate[]>("GET", "/server-certificates"),
  storage: () => request<T.Storage>("GET", "/storage"),
  shares: () => request<T.Share[]>("GET", "/storage/shares"),
  believeClock: () => request<unknown>("POST", "/storage/clock"),
  retentionEffect: (camera: string, wanted: T.Retention) =>
    request<T.Effect>("GET", `/cameras/${part(camera)}/retention${query({ ...wanted })}`),
  work: () => request<T.Work | null>("GET", "/archive/work"),
  startWork: (kind: T.WorkKind) => request<T.Work>("POST", "/archive/work", { kind }),
  stopWork: () => request<unknown>("DELETE", "/archive/work"),

  channels: () => request<T.Channel[]>("GET", "/channels"),
  addChannel: (channel: T.NewChannel) => request<T.MadeChannel>("POST", "/channels", channel),
  changeChannel: (id: string, change: T.ChannelChange) =>
    request<T.MadeChannel>("PATCH", `/channels/${part(id)}`, change),
  removeChannel: (id: string) => request<unknown>("DELETE", `/channels/${part(id)}`),
  testChannel: (id: string) => request<T.Delivery>("POST", `/channels/${part(id)}/test`),
  snoozeChannel: (id: string, minutes: number) =>
    request<T.Snoozed>("PUT", `/channels/${part(id)}/snooze`, { minutes }),
  wakeChannel: (id: string) => request<unknown>("DELETE", `/channels/${part(id)}/snooze`),
  beQuiet: (token: string) => request<T.Snoozed>("POST", `/quiet/${part(token)}`),
  push: () => request<T.Push>("GET", "/push"),
  addDevice: (device: T.NewDevice) => request<T.PushDevice>("POST", "/push", device),
  removeDevice: (id: string) => request<unknown>("DELETE", `/push/${part(id)}`),
  testDevice: (id: string) => request<T.Delivery>("POST", `/push/${part(id)}/test`),
  deliveries: (id: string, limit: number) =>
    request<T.Delivery[]>("GET", `/channels/${part(id)}/deliveries${query({ limit })}`),

  rules: () => request<R.Rule[]>("GET", "/rules"),
  addRule: (rule: R.NewRule) => request<R.Rule>("POST", "/rules", rule),
  changeRule: (id: string, change: { enabled: boolean }) => request<R.Rule>("PATCH", `/rules/${part(id)}`, change),
  removeRule: (id: string) => request<unknown>("DELETE", `/rules/${part(id)}`),
  ruleLog: (id: string, limit: number) => request<R.RuleNote[]>("GET", `/rules/${part(id)}/log${query({ limit })}`),
  rulePictures: (id: string) => request<{ name: string; url: string }[]>("GET", `/rules/${part(id)}/pictures`),
  rehearseRule: (id: string) => request<R.RuleNote[]>("GET", `/rules/${part(id)}/rehearsal`),
  homekit: () => request<H.HomeKit>("GET", "/homekit"),
  setHomekit: (wanted: H.HomeKitWish) => request<H.HomeKit>("PUT", "/homekit", wanted),
  resetHomekit: () => request<H.HomeKit>("POST", "/homekit/reset"),

  mqtt: () => request<H.Mqtt>("GET", "/mqtt"),
  setMqtt: (broker: H.NewBroker) => request<H.Mqtt>("PUT", "/mqtt", broker),
  removeMqtt: () => request<void>("DELETE", "/mqtt"),
  listenMqtt: (seconds: number) => request<H.HeardTopic[]>("POST", `/mqtt/listen${query({ seconds })}`),
  mqttSensors: () => request<H.TopicSensor[]>("GET", "/mqtt/sensors"),
  addMqttSensor: (sensor: H.NewTopicSensor) => request<H.TopicSensor>("POST", "/mqtt/sensors", sensor),
  removeMqttSensor: (id: string) => request<void>("DELETE", `/mqtt/sensors/${part(id)}`),

  alarm: (site: string) => request<A.AlarmStatus>("GET", `/sites/${part(site)}/alarm`),
  arm: (site: string, state: A.ArmMode, code: string, bypass: boolean) =>
    request<A.AlarmStatus>("POST", `/sites/${part(site)}/alarm/arm`, { state, code, bypass }),
  disarm: (site: string, code: string) => request<A.AlarmStatus>("POST", `/sites/${part(site)}/alarm/disarm`, { code }),
  alarmLog: (site: string, limit: number, before?: number) =>
    request<A.AlarmNote[]>("GET", `/sites/${part(site)}/alarm/log${query({ limit, ...(before && { before }) })}`),
  alarmSettings: (site: string) => request<A.StoredAlarmSettings>("GET", `/sites/${part(site)}/alarm/settings`),
  setUpAlarm: (site: string, settings: A.AlarmSettings) =>
    request<A.StoredAlarmSettings>("PUT", `/sites/${part(site)}/alarm/settings`, settings),
  removeAlarm: (site: string) => request<unknown>("DELETE", `/sites/${part(site)}/alarm/settings`),
  alarmCodes: (site: string) => request<A.AlarmCode[]>("GET", `/sites/${part(site)}/alarm/codes`),
  addAlarmCode: (site: string, name: string, code: string, duress: boolean) =>
    request<A.AlarmCode>("POST", `/sites/${part(site)}/alarm/codes`, { name, code, duress }),
  removeAlarmCode: (site: string, id: string) => request<unknown>("DELETE", `/sites/${part(site)}/alarm/codes/${part(id)}`),
  sensors: (site: string) => request<A.SensorState[]>("GET", `/sites/${part(site)}/sensors`),

  actuators: () => request<R.Actuator[]>("GET", "/actuators"),
  addActuator: (made: W.NewWemoSwitch) => request<R.Actuator>("POST", "/actuators", made),
  removeActuator: (id: string) => request<unknown>("DELETE", `/actuators/${part(id)}`),
  wemoSearch: (seconds: number) => request<W.WemoDevice[]>("POST", "/wemo/search", { seconds }),
  wemoLook: (host: string) => request<W.WemoDevice[]>("POST", "/wemo/look", { host }),
  wemoSensors: () => request<W.WemoSensor[]>("GET", "/wemo/sensors"),
  addWemoSensor: (sensor: W.NewWemoSensor) => request<W.WemoSensor>("POST", "/wemo/sensors", sensor),
  removeWemoSensor: (udn: string) => request<unknown>("DELETE", `/wemo/sensors/${part(udn)}`),
  wemoNetworks: () => request<W.WemoNetworks>("GET", "/wemo/networks"),
  setWemoNetworks: (addresses: string[]) => request<W.WemoNetworks>("PUT", "/wemo/networks", { addresses }),
  wemoShown: (camera: string) => request<W.WemoShown>("GET", `/cameras/${part(camera)}/wemo`),
  showAsWemo: (camera: string, shown: boolean, hold_s: number) =>
    request<W.WemoShown>("PUT", `/cameras/${part(camera)}/wemo`, { shown, hold_s }),
  wemoImports: () => request<W.WemoImported[]>("GET", "/wemo/rule-imports"),
  wemoImport: (wish: W.WemoImportWish) => request<W.WemoImport>("POST", "/wemo/rule-imports", wish),
  undoWemoImport: (id: string) => request<unknown>("DELETE", `/wemo/rule-imports/${part(id)}`),

  tokens: () => request<T.Token[]>("GET", "/tokens"),
  addToken: (name: string, scope: T.Scope) => request<T.NewToken>("POST", "/tokens", { name, scope }),
  removeToken: (id: string) => request<unknown>("DELETE", `/tokens/${part(id)}`),
  accounts: () => request<T.Account[]>("GET", "/accounts"),
  addAccount: (name: string, password: string, scope: T.Scope) =>
    request<T.Account>("POST", "/accounts", { name, password, scope }),
  removeAccount: (id: string) => request<unknown>("DELETE", `/accounts/${part(id)}`),
};

/** Addresses that `<img>`, `<video>` and links open by themselves. */
export const address = {
  exportZip: (cameras: string[], from: string, to: string, originals: boolean) => {
    const rest = new URLSearchParams({ from, to, ...(originals && { originals: "true" }) });
    return `/api/v1/export.zip?${cameras.map((camera) => `camera=${part(camera)}`).join("&")}&${rest.toString()}`;
  },
  snapshot: (camera: string, at?: number) =>
    `/api/v1/cameras/${part(camera)}/snapshot.jpg${at === undefined ? "" : `?at=${at}`}`,
  clip: (event: string) => `/api/v1/events/${part(event)}/clip.mp4`,
  eventSnapshot: (event: string) => `/api/v1/events/${part(event)}/snapshot.jpg`,
  recording: (camera: string, start: string, end: string) =>
    `/api/v1/cameras/${part(camera)}/recording.mp4${query({ start, end })}`,
  live: (camera: string, stream: "main" | "sub", convert: boolean) =>
    `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/cameras/${part(camera)}/live${query({ stream, convert: convert ? "true" : undefined })}`,
  whep: (camera: string, stream: "main" | "sub") => `/api/v1/cameras/${part(camera)}/whep?stream=${stream}`,
  announcements: () => "/api/v1/stream",
};

/** Where a film that is asked for really begins and ends, and what is missing in it; null when there is none. */
export async function filmFacts(url: string, signal: AbortSignal): Promise<Headers | null> {
  const response = await fetch(url, { method: "HEAD", credentials: "same-origin", signal }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new ApiError("offline", "The server does not answer.");
  });
  if (response.ok) return response.headers;
  if (response.status === 404) return null;
  if (response.status === 401) onLoggedOut();
  throw new ApiError(KIND_OF_STATUS[response.status] ?? "internal", "");
}
