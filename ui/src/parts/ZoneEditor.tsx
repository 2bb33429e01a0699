/** Zones and masks on the camera's picture: corners are moved by mouse, finger or arrow keys. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { address } from "../api/client";
import type { Camera, Zone } from "../api/types";
import { percent, t } from "../i18n";
import { ChoiceField, TextField } from "./Field";
import { Icon } from "./Icon";
import { Name } from "./Name";

type Point = [number, number];

const STEP = 0.01;
const BIG_STEP = 0.05;
const FEWEST_POINTS = 3;
const MOST_POINTS = 24;
const FIRST_SHAPE: Point[] = [
  [0.3, 0.3],
  [0.7, 0.3],
  [0.7, 0.8],
  [0.3, 0.8],
];
const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
}

function freeName(zones: Zone[]): string {
  const taken = new Set(zones.map((zone) => zone.name));
  for (let number = 1; ; number++) {
    const name = t().zones.newName(number);
    if (!taken.has(name)) return name;
  }
}

export function ZoneEditor(props: { camera: Camera; zones: Zone[]; onZones: (zones: Zone[]) => void }) {
  const { camera, zones, onZones } = props;
  const chosen = useSignal(0);
  const at = Math.min(chosen.value, zones.length - 1);
  const zone = zones[at];

  function change(part: Partial<Zone>): void {
    if (zone) onZones(zones.with(at, { ...zone, ...part }));
  }
  function add(kind: Zone["kind"]): void {
    onZones([...zones, { name: freeName(zones), kind, polygon: FIRST_SHAPE }]);
    chosen.value = zones.length;
  }

  return (
    <div class="form">
      <div class="panel-head">
        <h3>{t().zones.title}</h3>
        <p class="hint">{zones.length === 0 ? t().zones.none : t().zones.how}</p>
      </div>
      <Canvas camera={camera} zones={zones} at={at} onPolygon={(polygon) => change({ polygon })} />
      {zones.length > 1 && (
        <div class="chips" role="group" aria-label={t().zones.title}>
          {zones.map((one, index) => (
            <button
              key={index}
              type="button"
              class="chip"
              data-kind={one.kind}
              aria-pressed={index === at}
              onClick={() => (chosen.value = index)}
            >
              <Name text={one.name} />
            </button>
          ))}
        </div>
      )}
      {zone && <OneZone zone={zone} onChange={change} onRemove={() => onZones(zones.filter((_, index) => index !== at))} />}
      <div class="actions">
        <button type="button" class="button" onClick={() => add("zone")}>
          <Icon name="plus" />
          {t().zones.addZone}
        </button>
        <button type="button" class="button" onClick={() => add("mask")}>
          <Icon name="plus" />
          {t().zones.addMask}
        </button>
      </div>
    </div>
  );
}

function OneZone(props: { zone: Zone; onChange: (part: Partial<Zone>) => void; onRemove: () => void }) {
  const { zone, onChange, onRemove } = props;
  return (
    <div class="zone-form">
      <TextField label={t().zones.name} required maxLength={300} value={zone.name} onText={(name) => onChange({ name })} />
      <ChoiceField
        label={t().zones.kind}
        value={zone.kind}
        choices={[
          { value: "zone", text: t().zones.zone, hint: t().zones.zoneHint },
          { value: "mask", text: t().zones.mask, hint: t().zones.maskHint },
        ]}
        onChoice={(kind) => onChange({ kind })}
      />
      <button type="button" class="text-button" onClick={onRemove}>
        {t().zones.remove}
      </button>
    </div>
  );
}

function Canvas(props: { camera: Camera; zones: Zone[]; at: number; onPolygon: (polygon: Point[]) => void }) {
  const { camera, zones, at, onPolygon } = props;
  const field = useRef<HTMLDivElement>(null);
  const without = useSignal(false);
  const zone = zones[at];

  /** The place of a pointer as shares of the picture. */
  function place(event: PointerEvent): Point {
    const box = field.current!.getBoundingClientRect();
    return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
  }

  return (
    <div class="zone-field" ref={field} data-empty={without.value}>
      {!without.value && <img src={address.snapshot(camera.id)} alt="" onError={() => (without.value = true)} />}
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        {zones.map((one, index) => (
          <polygon
            key={index}
            class={`zone-shape zone-shape-${one.kind}`}
            data-chosen={index === at}
            points={one.polygon.map((point) => point.join(",")).join(" ")}
          />
        ))}
      </svg>
      {zone && <Corners zone={zone} place={place} onPolygon={onPolygon} />}
    </div>
  );
}

function Corners(props: { zone: Zone; place: (event: PointerEvent) => Point; onPolygon: (polygon: Point[]) => void }) {
  const { zone, place, onPolygon } = props;
  const { polygon } = zone;
  const move = (index: number, to: Point) => onPolygon(polygon.with(index, to));
  const drop = (index: number) => polygon.length > FEWEST_POINTS && onPolygon(polygon.toSpliced(index, 1));

  return (
    <>
      {polygon.length < MOST_POINTS &&
        polygon.map((point, index) => {
          const next = polygon[(index + 1) % polygon.length]!;
          const middle: Point = [share((point[0] + next[0]) / 2), share((point[1] + next[1]) / 2)];
          return (
            <button
              key={`middle-${index}`}
              type="button"
              class="zone-middle"
              style={{ left: `${middle[0] * 100}%`, top: `${middle[1] * 100}%` }}
              aria-label={t().zones.insert(index + 1)}
              onClick={() => onPolygon(polygon.toSpliced(index + 1, 0, middle))}
            />
          );
        })}
      {polygon.map((point, index) => (
        <Corner key={index} point={point} number={index + 1} place={place} onMove={(to) => move(index, to)} onDrop={() => drop(index)} />
      ))}
    </>
  );
}

function Corner(props: {
  point: Point;
  number: number;
  place: (event: PointerEvent) => Point;
  onMove: (to: Point) => void;
  onDrop: () => void;
}) {
  const { point, number, place, onMove, onDrop } = props;

  function press(event: KeyboardEvent): void {
    const way = ARROWS[event.key];
    if (event.key === "Delete" || event.key === "Backspace") onDrop();
    else if (way) {
      const step = event.shiftKey ? BIG_STEP : STEP;
      onMove([share(point[0] + way[0] * step), share(point[1] + way[1] * step)]);
    } else return;
    event.preventDefault();
  }

  return (
    <button
      type="button"
      class="zone-corner"
      style={{ left: `${point[0] * 100}%`, top: `${point[1] * 100}%` }}
      aria-label={t().zones.corner(number, percent(point[0]), percent(point[1]))}
      onKeyDown={press}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) onMove(place(event));
      }}
      onDblClick={onDrop}
    />
  );
}
