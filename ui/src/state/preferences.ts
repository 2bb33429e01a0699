/** Language and theme: what the browser asks for, unless the reader chose otherwise here. */
import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
export type Language = "de" | "en";

function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}

function firstLanguage(): Language {
  const chosen = kept("language");
  if (chosen === "de" || chosen === "en") return chosen;
  return navigator.language.toLowerCase().startsWith("de") ? "de" : "en";
}

function firstTheme(): Theme {
  const chosen = kept("theme");
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

export const language = signal<Language>(firstLanguage());
export const theme = signal<Theme>(firstTheme());

export function choose(what: { language: Language } | { theme: Theme }): void {
  if ("language" in what) {
    keep("language", what.language);
    language.value = what.language;
  } else {
    keep("theme", what.theme);
    theme.value = what.theme;
  }
}

effect(() => {
  document.documentElement.lang = language.value;
});

effect(() => {
  if (theme.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});
