/** The past of one camera: a day as a line to choose from, its picture, its events and its gaps. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { Camera } from "../api/types";
import { coveragePercent, dayKey, dayName, duration, shortTime, t, timeOfDay } from "../i18n";
import { w } from "../i18n/recordings";
import { ArchiveTabs } from "../parts/ArchiveTabs";
import { Calendar } from "../parts/Calendar";
import { Icon } from "../parts/Icon";
import { Keeping, setEnd } from "../parts/Keeping";
import { Name } from "../parts/Name";
import { Blank, ErrorNote, Loading } from "../parts/Notice";
import { Controls, type Deck, Playback, jumpToEvent, jumpToGap, useDeck } from "../parts/Playback";
import { Screen } from "../parts/Screen";
import { Legend, Timeline } from "../parts/Timeline";
import { timeOn } from "../parts/timeOn";
import { CameraDay, type Mark, type Piece } from "../state/camera_day";
import { now } from "../state/clock";
import { filters, go, to } from "../state/route";
import { ZOOMS_MS, length } from "../state/timeline_view";
import { cameraById, cameras, loadError, loaded, mayAdmin, refresh, siteById } from "../state/world";

const MOST_LISTED = 200;

export function RecordingsScreen({ id }: { id: string }) {
  const camera = id ? cameraById(id) : cameras.value[0];
  if (camera) return <OfCamera key={`${camera.id} ${filters.value.get("at") ?? ""}`} camera={camera} />;
  return (
    <Screen title={w().recordings.title} quietTitle={!loaded.value}>
      <ArchiveTabs />
      {loadError.value && <ErrorNote error={loadError.value} retry={() => void refresh()} />}
      {!loaded.value && !loadError.value && <Loading />}
      {loaded.value && <NoCamera unknown={id !== ""} />}
    </Screen>
  );
}

function NoCamera({ unknown }: { unknown: boolean }) {
  if (unknown) {
    return (
      <Blank title={t().camera.notFound} text={t().camera.notFoundText}>
        <a class="button" href={to.recordings()}>
          {w().recordings.title}
        </a>
      </Blank>
    );
  }
  return (
    <Blank title={t().overview.emptyTitle} text={mayAdmin.value ? w().recordings.nothingYetText : t().overview.emptyViewer}>
      {mayAdmin.value && (
        <a class="button button-main" href={to.add}>
          <Icon name="plus" />
          {t().nav.add}
        </a>
      )}
    </Blank>
  );
}

/** The moment the address names, if it does. */
function askedFor(): number | undefined {
  const at = Date.parse(filters.value.get("at") ?? "");
  return Number.isNaN(at) ? undefined : at;
}

function OfCamera({ camera }: { camera: Camera }) {
  const zone = siteById(camera.site)?.time_zone;
  const day = useMemo(() => new CameraDay(camera.id), [camera.id]);
  const deck = useDeck(day);

  async function show(wanted: string | undefined, at?: number): Promise<void> {
    if (deck.playing.value) deck.toggle();
    await day.load(wanted, at);
    if (!day.error.value) deck.seek(day.at.value, true, false);
  }
  useEffect(() => {
    const at = askedFor();
    void show(at === undefined ? undefined : dayKey(at, zone), at);
  }, [day]);
  useRefresh(day);

  return (
    <Screen title={w().recordings.titleOf(camera.name)} heading={<Name text={camera.name} />} actions={<Actions camera={camera} />}>
      <ArchiveTabs />
      {day.error.value && <ErrorNote error={day.error.value} retry={() => void show(day.ledger.value?.day)} />}
      {!day.ledger.value && !day.error.value && <Loading />}
      <div class="recordings" hidden={!day.ledger.value}>
        <div class="recordings-main">
          <DayHead day={day} onDay={(wanted) => void show(wanted)} />
          <Playback camera={camera} day={day} deck={deck} />
          {day.ledger.value && <Nothing day={day} />}
          <Controls day={day} deck={deck} />
          <TimelineBox day={day} deck={deck} />
          {day.footage.value.length > 0 && <Keeping day={day} />}
        </div>
        {day.ledger.value && (
          <div class="recordings-side">
            <Calendar camera={camera.id} day={day.ledger.value.day} today={dayKey(now.value, day.zone.value)} onDay={(wanted) => void show(wanted)} />
            <Events day={day} deck={deck} />
            <Gaps day={day} deck={deck} />
            <Keys />
          </div>
        )}
      </div>
    </Screen>
  );
}

/** Today grows: what came since is fetched now and then while somebody looks. */
function useRefresh(day: CameraDay): void {
  useEffect(() => {
    const timer = setInterval(() => {
      const ledger = day.ledger.peek();
      const growing = ledger && day.until.peek() < Date.parse(ledger.end);
      if (growing && document.visibilityState === "visible") void day.load(ledger.day);
    }, 20_000);
    return () => clearInterval(timer);
  }, [day]);
}

