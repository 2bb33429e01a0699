/** A pad of digits for the code; typing works as well. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { alarmText } from "../i18n/alarm";
import { Icon } from "./Icon";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
const LONGEST = 12;

export function CodePad(props: {
  busy: boolean;
  wrong: boolean;
  action: string;
  onCode: (code: string) => void;
  onClose: () => void;
}) {
  const code = useSignal("");
  const box = useRef<HTMLFormElement>(null);
  useEffect(() => box.current?.focus(), []);
  useEffect(() => {
    if (props.wrong) code.value = "";
  }, [props.wrong, props.busy]);
  const add = (digit: string) => (code.value = (code.value + digit).slice(0, LONGEST));
  const erase = () => (code.value = code.value.slice(0, -1));

  function typed(event: KeyboardEvent): void {
    if (/^\d$/.test(event.key)) add(event.key);
    else if (event.key === "Backspace") erase();
    else if (event.key === "Escape") props.onClose();
    else return;
    event.preventDefault();
  }

  return (
    <form
      ref={box}
      class="pad"
      tabIndex={-1}
      aria-label={alarmText().codeFor}
      onKeyDown={typed}
      onSubmit={(event) => {
        event.preventDefault();
        if (code.value && !props.busy) props.onCode(code.value);
      }}
    >
      <p>{alarmText().codeFor}</p>
      <p class="pad-dots" role="status" aria-label={alarmText().digits(code.value.length)}>
        {"•".repeat(code.value.length) || "\u00a0"}
      </p>
      <div class="pad-keys">
        {DIGITS.map((digit) => (
          <button key={digit} type="button" class="button" onClick={() => add(digit)}>
            {digit}
          </button>
        ))}
        <button type="button" class="button" aria-label={alarmText().erase} onClick={erase}>
          <Icon name="left" />
        </button>
        <button type="button" class="button" onClick={() => add("0")}>
          0
        </button>
        <button type="submit" class="button button-main" aria-disabled={props.busy} aria-label={props.action}>
          <Icon name="check" />
        </button>
      </div>
      <div class="actions">
        <button type="button" class="button" onClick={props.onClose}>
          {alarmText().cancel}
        </button>
      </div>
    </form>
  );
}
