/** A panel with a button that unfolds a form for something new; done or cancelled, it is folded and empty again. */
import { useSignal } from "@preact/signals";
import { type ComponentChildren, Fragment } from "preact";
import { useRef } from "preact/hooks";
import { Icon } from "./Icon";

export function AddFold({ label, form }: { label: string; form: (close: () => void) => ComponentChildren }) {
  const fold = useRef<HTMLDetailsElement>(null);
  const round = useSignal(0);

  /** The focus goes to where the form was opened. */
  function close(): void {
    if (fold.current) fold.current.open = false;
    fold.current?.querySelector("summary")?.focus();
    round.value += 1;
  }

  return (
    <section class="panel">
      <details class="adding" ref={fold}>
        <summary class="button">
          <Icon name="plus" />
          {label}
        </summary>
        <Fragment key={round.value}>{form(close)}</Fragment>
      </details>
    </section>
  );
}
