/** Who may log in. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { Scope } from "../api/types";
import { t } from "../i18n";
import { ChoiceField, Submit, TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { ErrorNote } from "../parts/Notice";
import { ScopedPanel } from "../parts/ScopedPanel";
import { scopeChoices } from "../parts/scopeChoices";
import { useTask } from "../parts/useTask";
import { account } from "../state/world";

export function People() {
  return (
    <ScopedPanel
      id="people"
      title={t().settings.people}
      text={t().settings.peopleText}
      self={account.value?.id}
      load={api.accounts}
      remove={api.removeAccount}
      question={t().settings.removePerson}
      form={(reload) => <AddPerson onAdded={reload} />}
    />
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
