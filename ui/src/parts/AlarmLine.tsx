/** What the alarm panel of a site does, as a way to it; nothing where there is none. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { AlarmStatus } from "../api/alarm";
import { api } from "../api/client";
import { alarmWords } from "../i18n/alarm_words";
import { alarmNews } from "../state/alarm_news";
import { to } from "../state/route";
import { Icon } from "./Icon";

export function AlarmLine({ site }: { site: string }) {
  const status = useSignal<AlarmStatus | null>(null);
  const news = alarmNews.value;
  useEffect(() => {
    void api.alarm(site).then(
      (found) => (status.value = found),
      () => undefined,
    );
  }, [site, news]);
  const found = status.value;
  if (!found?.set_up) return null;
  const loud = found.state === "triggered" || found.state === "pending";
  return (
    <a class={loud ? "button button-danger" : "button"} href={to.alarm(site)}>
      <Icon name={loud ? "alert" : "key"} size={18} />
      {alarmWords().words[found.state]}
    </a>
  );
}
