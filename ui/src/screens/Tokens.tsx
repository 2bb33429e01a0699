/** Keys for programs: made here, shown once, revoked one by one. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { NewToken, Scope } from "../api/types";
import { t } from "../i18n";
import { ChoiceField, Submit, TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { ErrorNote } from "../parts/Notice";
import { SecretNote } from "../parts/SecretNote";
import { ScopedPanel } from "../parts/ScopedPanel";
import { scopeChoices } from "../parts/scopeChoices";
import { useTask } from "../parts/useTask";

export function Tokens() {
  return (
    <ScopedPanel
      id="tokens"
      title={t().settings.tokens}
      text={t().settings.tokensText}
      none={t().settings.noTokens}
      load={api.tokens}
      remove={api.removeToken}
      question={t().settings.removeToken}
      form={(reload) => <AddToken onAdded={reload} />}
    />
  );
}

function AddToken({ onAdded }: { onAdded: () => void }) {
  const name = useSignal("");
  const scope = useSignal<Scope>("view");
  const made = useSignal<NewToken | null>(null);
  const task = useTask();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy) return;
    void task.run(async () => {
      made.value = await api.addToken(name.value.trim(), scope.value);
      name.value = "";
      onAdded();
    });
  }

  return (
    <details class="adding">
      <summary class="button">
        <Icon name="plus" />
        {t().settings.addToken}
      </summary>
      <form class="form" onSubmit={submit}>
        <TextField
          label={t().settings.tokenName}
          required
          maxLength={300}
          autocomplete="off"
          value={name.value}
          onText={(text) => (name.value = text)}
        />
        <ChoiceField
          label={t().settings.scope}
          value={scope.value}
          choices={scopeChoices()}
          onChoice={(next) => (scope.value = next)}
        />
        {task.error && <ErrorNote error={task.error} />}
        <div class="actions">
          <Submit busy={task.busy}>{t().settings.addToken}</Submit>
        </div>
        {made.value && <SecretNote text={t().settings.tokenOnce} secret={made.value.token} />}
      </form>
    </details>
  );
}
