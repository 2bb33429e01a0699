/** Who or what may come in, each with its scope, and to be removed after a question; a form for one more. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Scope } from "../api/types";
import { t } from "../i18n";
import { isolated } from "../i18n/isolate";
import { Confirm } from "./Confirm";
import { Name } from "./Name";
import { ErrorNote, Loading } from "./Notice";
import { useLoaded } from "./useLoaded";
import { useTask } from "./useTask";

interface Entry {
  id: string;
  name: string;
  scope: Scope;
}

export function ScopedPanel(props: {
  id: string;
  title: string;
  text: string;
  /** Said while there is nothing. */
  none?: string;
  /** The one that cannot remove itself. */
  self?: string | undefined;
  load: () => Promise<Entry[]>;
  remove: (id: string) => Promise<unknown>;
  question: (name: string) => string;
  form: (reload: () => void) => ComponentChildren;
}) {
  const entries = useLoaded<Entry[]>(props.load);
  const going = useSignal<Entry | null>(null);
  const task = useTask();
  const found = entries.value.value;
  const reload = () => void entries.load();

  async function remove(): Promise<void> {
    const entry = going.value;
    if (entry) await task.run(async () => void (await props.remove(entry.id)));
    going.value = null;
    await entries.load();
  }

  return (
    <section class="panel" aria-labelledby={props.id}>
      <div class="panel-head">
        <h2 id={props.id}>{props.title}</h2>
        <p class="soft">{props.text}</p>
      </div>
      {entries.error && <ErrorNote error={entries.error} retry={reload} />}
      {task.error && <ErrorNote error={task.error} />}
      {!found && !entries.error && <Loading />}
      {found?.length === 0 && props.none && <p class="soft">{props.none}</p>}
      <ul class="rows">
        {found?.map((entry) => (
          <li key={entry.id} class="row">
            <span class="row-main">
              <Name text={entry.name} />
              <span class="soft row-more">{t().settings.scopes[entry.scope]}</span>
            </span>
            {entry.id === props.self ? (
              <span class="soft">{t().settings.self}</span>
            ) : (
              <button type="button" class="text-button" onClick={() => (going.value = entry)}>
                {t().remove} <bdi class="visually-hidden">{entry.name}</bdi>
              </button>
            )}
          </li>
        ))}
      </ul>
      {props.form(reload)}
      <Confirm
        open={going.value !== null}
        question={props.question(isolated(going.value?.name ?? ""))}
        action={t().remove}
        busy={task.busy}
        onConfirm={() => void remove()}
        onClose={() => (going.value = null)}
      />
    </section>
  );
}
