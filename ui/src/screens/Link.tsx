/** Opened by a log-in link: logs in at once and goes on to the overview. */
import { useEffect } from "preact/hooks";
import { api } from "../api/client";
import { t } from "../i18n";
import { ErrorNote, Loading } from "../parts/Notice";
import { Quail } from "../parts/Quail";
import { Screen } from "../parts/Screen";
import { useTask } from "../parts/useTask";
import { go } from "../state/route";
import { account, enter } from "../state/world";

export function LinkScreen({ token }: { token: string }) {
  const task = useTask();
  useEffect(() => {
    void task.run(async () => {
      enter(await api.loginLink(token));
      go("/", "replace");
    });
  }, [token]);
  const failed = task.error !== null;
  return (
    <Screen title={failed ? t().link.failed : t().link.working} width="narrow">
      <div class="door">
        <Quail size={120} />
        {!failed && <Loading />}
        {task.error?.kind === "offline" && <ErrorNote error={task.error} />}
        {failed && <p>{t().link.failedText}</p>}
        {failed && (
          <a class="button button-main" href="#/">
            {account.value ? t().unknown.toOverview : t().link.toLogIn}
          </a>
        )}
      </div>
    </Screen>
  );
}
