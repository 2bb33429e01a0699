/** The storage: how full, for how long, what is deleted when, and whether all is as it was recorded. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { Month, Share, Storage } from "../api/types";
import { coveragePercent, dateText, fullTime, monthName, number, size } from "../i18n";
import { w } from "../i18n/recordings";
import { ArchiveTabs } from "../parts/ArchiveTabs";
import { level, neighbour } from "../parts/Calendar";
import { daysText } from "../parts/daysText";
import { Icon } from "../parts/Icon";
import { Name } from "../parts/Name";
import { Blank, ErrorNote, Loading } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { useLoaded } from "../parts/useLoaded";
import { useTask } from "../parts/useTask";
import { now } from "../state/clock";
import { cameraById, cameras, mayAdmin, siteById } from "../state/world";
import { Care } from "./Care";
import { Periods } from "./Periods";

const MONTHS = 3;

export function ArchiveScreen() {
  const storage = useLoaded(() => api.storage());
  const shares = useLoaded(() => api.shares());
  const found = storage.value.value;
  const reload = () => void Promise.all([storage.load(), shares.load()]);
  if (storage.error?.kind === "denied") {
    return (
      <Screen title={w().archive.title}>
        <ArchiveTabs />
        <Blank title={w().archive.deniedTitle} text={w().archive.deniedText} />
      </Screen>
    );
  }
  return (
    <Screen title={w().archive.title}>
      <ArchiveTabs />
      {storage.error && <ErrorNote error={storage.error} retry={reload} />}
      {!found && !storage.error && <Loading />}
      {found && (
        <div class="panels archive-panels">
          <Alarms storage={found} onChanged={reload} />
          <Room storage={found} />
          {found.cameras.length > 0 && <Used storage={found} shares={shares.value.value ?? []} />}
          {cameras.value.length > 0 && <Periods onChanged={reload} />}
          {cameras.value.length > 0 && <Completeness />}
          {mayAdmin.value && <Care />}
        </div>
      )}
    </Screen>
  );
}

function Alarms({ storage, onChanged }: { storage: Storage; onChanged: () => void }) {
  const task = useTask();
  if (storage.alarms.length === 0) return null;
  return (
    <section class="panel alarms" aria-labelledby="alarms">
      <h2 id="alarms">{w().archive.alarms}</h2>
      {storage.alarms.map((alarm) => (
        <div key={alarm.kind} class="note note-error">
          <Icon name="alert" />
          <div>
            <p>{w().archive.alarm[alarm.kind]}</p>
            <p>{w().archive.alarmHint[alarm.kind]}</p>
            <p class="detail" lang="en">
              {alarm.what} {alarm.hint}
            </p>
            {alarm.kind === "clock" && <p>{w().archive.clockNow(fullTime(new Date(now.value).toISOString(), undefined))}</p>}
            {alarm.kind === "clock" && mayAdmin.value && (
              <button type="button" class="button" onClick={() => void task.run(async () => void (await api.believeClock())).then(onChanged)}>
                {w().archive.clockRight}
              </button>
            )}
          </div>
        </div>
      ))}
      {task.error && <ErrorNote error={task.error} />}
    </section>
  );
}

function Room({ storage }: { storage: Storage }) {
  const words = w().archive;
  const other = Math.max(0, storage.size_bytes - storage.free_bytes - storage.footage_bytes);
  const share = (bytes: number) => `${(bytes / storage.size_bytes) * 100}%`;
  return (
    <section class="panel" aria-labelledby="room">
      <div class="panel-head">
        <h2 id="room" class="enough">
          {storage.days_kept === null ? words.disk : words.enough(daysText(storage.days_kept))}
        </h2>
        <p class="soft">
          {storage.days_kept === null ? words.enoughUnknown : `${words.enoughText(size(storage.bytes_per_day))} ${untilFull(storage)}`}
        </p>
      </div>
      <div class="disk" aria-hidden="true">
        <span class="disk-footage" style={{ width: share(storage.footage_bytes) }} />
        <span class="disk-other" style={{ width: share(other) }} />
      </div>
      <ul class="legend">
        <li>
          <span class="disk-swatch disk-footage" aria-hidden="true" />
          {words.footage}: {size(storage.footage_bytes)}
        </li>
        <li>
          <span class="disk-swatch disk-other" aria-hidden="true" />
          {words.other}: {size(other)}
        </li>
        <li>
          <span class="disk-swatch" aria-hidden="true" />
          {words.freeOf(size(storage.free_bytes), size(storage.size_bytes))}, {words.keepFree(size(storage.keep_free_bytes))}
        </li>
      </ul>
      <Pace disk={storage.disk} />
    </section>
  );
}

/** A share of late rounds so small is a hiccup that nobody needs to hear of. */
const LATE_SHARE = 0.01;

