/** Whether Motion JPEG is recorded as it comes or as H.264; what that costs is measured before it is switched on. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { Camera, ConversionPrice, RecordAs } from "../api/types";
import { percent, size } from "../i18n";
import { controlsText } from "../i18n/controls";
import { ChoiceField } from "./Field";
import { ErrorNote, Note } from "./Notice";
import { useTask } from "./useTask";

const DAY_S = 86_400;

interface Props {
  camera: Camera;
  value: RecordAs;
  onChoice: (value: RecordAs) => void;
}

export function RecordAsChoice({ camera, value, onChoice }: Props) {
  const words = controlsText().recordAs;
  const price = useSignal<ConversionPrice | null>(null);
  const task = useTask();

  function measure(): void {
    if (task.busy) return;
    void task.run(async () => {
      price.value = await api.conversionPrice(camera.id);
    });
  }

  const found = price.value;
  const written = camera.streams.main.recorded_as;
  return (
    <div class="form">
      <ChoiceField
        label={words.label}
        value={value}
        choices={[
          { value: "as_sent", text: words.asSent, hint: words.asSentHint },
          { value: "h264", text: words.h264, hint: words.h264Hint },
        ]}
        onChoice={onChoice}
      />
      <div class="actions">
        <button type="button" class="button" aria-disabled={task.busy} onClick={measure}>
          {task.busy ? words.measuring : words.measure}
        </button>
      </div>
      <div role="status">
        {found && (
          <p class="hint">
            {words.price(percent(found.core), size(found.sent_bytes_per_s * DAY_S), size(found.made_bytes_per_s * DAY_S))}
            {found.core > 0.8 && ` ${words.tooMuch}`}
          </p>
        )}
      </div>
      {task.error && <ErrorNote error={task.error} />}
      {camera.record_as === "h264" && written === "mjpeg" && (
        <Note icon="alert">
          <p>{words.fallenBack}</p>
        </Note>
      )}
    </div>
  );
}
