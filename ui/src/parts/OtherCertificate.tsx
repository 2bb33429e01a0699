/** A camera that shows another certificate than before: which one, and a way to accept it. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { Camera, Certificate } from "../api/types";
import { controlsText } from "../i18n/controls";
import { refresh } from "../state/world";
import { Confirm } from "./Confirm";
import { ErrorNote } from "./Notice";
import { useTask } from "./useTask";

export function OtherCertificate({ camera }: { camera: Camera }) {
  const words = controlsText().trust;
  const shown = useSignal<Certificate[] | null>(null);
  const open = useSignal(false);
  const task = useTask();
  const other = shown.value ?? [];

  function look(): void {
    void task.run(async () => {
      shown.value = (await api.certificates(camera.id)).other;
      open.value = shown.value.length > 0;
    });
  }

  function accept(): void {
    if (task.busy) return;
    void task
      .run(async () => {
        for (const one of other) await api.acceptCertificate(camera.id, one.at, one.sha256);
        await refresh();
      })
      .then(() => {
        open.value = false;
      });
  }

  return (
    <div class="other-certificate">
      <button type="button" class="button" aria-disabled={task.busy} onClick={look}>
        {words.look}
      </button>
      <div role="status">{shown.value?.length === 0 && <p class="hint">{words.none}</p>}</div>
      {task.error && <ErrorNote error={task.error} />}
      <Confirm
        open={open.value}
        question={words.question}
        text={words.text}
        action={words.accept}
        busy={task.busy}
        onConfirm={accept}
        onClose={() => (open.value = false)}
      >
        {other.map((one) => (
          <dl key={one.at} class="fingerprints">
            <dt>
              {words.before} <span class="soft">{one.at}</span>
            </dt>
            <dd>{camera.certificates.filter((known) => known.at === one.at).map((known) => pairs(known.sha256))}</dd>
            <dt>{words.now}</dt>
            <dd>{pairs(one.sha256)}</dd>
          </dl>
        ))}
      </Confirm>
    </div>
  );
}

function pairs(sha256: string): string {
  return (sha256.match(/../g) ?? []).join(":").toUpperCase();
}
