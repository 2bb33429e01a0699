/** What a zone or a line asks for beside its place: sensitivity, size, direction, time inside, hours. */
import type { Heading, Line, Passing, Zone } from "../api/types";
import { duration, number, percent, t } from "../i18n";
import { m } from "../i18n/motion";
import { RangeField, SelectField, SwitchField } from "./Field";
import { HoursEditor } from "./HoursEditor";

const HEADINGS: Heading[] = ["any", "left", "right", "up", "down"];
const PASSINGS: Passing[] = ["both", "a_to_b", "b_to_a"];
const NORMAL = 50;

export function ZoneTuning({ zone, onChange }: { zone: Zone; onChange: (part: Partial<Zone>) => void }) {
  const height = (value: number) => (value === 0 ? m().anySize : percent(value));
  return (
    <details class="zone-tuning">
      <summary>{m().more}</summary>
      <div class="form">
        <OwnSensitivity value={zone.sensitivity ?? null} onValue={(sensitivity) => onChange({ sensitivity })} />
        <div class="columns">
          <RangeField
            label={m().farHeight}
            min={0}
            max={60}
            value={Math.round((zone.far_height ?? 0) * 100)}
            shown={height(zone.far_height ?? 0)}
            onNumber={(value) => onChange({ far_height: value / 100 })}
          />
          <RangeField
            label={m().nearHeight}
            min={0}
            max={60}
            value={Math.round((zone.near_height ?? 0) * 100)}
            shown={height(zone.near_height ?? 0)}
            onNumber={(value) => onChange({ near_height: value / 100 })}
          />
        </div>
        <p class="hint">{m().heightHint}</p>
        <SelectField
          label={m().heading}
          value={zone.heading ?? "any"}
          choices={HEADINGS.map((value) => ({ value, text: m().headings[value] }))}
          onChoice={(heading) => onChange({ heading })}
        />
        <RangeField
          label={m().dwell}
          hint={m().dwellHint}
          min={0}
          max={60}
          value={zone.dwell_s ?? 0}
          shown={zone.dwell_s ? duration(zone.dwell_s) : m().atOnce}
          onNumber={(dwell_s) => onChange({ dwell_s })}
        />
        <HoursEditor label={m().hoursOfPart} hours={zone.schedule ?? []} onHours={(schedule) => onChange({ schedule })} />
      </div>
    </details>
  );
}

export function LineTuning({ line, onChange }: { line: Line; onChange: (part: Partial<Line>) => void }) {
  return (
    <>
      <SelectField
        label={m().passing}
        hint={m().passingHint}
        value={line.passing}
        choices={PASSINGS.map((value) => ({ value, text: m().passings[value] }))}
        onChoice={(passing) => onChange({ passing })}
      />
      <details class="zone-tuning">
        <summary>{m().more}</summary>
        <div class="form">
          <OwnSensitivity value={line.sensitivity ?? null} onValue={(sensitivity) => onChange({ sensitivity })} />
          <HoursEditor label={m().hoursOfPart} hours={line.schedule ?? []} onHours={(schedule) => onChange({ schedule })} />
        </div>
      </details>
    </>
  );
}

function OwnSensitivity({ value, onValue }: { value: number | null; onValue: (value: number | null) => void }) {
  return (
    <>
      <SwitchField label={m().ownSensitivity} on={value !== null} onSwitch={(on) => onValue(on ? NORMAL : null)} />
      {value !== null && (
        <RangeField
          label={t().cameraSettings.sensitivity}
          min={0}
          max={100}
          value={value}
          shown={number(value)}
          ends={[t().cameraSettings.sensitivityLow, t().cameraSettings.sensitivityHigh]}
          onNumber={onValue}
        />
      )}
    </>
  );
}
