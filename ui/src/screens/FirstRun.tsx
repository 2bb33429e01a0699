/** The owner's account, made through the single-use link. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import { t } from "../i18n";
import { Submit, TextField } from "../parts/Field";
import { ErrorNote } from "../parts/Notice";
import { Quail } from "../parts/Quail";
import { Screen } from "../parts/Screen";
import { useTask } from "../parts/useTask";
import { go, to } from "../state/route";
import { account, enter, session } from "../state/world";

const SHORTEST_PASSWORD = 8;

export function FirstRunScreen({ token }: { token: string }) {
  return session.value?.first_run ? <OwnerForm token={token} /> : <UsedUp />;
}

/** There is an account already, so the link has done its work. */
function UsedUp() {
  return (
    <Screen title={t().link.failed} width="narrow">
      <div class="door">
        <Quail size={120} />
        <p>{t().firstRun.usedUp}</p>
        <a class="button button-main" href={to.overview}>
          {account.value ? t().unknown.toOverview : t().link.toLogIn}
        </a>
      </div>
    </Screen>
  );
}

function OwnerForm({ token }: { token: string }) {
  const name = useSignal("");
  const password = useSignal("");
  const repeat = useSignal("");
  const tried = useSignal(false);
  const task = useTask();
  const short = password.value.length < SHORTEST_PASSWORD;
  const differs = password.value !== repeat.value;

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    tried.value = true;
    if (task.busy || short || differs) return;
    void task.run(async () => {
      const opened = await api.firstRun(token, name.value.trim(), password.value);
      go("/", "replace");
      enter(opened);
    });
  }

  return (
    <Screen title={t().firstRun.title} width="narrow">
      <form class="door" onSubmit={submit}>
        <Quail size={120} />
        <p class="lead">{t().firstRun.intro}</p>
        <TextField
          label={t().firstRun.name}
          name="username"
          autocomplete="username"
          required
          maxLength={300}
          value={name.value}
          onText={(text) => (name.value = text)}
        />
        <TextField
          label={t().firstRun.password}
          type="password"
          name="new-password"
          autocomplete="new-password"
          required
          hint={t().firstRun.passwordHint}
          error={tried.value && short ? t().firstRun.tooShort : undefined}
          value={password.value}
          onText={(text) => (password.value = text)}
        />
        <TextField
          label={t().firstRun.repeat}
          type="password"
          name="repeat"
          autocomplete="new-password"
          required
          error={tried.value && differs ? t().firstRun.differs : undefined}
          value={repeat.value}
          onText={(text) => (repeat.value = text)}
        />
        {task.error && <ErrorNote error={task.error} />}
        {task.error && ["login", "denied", "not_found", "conflict"].includes(task.error.kind) && (
          <p class="hint">{t().firstRun.badToken}</p>
        )}
        <Submit busy={task.busy}>{t().firstRun.submit}</Submit>
      </form>
    </Screen>
  );
}
