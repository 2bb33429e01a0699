/** The frame of a screen: its title in the tab, and the focus on its heading when the reader arrives. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { isolated } from "../i18n/isolate";

let firstScreen = true;

export function Screen(props: {
  title: string;
  /** The heading is there for screen readers only. */
  quietTitle?: boolean;
  heading?: ComponentChildren;
  actions?: ComponentChildren;
  width?: "narrow" | "wide";
  children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { title } = props;
  useEffect(() => {
    document.title = `${isolated(title)} · ${t().name}`;
  }, [title]);
  useEffect(() => {
    if (!firstScreen) {
      heading.current?.focus({ preventScroll: true });
      globalThis.scrollTo(0, 0);
    }
    firstScreen = false;
  }, []);
  return (
    <main id="content" class={`screen screen-${props.width ?? "wide"}`}>
      <div class={props.quietTitle ? "visually-hidden" : "screen-head"}>
        <h1 tabIndex={-1} ref={heading}>
          {props.heading ?? title}
        </h1>
        {props.actions && <div class="actions">{props.actions}</div>}
      </div>
      {props.children}
    </main>
  );
}
