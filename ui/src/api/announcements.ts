/** What happens, as it happens: the server-sent events of `/api/v1/stream`, reopened by themselves. */
import { Backoff } from "../player/backoff";
import { address } from "./client";
import type { Camera, Event } from "./types";

export interface Listener {
  /** The stream is open (again): what happened in between has to be fetched. */
  opened: () => void;
  lost: () => void;
  event: (event: Event) => void;
  camera: (camera: Camera) => void;
  /** A gap in this camera's footage became an alarm, or ended. */
  gap: (camera: string) => void;
  /** An alarm panel does something else now. */
  alarm: () => void;
}

/** Listens until the returned function is called. */
export function listen(listener: Listener): () => void {
  const backoff = new Backoff(500);
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    retry = undefined;
    source = new EventSource(address.announcements());
    source.onopen = () => {
      backoff.reset();
      listener.opened();
    };
    source.onerror = () => {
      listener.lost();
      source?.close();
      retry ??= setTimeout(open, backoff.next());
    };
    source.addEventListener("event", (message: MessageEvent<string>) => listener.event(JSON.parse(message.data) as Event));
    source.addEventListener("camera", (message: MessageEvent<string>) =>
      listener.camera(JSON.parse(message.data) as Camera),
    );
    source.addEventListener("alarm", () => listener.alarm());
    source.addEventListener("gap", (message: MessageEvent<string>) =>
      listener.gap((JSON.parse(message.data) as { camera: string }).camera),
    );
  }

  open();
  return () => {
    clearTimeout(retry);
    source?.close();
  };
}