/** Said only when the disk does not keep up, or has refused to save something. */
function Pace({ disk }: { disk: Storage["disk"] }) {
  const words = w().archive;
  return (
    <>
      {disk.late_rounds > disk.rounds * LATE_SHARE && <p class="hint">{words.slowDisk(number(disk.late_rounds), number(disk.rounds))}</p>}
      {disk.abandoned > 0 && <p class="hint">{words.failingDisk(number(disk.abandoned))}</p>}
    </>
  );
}

function untilFull({ days_until_full }: Storage): string {
  const words = w().archive;
  if (days_until_full === null) return words.neverFull;
  return days_until_full <= 0 ? words.fullNow : words.untilFull(daysText(days_until_full, true));
}

function Used({ storage, shares }: { storage: Storage; shares: Share[] }) {
  const words = w().archive;
  return (
    <section class="panel" aria-labelledby="used">
      <h2 id="used">{words.used}</h2>
      <ul class="rows">
        {storage.cameras.map((one) => {
          const share = shares.find((other) => other.camera === one.camera);
          const known = cameraById(one.camera);
          return (
            <li key={one.camera} class="row used-row">
              <span class="row-main">
                <Name text={known?.name ?? one.camera} />
                {!known && <span class="row-more soft">{words.removedCamera}</span>}
              </span>
              <dl class="facts">
                <Fact name={words.usedTotal} text={size(one.size_bytes)} />
                {share && <Fact name={words.class.continuous} text={size(share.continuous_bytes)} />}
                {share && <Fact name={words.class.events} text={size(share.event_bytes)} />}
                {share && <Fact name={words.class.held} text={size(share.held_bytes)} />}
                <Fact name={words.perDay} text={size(one.bytes_per_day)} />
                <Fact name={words.oldest} text={one.oldest ? dateText(one.oldest, siteById(known?.site ?? "")?.time_zone, true) : words.none} />
              </dl>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Fact({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </div>
  );
}

function Completeness() {
  const words = w().archive;
  const last = useSignal(new Date(now.peek()).toISOString().slice(0, 7));
  const months = Array.from({ length: MONTHS }, (_, n) => neighbour(last.value, n - MONTHS + 1));
  return (
    <section class="panel" aria-labelledby="coverage">
      <div class="panel-head">
        <h2 id="coverage">{words.coverage}</h2>
        <p class="soft">{words.coverageText}</p>
      </div>
      <table class="coverage">
        <thead>
          <tr>
            <th scope="col">{words.usedCamera}</th>
            {months.map((month) => (
              <th key={month} scope="col">
                {monthName(month, "short")}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cameras.value.map((camera) => (
            <tr key={camera.id}>
              <th scope="row">
                <Name text={camera.name} />
              </th>
              {months.map((month) => (
                <MonthCell key={month} camera={camera.id} month={month} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div class="actions">
        <button type="button" class="text-button" onClick={() => (last.value = neighbour(last.value, -MONTHS))}>
          {words.olderMonths}
        </button>
        {last.value < new Date(now.value).toISOString().slice(0, 7) && (
          <button type="button" class="text-button" onClick={() => (last.value = neighbour(last.value, MONTHS))}>
            {words.newerMonths}
          </button>
        )}
      </div>
    </section>
  );
}

function MonthCell({ camera, month }: { camera: string; month: string }) {
  const found = useLoaded<Month>(() => api.coverage(camera, month));
  const share = found.value.value?.coverage.share;
  return (
    <td data-level={level(share ?? null)}>
      {found.error ? "?" : share === undefined ? "…" : share === null ? "–" : coveragePercent(share)}
    </td>
  );
}
