/** A secret that is shown this once, with a button that copies it. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../i18n";
import { Icon } from "./Icon";

export function SecretNote({ text, secret }: { text: string; secret: string }) {
  const copied = useSignal(false);
  const shown = useRef<HTMLElement>(null);

  async function copy(): Promise<void> {
    copied.value = await copyText(secret, shown.current);
  }

  return (
    <div class="note" role="status">
      <Icon name="key" />
      <div>
        <p>{text}</p>
        <p>
          <code class="secret" ref={shown}>
            {secret}
          </code>
        </p>
        <button type="button" class="button" onClick={() => void copy()}>
          {copied.value ? t().copied : t().copy}
        </button>
      </div>
    </div>
  );
}

/** Without TLS a page has no clipboard; there the marked text is copied, or at least left marked. */
async function copyText(text: string, shown: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (shown) getSelection()?.selectAllChildren(shown);
    return document.execCommand("copy");
  }
}
