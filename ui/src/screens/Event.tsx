/** One event: its clip, why it was recorded, and the ways on from here. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { ApiError, address, api, filmFacts } from "../api/client";
import type { Event } from "../api/types";
import { dayName, duration, fullTime, secondsBetween, t, timeOfDay } from "../i18n";
import { isolated } from "../i18n/isolate";
import { cameraName, lengthText, zoneOf } from "../parts/EventCard";
import { Icon } from "../parts/Icon";
import { Name } from "../parts/Name";
import { Blank, ErrorNote, Loading } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { WhyRecorded } from "../parts/WhyRecorded";
import { type Neighbours, neighbours } from "../state/neighbours";
import { filters, go, to } from "../state/route";
import { cameraById, changed, latest, loaded, mayAdmin } from "../state/world";

const LEAD_S = 1;

export function EventScreen({ id }: { id: string }) {
  const event = useSignal<Event | null>(null);
  const error = useSignal<ApiError | null>(null);

  async function load(): Promise<void> {
    error.value = null;
    try {
      event.value = await api.event(id);
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      error.value = caught;
    }
  }
  useEffect(() => void load(), [id]);
  useSignalEffect(() => {
    if (changed.value?.id === id) event.value = changed.value;
  });

  if (error.value?.kind === "not_found" && !event.value) return <NotFound />;
  return (
    <Screen
      title={event.value ? `${t().event.motion}, ${isolated(cameraName(event.value))}` : t().events.title}
      heading={event.value ? <Heading event={event.value} /> : undefined}
      actions={event.value ? <Leaves event={event.value} /> : undefined}
    >
      {error.value && !event.value && <ErrorNote error={error.value} retry={() => void load()} />}
      {!event.value && !error.value && <Loading />}
      {event.value && loaded.value && <Content event={event.value} />}
    </Screen>
  );
}

function NotFound() {
  return (
    <Screen title={t().event.notFound} quietTitle>
      <Blank title={t().event.notFound} text={t().event.notFoundText}>
        <a class="button" href={to.events()}>
          {t().events.title}
        </a>
      </Blank>
    </Screen>
  );
}

function Heading({ event }: { event: Event }) {
  return (
    <>
      {t().event.motion} <span class="soft">·</span> <Name text={cameraName(event)} />
    </>
  );
}

function Content({ event }: { event: Event }) {
  const zone = zoneOf(event);
  return (
    <div class="event-page">
      <div class="event-main">
        <Clip key={event.id} event={event} />
        {event.end === null && (
          <p class="clip-running" role="status">
            <span class="state-dot" aria-hidden="true" />
            {t().event.clipRunning}
          </p>
        )}
        <Ways event={event} />
      </div>
      <div class="event-side">
        <p class="event-time">
          <time dateTime={event.start} title={fullTime(event.start, zone)}>
            <span>{dayName(event.start, zone)}</span>
            <strong>{timeOfDay(event.start, zone)}</strong>
          </time>
        </p>
        <WhyRecorded event={event} />
        <Details event={event} />
      </div>
    </div>
  );
}

/** The clip, playing while it grows; when the event is over it is taken again, whole and with its length. */
function Clip({ event }: { event: Event }) {
  const video = useRef<HTMLVideoElement>(null);
  const failed = useSignal(false);
  const moved = useSignal(false);
  const begunRunning = useSignal(event.end === null);
  const running = event.end === null;

  function playedOut(): void {
    if (!begunRunning.value || running) return;
    begunRunning.value = false;
    video.current!.autoplay = false;
    video.current!.src = `${address.clip(event.id)}?whole=1`;
  }

  /** Whoever comes by a message sees it happen at once, not first what was before. */
  async function toTheMoment(): Promise<void> {
    const at = filters.value.get("at");
    if (!at || moved.value) return;
    moved.value = true;
    const facts = await filmFacts(address.clip(event.id), AbortSignal.timeout(10_000));
    const start = facts?.get("wachtel-start");
    const seconds = start ? secondsBetween(start, at) - LEAD_S : 0;
    if (seconds > 0 && video.current) video.current.currentTime = seconds;
  }

  return (
    <div class="clip">
      <video
        ref={video}
        class="clip-video"
        src={address.clip(event.id)}
        onLoadedMetadata={() => void toTheMoment().catch(() => undefined)}
        controls
        autoplay
        muted
        playsInline
        aria-label={t().event.clipLabel(isolated(cameraName(event)), timeOfDay(event.start, zoneOf(event)))}
        onEnded={playedOut}
        onError={() => (failed.value = true)}
        onPlaying={() => (failed.value = false)}
      />
      {failed.value && (
        <div class="veil veil-solid" role="alert">
          <Icon name="cameraOff" size={36} />
          <p class="veil-title">{t().event.clipFailed}</p>
          <p class="veil-reason">{t().event.clipFailedText}</p>
        </div>
      )}
    </div>
  );
}

