/** Hours of the week in which something counts; none means always. */
import type { Day, Hours } from "../api/types";
import { weekdays } from "../i18n";
import { m } from "../i18n/motion";
import { SwitchField } from "./Field";

const DAYS: Day[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MOST_STRETCHES = 28;
const NIGHT: Hours = { days: DAYS, start: "22:00", end: "06:00" };

export function HoursEditor(props: { label: string; hint?: string; hours: Hours[]; onHours: (hours: Hours[]) => void }) {
  const { label, hours, onHours } = props;
  return (
    <div class="hours">
      <SwitchField label={label} hint={props.hint ?? m().hoursHint} on={hours.length > 0} onSwitch={(on) => onHours(on ? [NIGHT] : [])} />
      {hours.map((one, index) => (
        <Stretch
          key={index}
          number={index + 1}
          hours={one}
          onChange={(part) => onHours(hours.with(index, { ...one, ...part }))}
          onRemove={hours.length > 1 ? () => onHours(hours.toSpliced(index, 1)) : undefined}
        />
      ))}
      {hours.length > 0 && hours.length < MOST_STRETCHES && (
        <button type="button" class="text-button" onClick={() => onHours([...hours, NIGHT])}>
          {m().addStretch}
        </button>
      )}
    </div>
  );
}

function Stretch(props: { number: number; hours: Hours; onChange: (part: Partial<Hours>) => void; onRemove: (() => void) | undefined }) {
  const { number, hours, onChange, onRemove } = props;
  const names = weekdays();

  function toggle(day: Day): void {
    const days = DAYS.filter((one) => (one === day ? !hours.days.includes(day) : hours.days.includes(one)));
    if (days.length > 0) onChange({ days });
  }
  return (
    <fieldset class="hours-stretch">
      <legend>{m().stretch(number)}</legend>
      <div class="hours-days">
        {DAYS.map((day, index) => (
          <button key={day} type="button" class="chip" aria-pressed={hours.days.includes(day)} onClick={() => toggle(day)}>
            {names[index]}
          </button>
        ))}
      </div>
      <div class="hours-times">
        <label>
          {m().from} <input type="time" required value={hours.start} onInput={(event) => event.currentTarget.value && onChange({ start: event.currentTarget.value })} />
        </label>
        <label>
          {m().to} <input type="time" required value={hours.end === "24:00" ? "00:00" : hours.end} onInput={(event) => event.currentTarget.value && onChange({ end: event.currentTarget.value })} />
        </label>
        {hours.end <= hours.start && <span class="soft">{m().nextDay}</span>}
        {onRemove && (
          <button type="button" class="text-button" onClick={onRemove}>
            {m().removeStretch}
          </button>
        )}
      </div>
    </fieldset>
  );
}
