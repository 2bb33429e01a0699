/** What the settings in the form would have made of the last days: asked a moment after the last change. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, api } from "../api/client";
import type { MotionSettings, ReplayedDay, Replayed } from "../api/types";
import { m } from "../i18n/motion";
import { ErrorNote } from "./Notice";

const PATIENCE_MS = 600;
const DAYS = 9;

export function ReplayNote({ camera, motion }: { camera: string; motion: MotionSettings }) {
  const found = useSignal<Replayed | null>(null);
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(true);
  const asked = JSON.stringify(motion);

  useEffect(() => {
    let current = true;
    busy.value = true;
    async function ask(): Promise<void> {
      try {
        const answer = await api.replay(camera, JSON.parse(asked) as MotionSettings, DAYS);
        if (current) [found.value, error.value] = [answer, null];
      } catch (caught) {
        if (!(caught instanceof ApiError)) throw caught;
        if (current) error.value = caught;
      } finally {
        if (current) busy.value = false;
      }
    }
    const timer = setTimeout(() => void ask(), PATIENCE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [camera, asked]);

  return (
    <section class="replay" aria-labelledby="replay" aria-busy={busy.value}>
      <h3 id="replay">{m().replay}</h3>
      <p class="hint">{m().replayHint}</p>
      {error.value && <ErrorNote error={error.value} />}
      <div role="status">
        {!found.value && !error.value && <p class="soft">{m().replaying}</p>}
        {found.value && !error.value && (found.value.since === null ? <p>{m().replayNothing}</p> : <Days days={found.value.days} />)}
      </div>
    </section>
  );
}

function Days({ days }: { days: ReplayedDay[] }) {
  const rows: [string, ReplayedDay[]][] = [
    [m().today, days.slice(-1)],
    [m().yesterday, days.slice(-2, -1)],
    [m().week, days.slice(0, -2)],
  ];
  const sum = (part: ReplayedDay[], what: "events" | "instead_of") => part.reduce((all, day) => all + day[what], 0);
  return (
    <dl class="replay-days">
      {rows.map(([name, part]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{m().instead(sum(part, "events"), sum(part, "instead_of"))}</dd>
        </div>
      ))}
    </dl>
  );
}
