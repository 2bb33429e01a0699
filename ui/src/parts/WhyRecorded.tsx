/** Why an event was recorded: the detector's numbers in words, and drawn to scale. */
import type { Event } from "../api/types";
import { duration, list, percent, t } from "../i18n";
import { m } from "../i18n/motion";
import { BoxedPicture } from "./BoxedPicture";
import { isolated } from "../i18n/isolate";

export function whySentence(event: Event): string {
  const { travel, within_s, area } = event.why;
  if (travel <= 0 && area <= 0) return t().event.whyUnknown;
  const words = t().event;
  const moved = words.whyTravel(percent(travel), duration(within_s, 1));
  return area > 0 ? `${moved} ${words.whyArea(percent(area))}.` : `${moved}.`;
}

function zonesSentence(zones: string[]): string {
  if (zones.length === 0) return t().event.whyNoZones;
  return zones.length === 1 ? t().event.whyZones(list(zones.map(isolated))) : t().event.whyZonesMany(list(zones.map(isolated)));
}

/** Where it went, or the line it passed. */
function waySentence({ line, direction }: Event["why"]): string {
  if (!direction) return "";
  const way = m().directions[direction];
  return line ? m().whyLine(line, way) : m().whyWent(way);
}

/** The picture as a frame, the way the thing went as a bar, its largest size as a box. */
function Sketch({ travel, area }: { travel: number; area: number }) {
  const width = 320;
  const height = 180;
  const side = Math.sqrt(Math.min(1, Math.max(area, 0.002)));
  const box = { width: width * side, height: height * side };
  const way = Math.min(1, Math.max(travel, 0.02)) * width;
  const from = Math.max(0, (width - way) / 2);
  const to = Math.min(width, from + way);
  const boxLeft = Math.min(width - box.width, Math.max(0, to - box.width / 2));
  return (
    <svg class="sketch" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <rect class="sketch-frame" x="1" y="1" width={width - 2} height={height - 2} rx="10" />
      <line class="sketch-way" x1={from} x2={to} y1={height / 2} y2={height / 2} />
      <circle class="sketch-start" cx={from} cy={height / 2} r="5" />
      <rect
        class="sketch-box"
        x={boxLeft}
        y={(height - box.height) / 2}
        width={box.width}
        height={box.height}
        rx="4"
      />
    </svg>
  );
}

export function WhyRecorded({ event }: { event: Event }) {
  const { travel, area } = event.why;
  const share = Math.min(1, Math.max(0, event.score));
  return (
    <section class="why" aria-labelledby="why">
      <h2 id="why">{t().event.why}</h2>
      {event.snapshot && event.boxes.length > 0 ? (
        <BoxedPicture key={event.id} event={event} />
      ) : (
        (travel > 0 || area > 0) && <Sketch travel={travel} area={area} />
      )}
      <p>
        {whySentence(event)} <bdi>{waySentence(event.why)}</bdi> <bdi>{event.why.line && event.zones.length === 0 ? "" : zonesSentence(event.zones)}</bdi>
      </p>
      <p class="score">
        <span>{t().event.score}</span>
        <progress value={share} max={1} aria-label={t().event.score} />
        <span>{percent(share)}</span>
      </p>
    </section>
  );
}
