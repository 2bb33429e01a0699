/** The three pages about what was recorded. */
import { useEffect, useRef } from "preact/hooks";
import { w } from "../i18n/recordings";
import { route, to } from "../state/route";

export function ArchiveTabs() {
  const here = route.value.screen;
  const pages = [
    { screen: "recordings", href: to.recordings() },
    { screen: "exports", href: to.exports },
    { screen: "archive", href: to.archive },
  ] as const;
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    const current = bar.current?.querySelector<HTMLElement>("[aria-current]");
    if (current) bar.current!.scrollLeft = current.offsetLeft - bar.current!.offsetLeft - 24;
  }, [here]);
  return (
    <nav ref={bar} class="tabs" aria-label={w().recordings.tabs}>
      {pages.map(({ screen, href }) => (
        <a key={screen} href={href} aria-current={here === screen ? "page" : undefined}>
          {w().recordings.tab[screen]}
        </a>
      ))}
    </nav>
  );
}
