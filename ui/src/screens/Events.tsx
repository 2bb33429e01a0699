/** All events, newest first, by day; filtered by camera, site and day. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, api } from "../api/client";
import type { Event, EventFilter } from "../api/types";
import { dayKey, dayName, t } from "../i18n";
import { EventCard, zoneOf } from "../parts/EventCard";
import { SelectField, TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Blank, ErrorNote, Loading } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { now } from "../state/clock";
import { filters, go, to } from "../state/route";
import { cameraById, cameras, changed, isSeen, latest, markSeen, siteById, sites } from "../state/world";
import { dayBounds } from "../state/days";

const PAGE = 48;

interface Chosen {
  camera: string;
  site: string;
  day: string;
}

function chosen(query: URLSearchParams): Chosen {
  return { camera: query.get("camera") ?? "", site: query.get("site") ?? "", day: query.get("day") ?? "" };
}

/** The time zone a chosen day is meant in: the one of the camera or site chosen, else of the first site. */
function zoneFor(choice: Chosen): string | undefined {
  const site = cameraById(choice.camera)?.site ?? choice.site;
  return (siteById(site) ?? sites.value[0])?.time_zone;
}

function asFilter(choice: Chosen): EventFilter {
  const bounds = choice.day ? dayBounds(choice.day, zoneFor(choice)) : undefined;
  return {
    limit: PAGE,
    ...(choice.camera && { camera: choice.camera }),
    ...(choice.site && { site: choice.site }),
    ...(bounds && { from: bounds.from, to: bounds.to }),
  };
}

function fits(event: Event, choice: Chosen): boolean {
  if (choice.camera && event.camera !== choice.camera) return false;
  if (choice.site && event.site !== choice.site) return false;
  return !choice.day || dayKey(event.start, zoneFor(choice)) === choice.day;
}

export function EventsScreen() {
  const choice = chosen(filters.value);
  return (
    <Screen title={t().events.title} actions={<MarkSeen />}>
      <Filters choice={choice} />
      <EventList key={JSON.stringify(choice)} choice={choice} />
    </Screen>
  );
}

/** Everything there is counts as looked at. */
function MarkSeen() {
  const newest = latest.value[0];
  if (!newest || latest.value.every(isSeen)) return null;
  return (
    <button type="button" class="button" onClick={() => void markSeen(newest.id)}>
      <Icon name="check" />
      {t().overview.markSeen}
    </button>
  );
}

function Filters({ choice }: { choice: Chosen }) {
  const active = choice.camera || choice.site || choice.day;
  function change(part: Partial<Chosen>): void {
    go(to.events({ ...choice, ...part }).slice(1), "replace");
  }
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <SelectField
        label={t().events.camera}
        value={choice.camera}
        choices={[
          { value: "", text: t().events.allCameras },
          ...cameras.value.map((camera) => ({ value: camera.id, text: camera.name })),
        ]}
        onChoice={(camera) => change({ camera })}
      />
      {sites.value.length > 1 && (
        <SelectField
          label={t().events.site}
          value={choice.site}
          choices={[
            { value: "", text: t().events.allSites },
            ...sites.value.map((site) => ({ value: site.id, text: site.name })),
          ]}
          onChoice={(site) => change({ site })}
        />
      )}
      <TextField
        label={t().events.day}
        type="date"
        value={choice.day}
        max={dayKey(now.value, zoneFor(choice))}
        onText={(day) => change({ day })}
      />
      {active && (
        <button type="button" class="text-button" onClick={() => change({ camera: "", site: "", day: "" })}>
          {t().events.clear}
        </button>
      )}
    </form>
  );
}

function EventList({ choice }: { choice: Chosen }) {
  const events = useSignal<Event[]>([]);
  const next = useSignal<string | null>(null);
  const state = useSignal<"loading" | "ready">("loading");
  const error = useSignal<ApiError | null>(null);

  async function load(before: string | null): Promise<void> {
    state.value = "loading";
    error.value = null;
    try {
      const page = await api.events({ ...asFilter(choice), ...(before && { before }) });
      events.value = before ? [...events.value, ...page.events] : page.events;
      next.value = page.next;
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      error.value = caught;
    }
    state.value = "ready";
  }
  useEffect(() => void load(null), []);
  useSignalEffect(() => {
    const event = changed.value;
    if (!event || !fits(event, choice)) return;
    const others = events.peek().filter((other) => other.id !== event.id);
    events.value = [event, ...others].sort((a, b) => (a.id < b.id ? 1 : -1));
  });

  const empty = state.value === "ready" && !error.value && events.value.length === 0;
  return (
    <>
      {byDay(events.value).map((day) => (
        <Day key={day.key} events={day.events} />
      ))}
      {empty && <NoEvents filtered={Boolean(choice.camera || choice.site || choice.day)} />}
      {error.value && <ErrorNote error={error.value} retry={() => void load(events.value.at(-1)?.id ?? null)} />}
      {state.value === "loading" && <Loading />}
      {state.value === "ready" && next.value && (
        <p class="center">
          <button type="button" class="button" onClick={() => void load(next.value)}>
            {t().events.more}
          </button>
        </p>
      )}
      {state.value === "ready" && !next.value && events.value.length > 0 && <p class="center soft">{t().events.end}</p>}
    </>
  );
}

function NoEvents({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <Blank title={t().events.emptyFiltered} />
  ) : (
    <Blank title={t().events.empty} text={t().events.emptyText} />
  );
}

function byDay(events: Event[]): { key: string; events: Event[] }[] {
  const days: { key: string; events: Event[] }[] = [];
  for (const event of events) {
    const key = dayKey(event.start, zoneOf(event));
    const last = days.at(-1);
    if (last?.key === key) last.events.push(event);
    else days.push({ key, events: [event] });
  }
  return days;
}

const DAY_MS = 86_400_000;

function Day({ events }: { events: Event[] }) {
  const first = events[0]!;
  const zone = zoneOf(first);
  const key = dayKey(first.start, zone);
  const relative =
    key === dayKey(now.value, zone)
      ? t().events.today
      : key === dayKey(now.value - DAY_MS, zone)
        ? t().events.yesterday
        : "";
  return (
    <section class="day" aria-labelledby={`day-${key}`}>
      <h2 id={`day-${key}`}>
        {relative && <span>{relative} </span>}
        <span class={relative ? "soft" : ""}>{dayName(first.start, zone)}</span>
        <span class="soft day-count">{t().events.count(events.length)}</span>
      </h2>
      <ul class="event-wall">
        {events.map((event) => (
          <li key={event.id}>
            <EventCard event={event} />
          </li>
        ))}
      </ul>
    </section>
  );
}
