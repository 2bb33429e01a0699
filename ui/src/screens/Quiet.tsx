/** Where the link in a message leads: one button for an hour of quiet. Opening the page alone changes nothing. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import { timeOfDay } from "../i18n";
import { messagesText } from "../i18n/messages";
import { ErrorNote, Note } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { useTask } from "../parts/useTask";

export function QuietScreen({ token }: { token: string }) {
  const until = useSignal("");
  const task = useTask();
  const words = messagesText();
  return (
    <Screen title={words.quietTitle} width="narrow">
      <section class="panel">
        <p>{words.quietText}</p>
        {!until.value && (
          <div class="actions">
            <button
              type="button"
              class="button button-main"
              aria-disabled={task.busy}
              onClick={() => void task.run(async () => void (until.value = (await api.beQuiet(token)).until))}
            >
              {words.quietTitle}
            </button>
          </div>
        )}
        <div role="status">{until.value && <Note icon="check">{words.quietDone(timeOfDay(until.value, undefined))}</Note>}</div>
        {task.error && <ErrorNote error={task.error} />}
      </section>
    </Screen>
  );
}
