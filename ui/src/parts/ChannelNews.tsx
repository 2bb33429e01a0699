/** Says on the overview that messages do not arrive; whoever relies on them has to know. */
import { useEffect } from "preact/hooks";
import { api } from "../api/client";
import type { Channel } from "../api/types";
import { t } from "../i18n";
import { isolated } from "../i18n/isolate";
import { to } from "../state/route";
import { mayAdmin } from "../state/world";
import { Note } from "./Notice";
import { useLoaded } from "./useLoaded";

const LOOK_AGAIN_MS = 60_000;

export function ChannelNews() {
  return mayAdmin.value ? <Failing /> : null;
}

function fails({ enabled, last }: Channel): boolean {
  return enabled && last !== null && last.kind !== "test" && last.result !== "delivered";
}

function Failing() {
  const channels = useLoaded(api.channels);
  useEffect(() => {
    const timer = setInterval(() => void (document.hidden || channels.load()), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const failing = channels.value.value?.filter(fails) ?? [];
  if (failing.length === 0) return null;
  return (
    <Note icon="alert">
      <a href={to.messages}>{t().messages.notArriving(failing.map((one) => isolated(one.name)).join(", "))}</a>
    </Note>
  );
}
