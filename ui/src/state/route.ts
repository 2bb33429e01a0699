/** Where the reader is: the part of the address behind `#`. */
import { computed, signal } from "@preact/signals";

export type Route =
  | { screen: "overview" }
  | { screen: "first-run"; token: string }
  | { screen: "link"; token: string }
  | { screen: "quiet"; token: string }
  | { screen: "camera"; id: string }
  | { screen: "camera-settings"; id: string }
  | { screen: "event"; id: string }
  | { screen: "events" }
  | { screen: "add" }
  | { screen: "recordings"; id: string }
  | { screen: "archive" }
  | { screen: "exports" }
  | { screen: "settings" }
  | { screen: "messages" }
  | { screen: "rules" }
  | { screen: "smart-home" }
  | { screen: "alarm"; id: string }
  | { screen: "claim"; id: string; key: string }
  | { screen: "claims"; id: string }
  | { screen: "unknown" };

function currentHash(): string {
  return location.hash.replace(/^#/, "") || "/";
}

const hash = signal(currentHash());
globalThis.addEventListener("hashchange", () => {
  hash.value = currentHash();
});

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parse(path: string, query: URLSearchParams): Route {
  const [screen = "", id = "", rest = ""] = path.split("/").slice(1).map(decoded);
  const token = query.get("token") ?? "";
  switch (screen) {
    case "":
      return { screen: "overview" };
    case "first-run":
    case "link":
    case "quiet":
      return { screen, token };
    case "camera":
      return rest === "settings" ? { screen: "camera-settings", id } : { screen: "camera", id };
    case "claim":
      return { screen, id, key: rest };
    case "claims":
      return { screen, id };
    case "event":
      return { screen: "event", id };
    case "recordings":
    case "alarm":
      return { screen, id };
    case "events":
    case "add":
    case "archive":
    case "exports":
      return { screen };
    case "settings":
      return { screen: id === "messages" || id === "rules" || id === "smart-home" ? id : "settings" };
    default:
      return { screen: "unknown" };
  }
}

const split = computed(() => {
  const [path = "/", query = ""] = hash.value.split("?");
  return { path, query: new URLSearchParams(query) };
});

export const route = computed<Route>(() => parse(split.value.path, split.value.query));

/** What stands behind the `?` of the address, such as the filters of the events list. */
export const filters = computed(() => split.value.query);

export function go(to: string, how: "push" | "replace" = "push"): void {
  if (how === "push") location.hash = to;
  else {
    history.replaceState(null, "", `#${to}`);
    hash.value = to;
  }
}

/** Addresses of the screens, for `href`. */
export const to = {
  overview: "#/",
  events: (values: Record<string, string> = {}) => {
    const text = new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();
    return text ? `#/events?${text}` : "#/events";
  },
  event: (id: string) => `#/event/${encodeURIComponent(id)}`,
  camera: (id: string) => `#/camera/${encodeURIComponent(id)}`,
  cameraSettings: (id: string) => `#/camera/${encodeURIComponent(id)}/settings`,
  /** `at`: a moment (ISO 8601) to begin with. Without a camera: the first one. */
  recordings: (id = "", at = "") =>
    `#/recordings${id && `/${encodeURIComponent(id)}`}${at && `?at=${encodeURIComponent(at)}`}`,
  archive: "#/archive",
  exports: "#/exports",
  add: "#/add",
  /** The same, and the search begins at once. */
  find: "#/add?look=1",
  settings: "#/settings",
  messages: "#/settings/messages",
  rules: "#/settings/rules",
  smartHome: "#/settings/smart-home",
  alarm: (site = "") => (site ? `#/alarm/${encodeURIComponent(site)}` : "#/alarm"),
  claim: (id: string, key: string) => `#/claim/${encodeURIComponent(id)}/${encodeURIComponent(key)}`,
  claims: (number?: number) => (number ? `#/claims/${number}` : "#/claims"),
};
