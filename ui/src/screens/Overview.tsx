/** Every site with its state in one line, its live pictures, and what happened last. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Camera, Event, Site } from "../api/types";
import { duration, secondsBetween, t } from "../i18n";
import { EventCard } from "../parts/EventCard";
import { CertificateNews } from "../parts/CertificateNews";
import { AlarmLine } from "../parts/AlarmLine";
import { ChannelNews } from "../parts/ChannelNews";
import { GapNews } from "../parts/GapNews";
import { Icon } from "../parts/Icon";
import { LiveMark, LivePicture } from "../parts/LivePicture";
import { Name } from "../parts/Name";
import { Blank, ErrorNote, Loading } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { SunsetNews } from "../parts/SunsetNews";
import { now } from "../state/clock";
import { to } from "../state/route";
import { cameras, isSeen, latest, loadError, loaded, markSeen, mayAdmin, refresh, sites } from "../state/world";

const SHOWN_EVENTS = 12;

export function OverviewScreen() {
  return (
    <Screen title={t().overview.title} quietTitle>
      {loadError.value && <ErrorNote error={loadError.value} retry={() => void refresh()} />}
      {!loaded.value && !loadError.value && <Loading />}
      {loaded.value && <Content />}
    </Screen>
  );
}

function Content() {
  if (cameras.value.length === 0) return <NoCamera />;
  const inhabited = sites.value.filter((site) => cameras.value.some((camera) => camera.site === site.id));
  return (
    <div class="overview">
      <div class="overview-sites">
        <SunsetNews />
        <GapNews />
        <ChannelNews />
        <CertificateNews />
        {inhabited.map((site) => (
          <SiteSection key={site.id} site={site} cameras={cameras.value.filter((camera) => camera.site === site.id)} />
        ))}
      </div>
      <Latest events={latest.value.slice(0, SHOWN_EVENTS)} />
    </div>
  );
}

function NoCamera() {
  return (
    <Blank title={t().overview.emptyTitle} text={mayAdmin.value ? t().overview.emptyText : t().overview.emptyViewer}>
      {mayAdmin.value && (
        <>
          <a class="button button-main" href={to.find}>
            <Icon name="search" />
            {t().add.find}
          </a>
          <a class="button" href={to.add}>
            {t().overview.byAddress}
          </a>
        </>
      )}
    </Blank>
  );
}

function SiteSection({ site, cameras }: { site: Site; cameras: Camera[] }) {
  return (
    <section class="site" aria-labelledby={`site-${site.id}`}>
      <div class="site-head">
        <h2 id={`site-${site.id}`}>
          <Name text={site.name} />
        </h2>
        <SiteLine site={site} />
        <AlarmLine site={site.id} />
      </div>
      <ul class="wall" data-count={Math.min(cameras.length, 5)}>
        {cameras.map((camera) => (
          <li key={camera.id}>
            <Tile camera={camera} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function SiteLine({ site }: { site: Site }) {
  const { kind, new_events, trouble } = site.state;
  const first = trouble[0];
  return (
    <p class="site-line" data-kind={kind}>
      {kind === "quiet" && <Icon name="check" size={18} />}
      {kind === "events" && <span class="unseen-dot" aria-hidden="true" />}
      {kind === "trouble" && <Icon name="alert" size={18} />}
      <span>
        {kind === "quiet" && t().overview.quiet}
        {kind === "trouble" && first && trouble.length === 1 && (
          <>
            <Name text={first.name} />{" "}
            {t().overview.troubleOne(t().conditionInWords[first.condition], duration(secondsBetween(first.since, now.value)))}
          </>
        )}
        {kind === "trouble" && trouble.length > 1 && t().overview.troubleMany(trouble.length)}
        {kind === "trouble" && new_events > 0 && " · "}
        {kind !== "quiet" && new_events > 0 && (
          <a href={to.events({ site: site.id })}>{t().overview.newEvents(new_events)}</a>
        )}
      </span>
    </p>
  );
}

function Tile({ camera }: { camera: Camera }) {
  return (
    <a class="tile" href={to.camera(camera.id)}>
      <LivePicture camera={camera} size="tile" />
      <span class="tile-foot">
        <Name text={camera.name} />
        <LiveMark camera={camera} size="tile" />
      </span>
    </a>
  );
}

function Latest({ events }: { events: Event[] }) {
  const newest = events[0];
  return (
    <aside class="latest" aria-labelledby="latest">
      <div class="latest-head">
        <h2 id="latest">{t().overview.latest}</h2>
        {newest && !events.every(isSeen) && (
          <button type="button" class="text-button" onClick={() => void markSeen(newest.id)}>
            {t().overview.markSeen}
          </button>
        )}
      </div>
      {events.length === 0 ? (
        <p class="soft">{t().overview.noEvents}</p>
      ) : (
        <Strip events={events} />
      )}
      {events.length > 0 && (
        <a class="more-link" href={to.events()}>
          {t().overview.allEvents}
          <Icon name="right" size={18} />
        </a>
      )}
    </aside>
  );
}

/** Further than this from the beginning, somebody has pushed the strip along to read. */
const AT_BEGINNING_PX = 24;

/** The newest first. Browsers hold on to the card that is in view, so the beginning has to be gone back to. */
function Strip({ events }: { events: Event[] }) {
  const strip = useRef<HTMLUListElement>(null);
  const atBeginning = useRef(true);
  const newest = events[0]?.id;
  useLayoutEffect(() => {
    if (atBeginning.current) strip.current?.scrollTo({ left: 0 });
  }, [newest]);
  return (
    <ul
      class="event-strip"
      tabIndex={-1}
      ref={strip}
      onScroll={(event) => (atBeginning.current = Math.abs(event.currentTarget.scrollLeft) < AT_BEGINNING_PX)}
    >
      {events.map((event) => (
        <li key={event.id}>
          <EventCard event={event} />
        </li>
      ))}
    </ul>
  );
}
