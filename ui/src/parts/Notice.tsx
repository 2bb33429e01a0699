/** What the page says when there is nothing, not yet, or not any more. */
import type { ComponentChildren } from "preact";
import { ApiError } from "../api/client";
import { t } from "../i18n";
import { type Details, germanReason } from "../i18n/german_reason";
import { language } from "../state/preferences";
import { Icon, type IconName } from "./Icon";
import { Quail } from "./Quail";

export function Loading({ text }: { text?: string }) {
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      {text ?? t().loading}
    </p>
  );
}

/** A whole screen's worth of "nothing here", with the bird and the next step. */
export function Blank(props: { title: string; text?: string; level?: 1 | 2; children?: ComponentChildren }) {
  const Heading = props.level === 1 ? "h1" : "h2";
  return (
    <div class="blank">
      <Quail size={88} />
      <Heading>{props.title}</Heading>
      {props.text && <p>{props.text}</p>}
      {props.children && <div class="actions">{props.children}</div>}
    </div>
  );
}

/** The sentence for an error: translated by its kind; in English the server's own, which knows more. */
export function sentence(error: ApiError): string {
  if (language.value === "en" && error.what) return `${error.what} ${error.hint}`.trim();
  return germanReason(error.code, error.details as Details) || t().errors[error.kind];
}

/** An error with what the server said about it, and a way to try again. */
export function ErrorNote({ error, retry }: { error: ApiError; retry?: () => void }) {
  const translated = language.value === "en" || germanReason(error.code, error.details as Details) !== "";
  const detail = translated ? "" : `${error.what} ${error.hint}`.trim();
  return (
    <div class="note note-error" role="alert">
      <Icon name="alert" />
      <div>
        <p>{sentence(error)}</p>
        {detail && (
          <p class="detail">
            {t().failure.detail}: <span lang="en">{detail}</span>
          </p>
        )}
        {retry && (
          <button type="button" class="button" onClick={retry}>
            {t().retry}
          </button>
        )}
      </div>
    </div>
  );
}

export function Note({ icon, children }: { icon: IconName; children: ComponentChildren }) {
  return (
    <div class="note">
      <Icon name={icon} />
      <div>{children}</div>
    </div>
  );
}