/** To the older and the newer event. */
function Leaves({ event }: { event: Event }) {
  const around = useSignal<Neighbours>({ older: null, newer: null });
  useEffect(() => {
    let current = true;
    void neighbours(event).then((found) => {
      if (current) around.value = found;
    });
    return () => {
      current = false;
    };
  }, [event.id, latest.value[0]?.id]);
  useLeafing(around.value);
  return (
    <>
      <Leaf to={around.value.older} text={t().event.previous} icon="left" />
      <Leaf to={around.value.newer} text={t().event.next} icon="right" />
    </>
  );
}

function Ways({ event }: { event: Event }) {
  return (
    <div class="ways">
      <a class="button" href={address.clip(event.id)} download={`${event.id}.mp4`}>
        <Icon name="download" />
        {t().event.download}
      </a>
      {event.snapshot && (
        <a class="button" href={address.eventSnapshot(event.id)} target="_blank" rel="noreferrer">
          <Icon name="picture" />
          {t().event.snapshot}
        </a>
      )}
    </div>
  );
}

function Leaf({ to: target, text, icon }: { to: string | null; text: string; icon: "left" | "right" }) {
  if (!target) {
    return (
      <span class="button leaf" aria-disabled="true" role="link" aria-label={text}>
        <Icon name={icon} />
      </span>
    );
  }
  return (
    <a class="button leaf" href={to.event(target)} aria-label={text} title={text}>
      <Icon name={icon} />
    </a>
  );
}

/** The arrow keys leaf, unless they belong to what has the focus; from the moment the arrows are to be seen. */
function useLeafing(around: Neighbours): void {
  useLayoutEffect(() => {
    function press(key: KeyboardEvent): void {
      const inside = key.target instanceof Element && key.target.closest("video, input, select, textarea, dialog");
      if (inside || key.altKey || key.ctrlKey || key.metaKey || key.shiftKey) return;
      const target = key.key === "ArrowLeft" ? around.older : key.key === "ArrowRight" ? around.newer : null;
      if (target) go(`/event/${encodeURIComponent(target)}`);
    }
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [around.older, around.newer]);
}

function Details({ event }: { event: Event }) {
  const zone = zoneOf(event);
  const camera = cameraById(event.camera);
  return (
    <section aria-labelledby="details">
      <h2 id="details">{t().event.details}</h2>
      <dl class="facts">
        <div>
          <dt>{t().event.start}</dt>
          <dd>{timeOfDay(event.start, zone)}</dd>
        </div>
        <div>
          <dt>{t().event.ended}</dt>
          <dd>{event.end ? timeOfDay(event.end, zone) : t().event.running}</dd>
        </div>
        <div>
          <dt>{t().event.duration}</dt>
          <dd>{lengthText(event)}</dd>
        </div>
      </dl>
      <p class="soft">{t().event.reportedAfter(duration(secondsBetween(event.start, event.reported), 1))}</p>
      {event.recovered && <p class="soft">{t().event.recovered}</p>}
      {camera && (
        <p class="link-row">
          <a href={to.camera(camera.id)}>{t().event.toCamera}</a>
          {mayAdmin.value && <a href={to.cameraSettings(camera.id)}>{t().event.tuneCamera}</a>}
        </p>
      )}
      <p class="hint keys-hint">{t().event.keys}</p>
    </section>
  );
}
