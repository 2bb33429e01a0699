/** What each kind of channel wants to know beside its name. */
import type { Signal } from "@preact/signals";
import type { Channel } from "../api/types";
import { t } from "../i18n";
import { messagesText } from "../i18n/messages";
import { SelectField, TextField } from "./Field";

export const MADE_BY_HAND = ["ntfy", "email", "webhook"] as const;
export type HandKind = (typeof MADE_BY_HAND)[number];
export type Fields = Record<string, string>;

const SECURITIES = ["tls", "starttls", "none"] as const;

export function ChannelFields(props: {
  kind: string;
  channel: Channel | undefined;
  url: Signal<string>;
  fields: Signal<Fields>;
}) {
  const { kind, channel, url, fields } = props;
  const words = messagesText();
  const keeps = channel !== undefined && !channel.locked;

  function field(name: string, label: string, more: { hint?: string; note?: string; type?: "text" | "password"; required?: boolean } = {}) {
    return (
      <TextField
        label={label}
        {...more}
        hint={keeps ? words.unchanged : more.hint}
        required={more.required === true && !keeps}
        technical
        autocomplete={more.type === "password" ? "new-password" : "off"}
        maxLength={500}
        value={fields.value[name] ?? ""}
        onText={(text) => (fields.value = { ...fields.value, [name]: text })}
      />
    );
  }

  const labels: Record<string, { label: string; hint: string; start: string }> = {
    ntfy: { label: words.topic, hint: words.topicHint, start: "https://" },
    email: { label: words.server, hint: words.serverHint, start: "mail.example.org" },
    webhook: { label: t().messages.url, hint: t().messages.urlHint, start: "https://" },
  };
  const { label, hint, start } = labels[kind] ?? labels.webhook!;
  return (
    <>
      {kind !== "webpush" && (
        <TextField
          label={channel ? t().messages.newUrl : label}
          hint={keeps ? t().messages.newUrlHint : hint}
          technical
          required={!keeps}
          maxLength={2048}
          autocomplete="off"
          placeholder={start}
          value={url.value}
          onText={(text) => (url.value = text)}
        />
      )}
      {kind === "ntfy" && field("token", words.token, { note: words.optional, type: "password" })}
      {kind === "email" && (
        <>
          <div class="columns">
            {field("from", words.from, { required: true })}
            {field("to", words.to, { required: true })}
          </div>
          <SelectField
            label={words.security}
            value={(fields.value.security ?? (keeps ? "" : "starttls")) as string}
            choices={[
              ...(keeps ? [{ value: "", text: "–" }] : []),
              ...SECURITIES.map((value) => ({ value: value as string, text: words.securities[value] })),
            ]}
            onChoice={(security) => (fields.value = { ...fields.value, security })}
          />
        </>
      )}
      {(kind === "email" || kind === "ntfy") && (
        <div class="columns">
          {field("user", words.user, { note: words.optional })}
          {field("password", words.password, { note: words.optional, type: "password", ...(kind === "email" && { hint: words.passwordHint }) })}
        </div>
      )}
    </>
  );
}
