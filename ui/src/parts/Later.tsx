/** A screen that is fetched when it is first wanted. */
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { ApiError } from "../api/client";
import { t } from "../i18n";
import { ErrorNote, Loading } from "./Notice";
import { Screen } from "./Screen";

/** A part of a screen that is fetched when it is first wanted; until then, and when it cannot be had, it is not there. */
export function laterPart<Props extends object>(fetchIt: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let fetched: ComponentType<Props> | undefined;

  return function LaterPart(props: Props) {
    const there = useSignal(fetched !== undefined);
    useEffect(() => {
      if (there.value) return;
      fetchIt().then(
        (found) => {
          fetched = found;
          there.value = true;
        },
        () => undefined,
      );
    }, []);
    if (!there.value || !fetched) return null;
    const Found = fetched;
    return <Found {...props} />;
  };
}

export function later<Props extends object>(fetchIt: () => Promise<ComponentType<Props>>, title: () => string): ComponentType<Props> {
  let fetched: ComponentType<Props> | undefined;

  return function Later(props: Props) {
    const failed = useSignal(false);
    const there = useSignal(fetched !== undefined);
    async function load(): Promise<void> {
      failed.value = false;
      try {
        fetched = await fetchIt();
        there.value = true;
      } catch {
        failed.value = true;
      }
    }
    useEffect(() => {
      if (!there.value) void load();
    }, []);
    if (there.value && fetched) {
      const Found = fetched;
      return <Found {...props} />;
    }
    return (
      <Screen title={title()} quietTitle>
        {failed.value ? <ErrorNote error={new ApiError("offline", "")} retry={() => location.reload()} /> : <Loading text={t().loading} />}
      </Screen>
    );
  };
}
