/** The events just before and just after one, over all cameras. */
import { api } from "../api/client";
import type { Event } from "../api/types";

export interface Neighbours {
  older: string | null;
  newer: string | null;
}

const PAGE = 100;
const WINDOWS_S = [600, 7200, 86_400, 30 * 86_400];

export async function neighbours(event: Event): Promise<Neighbours> {
  try {
    const [older, newer] = await Promise.all([api.events({ before: event.id, limit: 1 }), newerThan(event)]);
    return { older: older.events[0]?.id ?? null, newer };
  } catch {
    return { older: null, newer: null };
  }
}

/** The list runs backwards in time, so ever wider windows after the event are asked for until one holds something. */
async function newerThan(event: Event): Promise<string | null> {
  const begin = new Date(event.start).getTime();
  for (const seconds of WINDOWS_S) {
    const to = new Date(begin + seconds * 1000).toISOString();
    const found = await oldestAfter(event, to);
    if (found) return found;
    if (begin + seconds * 1000 > Date.now()) return null;
  }
  return oldestAfter(event, undefined);
}

async function oldestAfter(event: Event, to: string | undefined): Promise<string | null> {
  let best: string | null = null;
  let before: string | null = null;
  do {
    const page = await api.events({
      from: event.start,
      limit: PAGE,
      ...(to ? { to } : {}),
      ...(before ? { before } : {}),
    });
    const after = page.events.filter((other) => other.id > event.id);
    best = after.at(-1)?.id ?? best;
    if (after.length < page.events.length) break;
    before = page.next;
  } while (before);
  return best;
}
