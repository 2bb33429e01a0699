/** What the last search found; kept while the page is open, so that the next camera need not be looked for again. */
import { signal } from "@preact/signals";
import type { FoundDevice } from "../api/types";
import { cameras } from "./world";

/** null before the first search. */
export const foundDevices = signal<FoundDevice[] | null>(null);

/** Addresses of cameras that are there already. */
export function hostsOfCameras(): Set<string> {
  return new Set(cameras.value.map((camera) => hostOf(camera.url)));
}

/** The host of an address of any scheme; browsers know the parts of http addresses only. */
function hostOf(url: string): string {
  const authority = url.replace(/^[a-z]+:\/\//, "").split(/[/?]/)[0] ?? "";
  return authority.replace(/^.*@/, "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
