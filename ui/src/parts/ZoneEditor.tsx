/** Zones and masks on the camera's picture: corners are moved by mouse, finger or arrow keys. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { address } from "../api/client";
import type { Camera, Line, Zone } from "../api/types";
import { percent, t } from "../i18n";
import { m } from "../i18n/motion";
import { ChoiceField, TextField } from "./Field";
import { Icon } from "./Icon";
import { Name } from "./Name";
import { LineTuning, ZoneTuning } from "./ZoneTuning";

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
const FIRST_LINE: Omit<Line, "name"> = { start: [0.5, 0.25], end: [0.5, 0.85], passing: "both" };
const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
}

function freeName(parts: { name: string }[], named: (number: number) => string): string {
  const taken = new Set(parts.map((part) => part.name));
  for (let number = 1; ; number++) {
    const name = named(number);
    if (!taken.has(name)) return name;
  }
}

/** `onParts` hears of the zones, masks and lines that changed. Zones are counted before lines. */
export function ZoneEditor(props: {
  camera: Camera;
  zones: Zone[];
  lines: Line[];
  onParts: (parts: { zones?: Zone[]; lines?: Line[] }) => void;
}) {
  const { camera, zones, lines, onParts } = props;
  const onZones = (changed: Zone[]) => onParts({ zones: changed });
  const chosen = useSignal(0);
  const all = [...zones, ...lines];
  const at = Math.min(chosen.value, all.length - 1);
  const zone = zones[at];
  const lineAt = at - zones.length;
  const line = lines[lineAt];

  function change(part: Partial<Zone>): void {
    if (zone) onZones(zones.with(at, { ...zone, ...part }));
  }
  function changeLine(part: Partial<Line>): void {
    if (line) onParts({ lines: lines.with(lineAt, { ...line, ...part }) });
  }
  function add(kind: Zone["kind"]): void {
    onZones([...zones, { name: freeName(all, t().zones.newName), kind, polygon: FIRST_SHAPE }]);
    chosen.value = zones.length;
  }
  function addLine(): void {
    onParts({ lines: [...lines, { name: freeName(all, m().newLine), ...FIRST_LINE }] });
    chosen.value = all.length;
  }

  return (
    <div class="form">
      <div class="panel-head">
        <h3>{m().title}</h3>
        <p class="hint">{all.length === 0 ? m().none : t().zones.how}</p>
        {lines.length > 0 && !zones.some((one) => one.kind === "zone") && <p class="hint">{m().linesOnly}</p>}
      </div>
      <Canvas camera={camera} zones={zones} lines={lines} at={at} onPolygon={(polygon) => change({ polygon })} onLine={changeLine} />
      {all.length > 1 && (
        <div class="chips" role="group" aria-label={m().title}>
          {all.map((one, index) => (
            <button
              key={index}
              type="button"
              class="chip"
              data-kind={"kind" in one ? one.kind : "line"}
              aria-pressed={index === at}
              onClick={() => (chosen.value = index)}
            >
              <Name text={one.name} />
            </button>
          ))}
        </div>
      )}
      {zone && <OneZone key={at} zone={zone} onChange={change} onRemove={() => onZones(zones.toSpliced(at, 1))} />}
      {line && <OneLine key={at} line={line} onChange={changeLine} onRemove={() => onParts({ lines: lines.toSpliced(lineAt, 1) })} />}
      <div class="actions">
        <button type="button" class="button" onClick={() => add("zone")}>
          <Icon name="plus" />
          {t().zones.addZone}
        </button>
        <button type="button" class="button" onClick={() => add("mask")}>
          <Icon name="plus" />
          {t().zones.addMask}
        </button>
        <button type="button" class="button" onClick={addLine}>
          <Icon name="plus" />
          {m().addLine}
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
      {zone.kind === "zone" && <ZoneTuning zone={zone} onChange={onChange} />}
      <button type="button" class="text-button" onClick={onRemove}>
        {t().zones.remove}
      </button>
    </div>
  );
}

function OneLine(props: { line: Line; onChange: (part: Partial<Line>) => void; onRemove: () => void }) {
  const { line, onChange, onRemove } = props;
  return (
    <div class="zone-form">
      <TextField label={m().lineName} required maxLength={100} value={line.name} onText={(name) => onChange({ name })} />
      <LineTuning line={line} onChange={onChange} />
      <button type="button" class="text-button" onClick={onRemove}>
        {m().removeLine}
      </button>
    </div>
  );
}

/** Where the letters of the two sides stand: A to the left of who looks from start to end, on a picture of 16 to 9. */
function sides({ start, end }: Line): { letter: string; at: Point }[] {
  const [across, down] = [(end[0] - start[0]) * 16, (end[1] - start[1]) * 9];
  const length = Math.hypot(across, down) || 1;
  const [aside, below] = [((down / length) * 1.1) / 16, ((-across / length) * 1.1) / 9];
  const middle: Point = [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2];
  return [
    { letter: "A", at: [middle[0] + aside, middle[1] + below] },
    { letter: "B", at: [middle[0] - aside, middle[1] - below] },
  ];
}

function Canvas(props: {
  camera: Camera;
  zones: Zone[];
  lines: Line[];
  at: number;
  onPolygon: (polygon: Point[]) => void;
  onLine: (part: Partial<Line>) => void;
}) {
  const { camera, zones, lines, at, onPolygon, onLine } = props;
  const field = useRef<HTMLDivElement>(null);
  const without = useSignal(false);
  const zone = zones[at];
  const line = lines[at - zones.length];

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
        {lines.map((one, index) => (
          <line
            key={`line-${index}`}
            class="line-shape"
            data-chosen={zones.length + index === at}
            x1={one.start[0]}
            y1={one.start[1]}
            x2={one.end[0]}
            y2={one.end[1]}
          />
        ))}
      </svg>
      {line &&
        sides(line).map(({ letter, at: [x, y] }) => (
          <span key={letter} class="line-side" style={{ left: `${x * 100}%`, top: `${y * 100}%` }} aria-hidden="true">
            {letter}
          </span>
        ))}
      {line &&
        (["start", "end"] as const).map((which, index) => (
          <Corner
            key={which}
            point={line[which]}
            label={m().lineEnd(index + 1, percent(line[which][0]), percent(line[which][1]))}
            place={place}
            onMove={(to) => onLine({ [which]: to })}
          />
        ))}
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
        <Corner
          key={index}
          point={point}
          label={t().zones.corner(index + 1, percent(point[0]), percent(point[1]))}
          place={place}
          onMove={(to) => move(index, to)}
          onDrop={() => drop(index)}
        />
      ))}
    </>
  );
}

function Corner(props: {
  point: Point;
  label: string;
  place: (event: PointerEvent) => Point;
  onMove: (to: Point) => void;
  onDrop?: () => void;
}) {
  const { point, label, place, onMove, onDrop } = props;

  function press(event: KeyboardEvent): void {
    const way = ARROWS[event.key];
    if (event.key === "Delete" || event.key === "Backspace") onDrop?.();
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
      aria-label={label}
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
