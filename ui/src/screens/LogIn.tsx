/** Log-in by name and password, and what stands in its place before the first account exists. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import { t } from "../i18n";
import { ErrorNote, Note } from "../parts/Notice";
import { Quail } from "../parts/Quail";
import { Screen } from "../parts/Screen";
import { Submit, TextField } from "../parts/Field";
import { type Task, useTask } from "../parts/useTask";
import { enter, session } from "../state/world";

export function LogInScreen() {
  return session.value?.first_run ? <NeedsFirstRun /> : <LogInForm />;
}

function NeedsFirstRun() {
  return (
    <Screen title={t().firstRun.title} width="narrow">
      <div class="door">
        <Quail size={120} />
        <p class="lead">{t().firstRun.needsLink}</p>
        <p>{t().firstRun.needsLinkText}</p>
      </div>
    </Screen>
  );
}

function LogInForm() {
  const name = useSignal("");
  const password = useSignal("");
  const task = useTask();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy) return;
    void task.run(async () => enter(await api.logIn(name.value.trim(), password.value)));
  }

  return (
    <Screen title={t().logIn.title} heading={t().logIn.welcome} width="narrow">
      <form class="door" onSubmit={submit}>
        <Quail size={120} />
        <TextField
          label={t().logIn.name}
          name="username"
          autocomplete="username"
          technical
          required
          value={name.value}
          onText={(text) => (name.value = text)}
        />
        <TextField
          label={t().logIn.password}
          type="password"
          name="password"
          autocomplete="current-password"
          required
          value={password.value}
          onText={(text) => (password.value = text)}
        />
        <LogInTrouble task={task} />
        <Submit busy={task.busy}>{t().logIn.submit}</Submit>
        <p class="hint">
          {t().logIn.forgot} <code>wachtel user password</code>
        </p>
        <p class="hint">{t().logIn.local}</p>
      </form>
    </Screen>
  );
}

function LogInTrouble({ task }: { task: Task }) {
  const { error } = task;
  if (!error) return null;
  const seconds = Math.ceil(Number(error.details.wait_s ?? 0));
  const plain = error.kind === "login" ? t().logIn.wrong : error.kind === "throttled" && seconds > 0 ? t().logIn.wait(seconds) : "";
  if (!plain) return <ErrorNote error={error} />;
  return (
    <div role="alert">
      <Note icon="alert">
        <p>{plain}</p>
      </Note>
    </div>
  );
}
