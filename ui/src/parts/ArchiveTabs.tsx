/** The three pages about what was recorded. */
import { w } from "../i18n/recordings";
import { route, to } from "../state/route";

export function ArchiveTabs() {
  const here = route.value.screen;
  const pages = [
    { screen: "recordings", href: to.recordings() },
    { screen: "exports", href: to.exports },
    { screen: "archive", href: to.archive },
  ] as const;
  return (
    <nav class="tabs" aria-label={w().recordings.tabs}>
      {pages.map(({ screen, href }) => (
        <a key={screen} href={href} aria-current={here === screen ? "page" : undefined}>
          {w().recordings.tab[screen]}
        </a>
      ))}
    </nav>
  );
}
