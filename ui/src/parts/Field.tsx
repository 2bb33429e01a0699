/** Form controls with their label, hint and error tied together. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Labelled {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
}

interface TextProps extends Labelled {
  value: string;
  onText: (text: string) => void;
  type?: "text" | "password" | "url" | "date";
  /** A word behind the label, such as "optional". */
  note?: string;
  name?: string;
  autocomplete?: string;
  required?: boolean;
  maxLength?: number;
  max?: string;
  placeholder?: string;
  /** Addresses and user names: no capitals, no spelling marks. */
  technical?: boolean;
  /** Suggestions the browser offers while typing. */
  suggestions?: string[];
}

export function TextField(props: TextProps) {
  const id = useId();
  const { label, note, hint, error, suggestions } = props;
  return (
    <div class="field">
      <label for={id}>
        {label}
        {note && <span class="soft"> ({note})</span>}
      </label>
      <input
        {...textAttributes(props, id)}
        id={id}
        value={props.value}
        aria-invalid={error ? true : undefined}
        aria-describedby={hint || error ? `${id}-more` : undefined}
        onInput={(event) => props.onText(event.currentTarget.value)}
      />
      {suggestions && (
        <datalist id={`${id}-list`}>
          {suggestions.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
      <FieldMore id={`${id}-more`} hint={hint} error={error} />
    </div>
  );
}

/** The type of the result is wide because JSX knows each `type` of an input as a type of its own. */
function textAttributes(props: TextProps, id: string): object {
  return {
    type: props.type ?? "text",
    name: props.name,
    autocomplete: props.autocomplete,
    autocapitalize: props.technical ? "none" : undefined,
    spellcheck: props.technical ? false : undefined,
    required: props.required,
    maxLength: props.maxLength,
    max: props.max,
    placeholder: props.placeholder,
    list: props.suggestions ? `${id}-list` : undefined,
    dir: props.technical ? "ltr" : "auto",
  };
}

function FieldMore({ id, hint, error }: { id: string; hint?: string | undefined; error?: string | undefined }) {
  if (!hint && !error) return null;
  return (
    <div id={id}>
      {error && <p class="field-error">{error}</p>}
      {hint && <p class="hint">{hint}</p>}
    </div>
  );
}

export interface Choice<Value extends string> {
  value: Value;
  text: string;
  hint?: string;
}

export function SelectField<Value extends string>(
  props: Labelled & { value: Value; choices: Choice<Value>[]; onChoice: (value: Value) => void },
) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select id={id} value={props.value} onChange={(event) => props.onChoice(event.currentTarget.value as Value)}>
        {props.choices.map((choice) => (
          <option key={choice.value} value={choice.value} dir="auto">
            {choice.text}
          </option>
        ))}
      </select>
      {props.hint && <p class="hint">{props.hint}</p>}
    </div>
  );
}

/** A few alternatives side by side, each with its meaning. */
export function ChoiceField<Value extends string>(
  props: Labelled & { value: Value; choices: Choice<Value>[]; onChoice: (value: Value) => void },
) {
  const name = useId();
  return (
    <fieldset class="choices">
      <legend>{props.label}</legend>
      {props.choices.map((choice) => (
        <label key={choice.value} class="choice">
          <input
            type="radio"
            name={name}
            checked={choice.value === props.value}
            onChange={() => props.onChoice(choice.value)}
          />
          <span class="choice-text">
            <bdi>{choice.text}</bdi>
            {choice.hint && <span class="hint">{choice.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** Any number of alternatives. */
export function CheckField<Value extends string>(
  props: Labelled & { chosen: readonly Value[]; choices: Choice<Value>[]; onChosen: (chosen: Value[]) => void },
) {
  const id = useId();
  const toggled = (value: Value, on: boolean) =>
    props.choices.map((choice) => choice.value).filter((one) => (one === value ? on : props.chosen.includes(one)));
  return (
    <fieldset class="choices" aria-describedby={props.error ? `${id}-more` : undefined}>
      <legend>{props.label}</legend>
      {props.choices.map((choice) => (
        <label key={choice.value} class="choice">
          <input
            type="checkbox"
            checked={props.chosen.includes(choice.value)}
            onChange={(event) => props.onChosen(toggled(choice.value, event.currentTarget.checked))}
          />
          <span class="choice-text">
            <bdi>{choice.text}</bdi>
            {choice.hint && <span class="hint">{choice.hint}</span>}
          </span>
        </label>
      ))}
      <FieldMore id={`${id}-more`} error={props.error} />
    </fieldset>
  );
}

export function SwitchField(props: Omit<Labelled, "label"> & { label: ComponentChildren; on: boolean; onSwitch: (on: boolean) => void }) {
  const id = useId();
  return (
    <div class="field switch-field">
      <input
        id={id}
        type="checkbox"
        role="switch"
        class="switch"
        checked={props.on}
        aria-describedby={props.hint ? `${id}-more` : undefined}
        onChange={(event) => props.onSwitch(event.currentTarget.checked)}
      />
      <div>
        <label for={id}>{props.label}</label>
        {props.hint && (
          <p class="hint" id={`${id}-more`}>
            {props.hint}
          </p>
        )}
      </div>
    </div>
  );
}

export function RangeField(
  props: Labelled & {
    value: number;
    min: number;
    max: number;
    step?: number;
    shown: string;
    ends?: [string, string];
    onNumber: (value: number) => void;
  },
) {
  const id = useId();
  return (
    <div class="field">
      <div class="range-head">
        <label for={id}>{props.label}</label>
        <output for={id}>{props.shown}</output>
      </div>
      <input
        id={id}
        type="range"
        min={props.min}
        max={props.max}
        step={props.step ?? 1}
        value={props.value}
        aria-valuetext={props.shown}
        aria-describedby={props.hint ? `${id}-more` : undefined}
        onInput={(event) => props.onNumber(event.currentTarget.valueAsNumber)}
      />
      {props.ends && (
        <div class="range-ends hint" aria-hidden="true">
          <span>{props.ends[0]}</span>
          <span>{props.ends[1]}</span>
        </div>
      )}
      {props.hint && (
        <p class="hint" id={`${id}-more`}>
          {props.hint}
        </p>
      )}
    </div>
  );
}

export function Submit({ busy, children }: { busy: boolean; children: ComponentChildren }) {
  return (
    <button type="submit" class="button button-main" aria-disabled={busy}>
      {busy && <span class="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}
