/** What is missing of the last 24 hours, in a sentence each, with the way to the place in the timeline. */
import { useEffect } from "preact/hooks";
import { dateText, hourOf, shortTime, t, timeOfDay } from "../i18n";
import { type RecentGap, lookForGaps, recentGaps } from "../state/gap_news";
import { to } from "../state/route";
import { cameraById, cameras, siteById } from "../state/world";
import { Icon } from "./Icon";
import { Name } from "./Name";

const SHOWN = 3;
const AGAIN_MS = 120_000;
const BEFORE_MS = 5000;

/** Of one camera, or of all. */
export function GapNews({ camera }: { camera?: string }) {
  const lasting = cameras.value.map((one) => `${one.id} ${one.gap?.since ?? ""}`).join();
  useEffect(() => {
    void lookForGaps(true);
    const timer = setInterval(() => void lookForGaps(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [lasting]);
  const gaps = recentGaps.value.filter((gap) => (camera ? gap.camera === camera : cameraById(gap.camera)));
  if (gaps.length === 0) return null;
  const rest = gaps.length - SHOWN;
  return (
    <section class="gap-news" aria-label={t().gapNews.title}>
      <Icon name="alert" size={20} />
      <ul>
        {gaps.slice(0, SHOWN).map((gap) => (
          <li key={`${gap.camera}${gap.from}`}>
            {!camera && (
              <>
                <Name text={cameraById(gap.camera)?.name ?? gap.camera} />
                {" · "}
              </>
            )}
            <a href={to.recordings(gap.camera, new Date(gap.from - BEFORE_MS).toISOString())}>{gapSentence(gap)}</a>.{" "}
            {t().gap.reasons[gap.reason]}
          </li>
        ))}
        {rest > 0 && <li class="soft">{t().gapNews.more(rest)}</li>}
      </ul>
    </section>
  );
}

function gapSentence(gap: RecentGap): string {
  const zone = siteById(cameraById(gap.camera)?.site ?? "")?.time_zone;
  const time = gap.to - gap.from < 120_000 ? timeOfDay : shortTime;
  const when = dayOrNight(gap.from, zone);
  const words = t().gapNews;
  return gap.lasts ? words.lasting(when, time(gap.from, zone)) : words.between(when, time(gap.from, zone), time(gap.to, zone));
}

/** A night belongs to two days; its name says both. */
function dayOrNight(at: number, zone: string | undefined): string {
  const hour = hourOf(at, zone);
  if (hour >= 6 && hour < 22) return dateText(at, zone);
  const evening = hour < 6 ? at - 12 * 3_600_000 : at;
  return t().gapNews.night(dateText(evening, zone), dateText(evening + 12 * 3_600_000, zone));
}
