/** The small stream, set up in the camera itself: what will change is said before, and there is a way back. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { Camera, EncoderSettings, SubStream } from "../api/types";
import { number } from "../i18n";
import { controlsText } from "../i18n/controls";
import { refresh } from "../state/world";
import { Confirm } from "./Confirm";
import { ErrorNote } from "./Notice";
import { useTask } from "./useTask";

export function SubStreamSetup({ camera }: { camera: Camera }) {
  const words = controlsText().sub;
  const plan = useSignal<SubStream | null>(null);
  const asking = useSignal(false);
  const before = useSignal<EncoderSettings | null>(null);
  const told = useSignal("");
  const task = useTask();

  function look(): void {
    void task.run(async () => {
      told.value = "";
      plan.value = await api.subStream(camera.id);
      asking.value = plan.value.proposed !== null;
      if (!plan.value.proposed) told.value = words.fine(settingsText(plan.value.now));
    });
  }

  async function put(to: EncoderSettings, back: EncoderSettings | null): Promise<void> {
    const done = await task.run(async () => {
      await api.setSubStream(camera.id, to);
      await refresh();
    });
    asking.value = false;
    if (!done) return;
    before.value = back;
    told.value = (back ? words.done : words.undone)(settingsText(to));
  }

  const shown = plan.value;
  return (
    <div class="sub-setup">
      <div class="actions">
        <button type="button" class="button" aria-disabled={task.busy} onClick={look}>
          {task.busy ? words.asking : words.offer}
        </button>
        {before.value && (
          <button type="button" class="text-button" onClick={() => void (task.busy || put(before.value!, null))}>
            {words.undo}
          </button>
        )}
      </div>
      <div role="status">{told.value && <p class="hint">{told.value}</p>}</div>
      {task.error && <ErrorNote error={task.error} />}
      <Confirm
        open={asking.value}
        question={words.question}
        text={words.text}
        action={words.action}
        mild
        busy={task.busy}
        onConfirm={() => {
          if (task.busy || !shown?.proposed) return;
          void put(shown.proposed, shown.codec === "h264" ? shown.now : null);
        }}
        onClose={() => (asking.value = false)}
      >
        {shown?.proposed && (
          <dl class="before-after">
            <dt>{words.before}</dt>
            <dd>
              {shown.codec.toUpperCase().replace("H26", "H.26")}, {settingsText(shown.now)}
            </dd>
            <dt>{words.after}</dt>
            <dd>H.264, {settingsText(shown.proposed)}</dd>
          </dl>
        )}
      </Confirm>
    </div>
  );
}

function settingsText({ width, height, fps, gop }: EncoderSettings): string {
  const keys = fps > 0 && gop > 0 ? number(gop / fps, 1) : "?";
  return controlsText().sub.settings(`${width} × ${height}`, String(fps), keys);
}
