/** What the page knows of the server: who is logged in, sites, cameras, the latest events. Kept fresh by announcements. */
import { batch, computed, signal } from "@preact/signals";
import { listen } from "../api/announcements";
import { ApiError, api, whenLoggedOut } from "../api/client";
import type { Account, Camera, Event, Session, Site } from "../api/types";
import { alarmNews } from "./alarm_news";

const LATEST = 24;

export const session = signal<Session | null>(null);
export const sites = signal<Site[]>([]);
export const cameras = signal<Camera[]>([]);
export const latest = signal<Event[]>([]);

/** `starting` until the first answer; `lost` while the server does not answer. */
export const connection = signal<"starting" | "open" | "lost">("starting");
/** The first load of the data after a log-in is through. */
export const loaded = signal(false);
export const loadError = signal<ApiError | null>(null);
/** The event of the last announcement, whether it began, went on or ended. */
export const changed = signal<Event | null>(null);
/** The event that began last, for the polite message to screen readers. */
export const announced = signal<Event | null>(null);

export const account = computed<Account | null>(() => session.value?.account ?? null);
export const mayControl = computed(() => account.value !== null && account.value.scope !== "view");
export const mayAdmin = computed(() => account.value?.scope === "admin");

export function cameraById(id: string): Camera | undefined {
  return cameras.value.find((camera) => camera.id === id);
}

export function siteById(id: string): Site | undefined {
  return sites.value.find((site) => site.id === id);
}

let stopListening: (() => void) | undefined;

/** Asks who is logged in, and begins with that. */
export async function start(): Promise<void> {
  try {
    enter(await api.session());
  } catch (error) {
    connection.value = "lost";
    if (!(error instanceof ApiError)) throw error;
    setTimeout(() => void start(), 2000);
  }
}

/** A session has been opened (or found closed): loads what it may see, and listens. */
export function enter(opened: Session): void {
  batch(() => {
    session.value = opened;
    connection.value = "open";
  });
  stopListening?.();
  stopListening = undefined;
  if (!opened.account) return;
  void refresh();
  let first = true;
  stopListening = listen({
    opened: () => {
      connection.value = "open";
      if (!first) void refresh();
      first = false;
    },
    lost: () => void lost(),
    event: takeEvent,
    camera: takeCamera,
    alarm: () => void (alarmNews.value += 1),
    gap: (id) => void api.camera(id).then(takeCamera, () => undefined),
  });
}

/** The announcements broke off: either the server is away or the session is over. */
async function lost(): Promise<void> {
  connection.value = "lost";
  try {
    const found = await api.session();
    if (!found.account) leave();
  } catch {
    // Still away; listening goes on by itself.
  }
}

/** Nobody is logged in any more. */
export function leave(): void {
  stopListening?.();
  stopListening = undefined;
  batch(() => {
    session.value = { account: null, first_run: false };
    sites.value = [];
    cameras.value = [];
    latest.value = [];
    loaded.value = false;
    seenUpTo.value = "";
    connection.value = "open";
  });
}

whenLoggedOut(() => {
  if (account.value) leave();
});

export async function refresh(): Promise<void> {
  try {
    const [someSites, someCameras, page] = await Promise.all([
      api.sites(),
      api.cameras(),
      api.events({ limit: LATEST }),
    ]);
    batch(() => {
      sites.value = someSites;
      cameras.value = someCameras;
      latest.value = page.events;
      loaded.value = true;
      loadError.value = null;
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    loadError.value = error;
  }
}

let sitesDue: ReturnType<typeof setTimeout> | undefined;

/** Site state lines are made by the server; asked again shortly after something changed. */
export function refreshSitesSoon(): void {
  sitesDue ??= setTimeout(() => {
    sitesDue = undefined;
    void api
      .sites()
      .then((found) => {
        sites.value = found;
      })
      .catch(() => undefined);
  }, 400);
}

function takeEvent(event: Event): void {
  const known = latest.value.some((other) => other.id === event.id);
  const others = latest.value.filter((other) => other.id !== event.id);
  const merged = [event, ...others].sort((a, b) => (a.id < b.id ? 1 : -1));
  batch(() => {
    latest.value = merged.slice(0, LATEST);
    changed.value = event;
    if (!known) announced.value = event;
  });
  if (!known || event.end !== null) refreshSitesSoon();
}

export function takeCamera(camera: Camera): void {
  const found = cameras.value.findIndex((other) => other.id === camera.id);
  cameras.value = found < 0 ? [...cameras.value, camera] : cameras.value.with(found, camera);
  refreshSitesSoon();
}

export function dropCamera(id: string): void {
  cameras.value = cameras.value.filter((camera) => camera.id !== id);
  refreshSitesSoon();
}

/** The state a live picture was told over its own connection; newer than the list's. */
export function takeState(id: string, stream: "main" | "sub", state: Camera["streams"]["main"]): void {
  const camera = cameraById(id);
  if (camera) takeCamera({ ...camera, streams: { ...camera.streams, [stream]: state } });
}

/** Up to which event this page has said that all were looked at; ids sort by time. */
const seenUpTo = signal("");

export function isSeen(event: Event): boolean {
  return event.seen || event.id <= seenUpTo.value;
}

/** This event and all older ones have been looked at. */
export async function markSeen(upTo: string): Promise<void> {
  try {
    await api.seen(upTo);
    seenUpTo.value = upTo;
    refreshSitesSoon();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}
