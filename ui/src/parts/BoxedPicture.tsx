/** The picture of an event with boxes around what moved; the boxes can be taken off. */
import { useSignal } from "@preact/signals";
import { address } from "../api/client";
import type { Event } from "../api/types";
import { m } from "../i18n/motion";
import { SwitchField } from "./Field";

export function BoxedPicture({ event }: { event: Event }) {
  const boxed = useSignal(true);
  const missing = useSignal(false);
  if (missing.value) return null;
  return (
    <div class="boxed">
      <div class="boxed-picture">
        <img src={address.eventSnapshot(event.id)} alt={m().picture} onError={() => (missing.value = true)} />
        {boxed.value && (
          <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
            {event.boxes.map((box, index) => (
              <g key={index}>
                <rect class="box-under" x={box.left} y={box.top} width={box.right - box.left} height={box.bottom - box.top} />
                <rect class="box-over" x={box.left} y={box.top} width={box.right - box.left} height={box.bottom - box.top} />
              </g>
            ))}
          </svg>
        )}
      </div>
      <SwitchField label={m().boxes} on={boxed.value} onSwitch={(on) => (boxed.value = on)} />
    </div>
  );
}
