/** One event in a list: its picture, where, when, how long. */
import { address } from "../api/client";
import type { Event } from "../api/types";
import { duration, fullTime, secondsBetween, t, timeNear, timeOfDay } from "../i18n";
import { isolated } from "../i18n/isolate";
import { now } from "../state/clock";
import { to } from "../state/route";
import { cameraById, isSeen, siteById } from "../state/world";
import { Name } from "./Name";
import { Quail } from "./Quail";

export function zoneOf(event: Event): string | undefined {
  return siteById(event.site)?.time_zone;
}

export function cameraName(event: Event): string {
  return cameraById(event.camera)?.name ?? event.camera;
}

/** How long the motion lasts, or has lasted so far. */
export function lengthText(event: Event): string {
  return duration(secondsBetween(event.start, event.end ?? now.value));
}

export function EventPicture({ event }: { event: Event }) {
  if (!event.snapshot) {
    return (
      <span class="thumb thumb-empty">
        <Quail size={36} />
      </span>
    );
  }
  return (
    <span class="thumb">
      <img src={address.eventSnapshot(event.id)} alt="" loading="lazy" decoding="async" width={320} height={180} />
    </span>
  );
}

/** `lead` is what stands first: the camera, or, where all are of one camera, the time. */
export function EventCard({ event, lead = "camera" }: { event: Event; lead?: "camera" | "time" }) {
  const running = event.end === null;
  const unseen = !isSeen(event);
  const zone = zoneOf(event);
  const time = (
    <time dateTime={event.start} title={fullTime(event.start, zone)}>
      {lead === "time" ? timeNear(event.start, zone, now.value) : timeOfDay(event.start, zone)}
    </time>
  );
  return (
    <a class="event-card" href={to.event(event.id)} data-unseen={unseen} data-running={running}>
      <EventPicture event={event} />
      <span class="event-text">
        <span class="event-where">
          {unseen && <span class="unseen-dot" title={t().event.unseen} />}
          {lead === "time" ? time : <Name text={cameraName(event)} />}
          {unseen && <span class="visually-hidden">, {t().event.unseen}</span>}
        </span>
        <span class="event-when">
          {lead === "camera" && (
            <>
              {time}
              <span aria-hidden="true"> · </span>
            </>
          )}
          {running ? <span class="running">{t().event.running}</span> : lengthText(event)}
        </span>
        {event.zones.length > 0 && (
          <span class="event-zones">
            <Name text={event.zones.map(isolated).join(", ")} />
          </span>
        )}
      </span>
    </a>
  );
}
