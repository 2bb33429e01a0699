/** Head and foot of every screen: where one is, and language and colours for everybody. */
import type { ComponentChildren } from "preact";
import { t } from "../i18n";
import { isolated } from "../i18n/isolate";
import { type Theme, choose, language, theme } from "../state/preferences";
import { route, to } from "../state/route";
import { account, announced, cameraById, connection, mayAdmin } from "../state/world";
import { Icon, type IconName } from "./Icon";
import { Quail } from "./Quail";

const NEXT_THEME: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const THEME_ICON: Record<Theme, IconName> = { system: "auto", light: "sun", dark: "moon" };

const OF_SETTINGS = ["settings", "messages", "rules", "smart-home", "alarm", "claims", "camera-settings", "add"];

function LanguageSwitch() {
  const other = language.value === "de" ? "en" : "de";
  return (
    <button
      type="button"
      class="quiet-button"
      lang={other}
      aria-label={`${other.toUpperCase()}: ${t().preferences.switchLanguage}`}
      title={t().preferences.switchLanguage}
      onClick={() => choose({ language: other })}
    >
      <span class="letters">{other.toUpperCase()}</span>
    </button>
  );
}

function ThemeSwitch() {
  const label = t().preferences.nextTheme(t().preferences[theme.value]);
  return (
    <button
      type="button"
      class="quiet-button"
      aria-label={label}
      title={label}
      onClick={() => choose({ theme: NEXT_THEME[theme.value] })}
    >
      <Icon name={THEME_ICON[theme.value]} />
    </button>
  );
}

function Navigation() {
  const here = route.value.screen;
  const items: { href: string; icon: IconName; text: string; current: boolean }[] = [
    { href: to.overview, icon: "grid", text: t().nav.overview, current: here === "overview" || here === "camera" },
    { href: to.events(), icon: "events", text: t().nav.events, current: here === "events" || here === "event" },
    {
      href: to.recordings(),
      icon: "film",
      text: t().nav.recordings,
      current: ["recordings", "exports", "archive"].includes(here),
    },
    {
      href: to.settings,
      icon: "gear",
      text: t().nav.settings,
      current: OF_SETTINGS.includes(here),
    },
  ];
  return (
    <nav class="nav" aria-label={t().nav.label}>
      {items.map((item) => (
        <a key={item.href} href={item.href} aria-current={item.current ? "page" : undefined}>
          <Icon name={item.icon} />
          <span>{item.text}</span>
        </a>
      ))}
    </nav>
  );
}

/** Says each new event once to those who listen instead of looking. */
function Announcer() {
  const event = announced.value;
  const name = event ? (cameraById(event.camera)?.name ?? event.camera) : "";
  return (
    <p class="visually-hidden" role="status">
      {event ? t().overview.newEvent(isolated(name)) : ""}
    </p>
  );
}

export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#content" onClick={skip}>
        {t().skip}
      </a>
      <header class="bar">
        <a class="brand" href={to.overview} aria-label={t().nav.home}>
          <Quail size={34} />
          <span aria-hidden="true">{t().name}</span>
        </a>
        {account.value && <Navigation />}
        <div class="bar-end">
          {mayAdmin.value && (
            <a class="quiet-button add-link" href={to.add} aria-label={t().nav.add} title={t().nav.add}>
              <Icon name="plus" />
            </a>
          )}
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </header>
      {connection.value === "lost" && account.value && (
        <p class="banner" role="status">
          <span class="spinner" aria-hidden="true" />
          {t().connection.lost}
        </p>
      )}
      {children}
      <Announcer />
    </>
  );
}

function skip(event: MouseEvent): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("#content h1")?.focus();
}
