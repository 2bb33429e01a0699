/** Asks before something is removed. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../i18n";

export function Confirm(props: {
  open: boolean;
  question: string;
  text?: string;
  children?: ComponentChildren;
  action: string;
  /** Nothing is lost by it. */
  mild?: boolean;
  busy: boolean;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (props.open && !dialog.current?.open) dialog.current?.showModal();
    if (!props.open) dialog.current?.close();
  }, [props.open]);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={props.onClose}>
      <h2 id={id}>
        <bdi>{props.question}</bdi>
      </h2>
      {props.text && <p class="soft">{props.text}</p>}
      {props.children}
      <div class="actions">
        <button type="button" class="button" onClick={props.onClose}>
          {t().cancel}
        </button>
        <button type="button" class={props.mild ? "button button-main" : "button button-danger"} aria-disabled={props.busy} onClick={props.onConfirm}>
          {props.action}
        </button>
      </div>
    </dialog>
  );
}