function Actions({ camera }: { camera: Camera }) {
  return (
    <>
      {cameras.value.length > 1 && (
        <label class="camera-choice">
          <span class="visually-hidden">{w().recordings.camera}</span>
          <select value={camera.id} onChange={(event) => go(to.recordings(event.currentTarget.value).slice(1))}>
            {cameras.value.map((one) => (
              <option key={one.id} value={one.id} dir="auto">
                {one.name}
              </option>
            ))}
          </select>
        </label>
      )}
      <a class="button" href={to.camera(camera.id)}>
        <Icon name="camera" />
        {w().recordings.live}
      </a>
    </>
  );
}

function DayHead({ day, onDay }: { day: CameraDay; onDay: (day: string) => void }) {
  const ledger = day.ledger.value;
  if (!ledger) return null;
  const today = dayKey(now.value, ledger.time_zone);
  const beside = (by: number) => new Date(Date.parse(`${ledger.day}T12:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10);
  const { share } = ledger.coverage;
  return (
    <div class="day-head">
      <button type="button" class="quiet-button" aria-label={w().recordings.previousDay} title={w().recordings.previousDay} onClick={() => onDay(beside(-1))}>
        <Icon name="left" />
      </button>
      <div class="day-title">
        <h2 aria-live="polite">{dayName(`${ledger.day}T12:00:00Z`, "UTC")}</h2>
        <p class="soft">{share === null ? w().recordings.notWanted : w().recordings.coverageOfDay(coveragePercent(share))}</p>
      </div>
      <button
        type="button"
        class="quiet-button"
        aria-label={w().recordings.nextDay}
        title={w().recordings.nextDay}
        disabled={ledger.day >= today}
        onClick={() => onDay(beside(1))}
      >
        <Icon name="right" />
      </button>
      {ledger.day !== today && (
        <button type="button" class="text-button" onClick={() => onDay(today)}>
          {w().recordings.today}
        </button>
      )}
      {day.loading.value && <span class="spinner" role="status" aria-label={t().loading} />}
    </div>
  );
}

/** Said below the picture when the whole day is empty. */
function Nothing({ day }: { day: CameraDay }) {
  if (day.footage.value.length > 0) return null;
  const isNew = day.pieces.value.every((piece) => piece.state === "before");
  return (
    <div class="note">
      <Icon name="question" />
      <div>
        <p>{isNew ? w().recordings.nothingYet : w().recordings.nothingThatDay}</p>
        <p class="detail">{isNew ? w().recordings.nothingYetText : w().recordings.nothingThatDayText}</p>
      </div>
    </div>
  );
}

function TimelineBox({ day, deck }: { day: CameraDay; deck: Deck }) {
  function key(event: KeyboardEvent): void {
    const act = keyAction(event.key, day, deck);
    if (!act) return;
    event.preventDefault();
    act();
  }
  return (
    <section class="timeline-box" aria-label={w().recordings.timeline}>
      <Zoom day={day} />
      <Timeline day={day} actions={{ seek: (at, final) => deck.seek(at, final), key }} />
      <div class="timeline-foot">
        <Legend pieces={day.pieces.value} events={day.marks.value.length > 0} />
        <GoTo day={day} deck={deck} />
      </div>
    </section>
  );
}

function keyAction(key: string, day: CameraDay, deck: Deck): (() => void) | undefined {
  const actions: Record<string, () => void> = {
    " ": () => deck.toggle(),
    ",": () => deck.step(-1),
    ".": () => deck.step(1),
    p: () => jumpToEvent(day, deck, -1),
    n: () => jumpToEvent(day, deck, 1),
    g: () => jumpToGap(day, deck, 1),
    G: () => jumpToGap(day, deck, -1),
    i: () => setEnd(day, "from"),
    o: () => setEnd(day, "to"),
  };
  return actions[key];
}

function Zoom({ day }: { day: CameraDay }) {
  const words = w().recordings;
  const whole = day.day.value;
  if (!whole) return null;
  const shown = length(day.view.value);
  const steps = ZOOMS_MS.map((step, n) => (n === 0 ? length(whole) : step));
  const push = (by: number) => () => day.push(by * shown * 0.8);
  const atStart = day.view.value.from <= whole.from;
  const atEnd = day.view.value.to >= whole.to;
  return (
    <div class="zoom">
      <div class="segments" role="group" aria-label={words.zoom}>
        {steps.map((step, n) => (
          <button key={step} type="button" aria-pressed={Math.abs(shown - step) < 500} title={words.zoomLabels[n]} onClick={() => day.zoom(step)}>
            {words.zooms[n]}
          </button>
        ))}
      </div>
      <span class="zoom-ways">
        <button type="button" class="control" aria-label={words.earlier} title={words.earlier} disabled={atStart} onClick={push(-1)}>
          <Icon name="left" />
        </button>
        <button type="button" class="control" aria-label={words.zoomOut} title={words.zoomOut} disabled={shown >= length(whole)} onClick={() => day.zoomStep(-1)}>
          <Icon name="minus" />
        </button>
        <button type="button" class="control" aria-label={words.zoomIn} title={words.zoomIn} disabled={shown <= ZOOMS_MS[3]} onClick={() => day.zoomStep(1)}>
          <Icon name="plus" />
        </button>
        <button type="button" class="control" aria-label={words.later} title={words.later} disabled={atEnd} onClick={push(1)}>
          <Icon name="right" />
        </button>
      </span>
    </div>
  );
}

/** A typed time. */
function GoTo({ day, deck }: { day: CameraDay; deck: Deck }) {
  const text = useSignal("");
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const at = timeOn(day, text.value);
    if (at !== null) deck.seek(at);
  }
  return (
    <form class="go-to" onSubmit={submit}>
      <label>
        <span>{w().recordings.goTo}</span>
        <input type="time" step="1" value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
      </label>
      <button type="submit" class="button" aria-disabled={text.value === ""}>
        {w().recordings.go}
      </button>
    </form>
  );
}

function Events({ day, deck }: { day: CameraDay; deck: Deck }) {
  const marks = day.marks.value;
  return (
    <section class="moments" aria-labelledby="moments-events">
      <h2 id="moments-events">{w().recordings.eventsOfDay}</h2>
      {marks.length === 0 ? (
        <p class="soft">{w().recordings.noEvents}</p>
      ) : (
        <MomentList items={marks} render={(mark) => <EventRow key={mark.event.id} mark={mark} day={day} deck={deck} />} />
      )}
    </section>
  );
}

function MomentList<Item>({ items, render }: { items: readonly Item[]; render: (item: Item) => ComponentChildren }) {
  return (
    <>
      <ul class="moment-list">
        {items.slice(0, MOST_LISTED).map((item) => render(item))}
      </ul>
      {items.length > MOST_LISTED && <p class="hint">{w().recordings.onlyFirst(MOST_LISTED, items.length)}</p>}
    </>
  );
}

function EventRow({ mark, day, deck }: { mark: Mark; day: CameraDay; deck: Deck }) {
  const shown = day.at.value >= mark.from - 2000 && day.at.value <= mark.to;
  return (
    <li>
      <button type="button" class="moment-row" aria-current={shown ? "time" : undefined} onClick={() => deck.seek(mark.from - 2000, true, true)}>
        <span class="moment-time">{timeOfDay(mark.from, day.zone.value)}</span>
        <span class="soft">
          {t().event.motion}, {mark.event.end ? duration(length(mark) / 1000) : t().event.running}
        </span>
      </button>
    </li>
  );
}

function Gaps({ day, deck }: { day: CameraDay; deck: Deck }) {
  const gaps = day.gaps.value;
  const wanted = day.pieces.value.some((piece) => piece.state === "recorded" || piece.state === "deleted");
  if (gaps.length === 0 && !wanted) return null;
  return (
    <section class="moments" aria-labelledby="moments-gaps">
      <h2 id="moments-gaps">{w().recordings.gapsOfDay}</h2>
      {gaps.length === 0 ? (
        <p class="soft">{w().recordings.noGaps}</p>
      ) : (
        <MomentList items={gaps} render={(gap) => <GapRow key={gap.from} gap={gap} day={day} deck={deck} />} />
      )}
    </section>
  );
}

function GapRow({ gap, day, deck }: { gap: Piece; day: CameraDay; deck: Deck }) {
  const time = length(gap) < 120_000 ? timeOfDay : shortTime;
  return (
    <li>
      <button type="button" class="moment-row" onClick={() => deck.seek(gap.from, true, false)}>
        <span class="moment-time">
          {time(gap.from, day.zone.value)} – {time(gap.to, day.zone.value)}
        </span>
        <span class="soft">
          {duration(length(gap) / 1000)}, {gap.reason ? w().recordings.reasonShort[gap.reason] : w().recordings.state[gap.state]}
        </span>
      </button>
    </li>
  );
}

function Keys() {
  const words = w().recordings;
  return (
    <details class="keys-help">
      <summary>{words.keysTitle}</summary>
      <p class="hint">{words.keysNote}</p>
      <dl>
        {words.keys.map(([keys, text]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
