/** Keys for programs: made here, shown once, revoked one by one. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { NewToken, Scope, Token } from "../api/types";
import { t } from "../i18n";
import { isolated } from "../i18n/isolate";
import { Confirm } from "../parts/Confirm";
import { ChoiceField, Submit, TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Name } from "../parts/Name";
import { ErrorNote, Loading } from "../parts/Notice";
import { SecretNote } from "../parts/SecretNote";
import { scopeChoices } from "../parts/scopeChoices";
import { useLoaded } from "../parts/useLoaded";
import { useTask } from "../parts/useTask";

export function Tokens() {
  const tokens = useLoaded(api.tokens);
  const going = useSignal<Token | null>(null);
  const task = useTask();

  async function revoke(): Promise<void> {
    const token = going.value;
    if (token) await task.run(async () => void (await api.removeToken(token.id)));
    going.value = null;
    await tokens.load();
  }

  return (
    <section class="panel" aria-labelledby="tokens">
      <div class="panel-head">
        <h2 id="tokens">{t().settings.tokens}</h2>
        <p class="soft">{t().settings.tokensText}</p>
      </div>
      {tokens.error && <ErrorNote error={tokens.error} retry={() => void tokens.load()} />}
      {task.error && <ErrorNote error={task.error} />}
      {!tokens.value.value && !tokens.error && <Loading />}
      {tokens.value.value?.length === 0 && <p class="soft">{t().settings.noTokens}</p>}
      <ul class="rows">
        {tokens.value.value?.map((token) => (
          <li key={token.id} class="row">
            <span class="row-main">
              <Name text={token.name} />
              <span class="soft row-more">{t().settings.scopes[token.scope]}</span>
            </span>
            <button type="button" class="text-button" onClick={() => (going.value = token)}>
              {t().remove} <bdi class="visually-hidden">{token.name}</bdi>
            </button>
          </li>
        ))}
      </ul>
      <AddToken onAdded={() => void tokens.load()} />
      <Confirm
        open={going.value !== null}
        question={t().settings.removeToken(isolated(going.value?.name ?? ""))}
        action={t().remove}
        busy={task.busy}
        onConfirm={() => void revoke()}
        onClose={() => (going.value = null)}
      />
    </section>
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
