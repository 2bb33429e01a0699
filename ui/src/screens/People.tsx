/** Who may log in. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { Account, Scope } from "../api/types";
import { t } from "../i18n";
import { isolated } from "../i18n/isolate";
import { Confirm } from "../parts/Confirm";
import { ChoiceField, Submit, TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Name } from "../parts/Name";
import { ErrorNote, Loading } from "../parts/Notice";
import { scopeChoices } from "../parts/scopeChoices";
import { useLoaded } from "../parts/useLoaded";
import { useTask } from "../parts/useTask";
import { account } from "../state/world";

export function People() {
  const people = useLoaded(api.accounts);
  const going = useSignal<Account | null>(null);
  const task = useTask();

  async function remove(): Promise<void> {
    const person = going.value;
    if (person) await task.run(async () => void (await api.removeAccount(person.id)));
    going.value = null;
    await people.load();
  }

  return (
    <section class="panel" aria-labelledby="people">
      <div class="panel-head">
        <h2 id="people">{t().settings.people}</h2>
        <p class="soft">{t().settings.peopleText}</p>
      </div>
      {people.error && <ErrorNote error={people.error} retry={() => void people.load()} />}
      {task.error && <ErrorNote error={task.error} />}
      {!people.value.value && !people.error && <Loading />}
      <ul class="rows">
        {people.value.value?.map((person) => (
          <li key={person.id} class="row">
            <span class="row-main">
              <Name text={person.name} />
              <span class="soft row-more">{t().settings.scopes[person.scope]}</span>
            </span>
            {person.id === account.value?.id ? (
              <span class="soft">{t().settings.self}</span>
            ) : (
              <button type="button" class="text-button" onClick={() => (going.value = person)}>
                {t().remove} <bdi class="visually-hidden">{person.name}</bdi>
              </button>
            )}
          </li>
        ))}
      </ul>
      <AddPerson onAdded={() => void people.load()} />
      <Confirm
        open={going.value !== null}
        question={t().settings.removePerson(isolated(going.value?.name ?? ""))}
        action={t().remove}
        busy={task.busy}
        onConfirm={() => void remove()}
        onClose={() => (going.value = null)}
      />
    </section>
  );
}

function AddPerson({ onAdded }: { onAdded: () => void }) {
  const name = useSignal("");
  const password = useSignal("");
  const scope = useSignal<Scope>("view");
  const task = useTask();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy) return;
    void task.run(async () => {
      await api.addAccount(name.value.trim(), password.value, scope.value);
      name.value = "";
      password.value = "";
      onAdded();
    });
  }

  return (
    <details class="adding">
      <summary class="button">
        <Icon name="plus" />
        {t().settings.addPerson}
      </summary>
      <form class="form" onSubmit={submit}>
        <TextField
          label={t().settings.personName}
          required
          maxLength={300}
          autocomplete="off"
          value={name.value}
          onText={(text) => (name.value = text)}
        />
        <TextField
          label={t().settings.password}
          type="password"
          required
          autocomplete="new-password"
          hint={t().firstRun.passwordHint}
          value={password.value}
          onText={(text) => (password.value = text)}
        />
        <ChoiceField
          label={t().settings.scope}
          value={scope.value}
          choices={scopeChoices()}
          onChoice={(next) => (scope.value = next)}
        />
        {task.error && <ErrorNote error={task.error} />}
        <div class="actions">
          <Submit busy={task.busy}>{t().settings.addPerson}</Submit>
        </div>
      </form>
    </details>
  );
}
