/** What a receiver of messages is made of: for a new one, and for changing one. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import { type Channel, type Hours, type MadeChannel, MESSAGE_KINDS, type SubscribableKind } from "../api/types";
import { t } from "../i18n";
import { messagesText } from "../i18n/messages";
import { ChannelFields, type Fields, MADE_BY_HAND } from "../parts/ChannelFields";
import { CheckField, type Choice, ChoiceField, SelectField, Submit, SwitchField, TextField } from "../parts/Field";
import { HoursEditor } from "../parts/HoursEditor";
import { ErrorNote } from "../parts/Notice";
import { useTask } from "../parts/useTask";
import { language } from "../state/preferences";
import { cameras, sites } from "../state/world";

const SUBSCRIBABLE = MESSAGE_KINDS.filter((kind): kind is SubscribableKind => kind !== "rule" && kind !== "bundle" && kind !== "test");
const EVERY_SITE = "";

function kindChoices(): Choice<SubscribableKind>[] {
  const { kind, kindHints } = t().messages;
  return SUBSCRIBABLE.map((value) => ({ value, text: kind[value], hint: kindHints[value] }));
}

/** People need not hear that motion is over, and a threat must not light up on the phone that is looked at. */
function usualKinds(kind: string): SubscribableKind[] {
  return SUBSCRIBABLE.filter((one) => one !== "duress" && (kind === "webhook" || one !== "event_ended"));
}

const PER_HOUR = [1, 3, 6, 12, 30, 60, 0];

export function ChannelForm(props: {
  channel?: Channel;
  onDone: (made: MadeChannel) => void;
  onCancel: () => void;
}) {
  const { channel } = props;
  const name = useSignal(channel?.name ?? "");
  const kind = useSignal<string>(channel?.kind ?? "ntfy");
  const url = useSignal("");
  const fields = useSignal<Fields>({});
  const hours = useSignal<Hours[]>(channel?.schedule ?? []);
  const quiet = useSignal<Hours[]>(channel?.quiet ?? []);
  const perHour = useSignal(channel?.per_hour ?? 12);
  const onlyCameras = useSignal<string[]>(channel?.cameras ?? []);
  const site = useSignal(EVERY_SITE);
  const kinds = useSignal<SubscribableKind[]>(channel?.kinds ?? usualKinds(kind.value));
  const allowLocal = useSignal(channel?.allow_local ?? false);
  const task = useTask();
  const words = messagesText();
  const noKinds = kinds.value.length === 0;

  async function send(): Promise<MadeChannel> {
    const common = {
      name: name.value.trim(),
      kinds: kinds.value,
      allow_local: allowLocal.value,
      fields: Object.fromEntries(Object.entries(fields.value).filter(([, value]) => value !== "")),
      schedule: hours.value,
      quiet: quiet.value,
      per_hour: perHour.value,
      cameras: onlyCameras.value,
    };
    const address = url.value.trim();
    if (!channel) {
      const made = { ...common, kind: kind.value, language: language.value };
      return api.addChannel({ ...made, url: address, site: site.value || null });
    }
    return api.changeChannel(channel.id, address ? { ...common, url: address } : common);
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy || noKinds) return;
    void task.run(async () => props.onDone(await send()));
  }

  return (
    <form class="form" onSubmit={submit}>
      {!channel && (
        <ChoiceField
          label={words.kind}
          value={kind.value}
          choices={MADE_BY_HAND.map((value) => ({ value: value as string, text: words.kinds[value]!, hint: words.kindHints[value]! }))}
          onChoice={(chosen) => {
            kind.value = chosen;
            kinds.value = usualKinds(chosen);
            perHour.value = chosen === "webhook" ? 0 : 12;
            fields.value = {};
          }}
        />
      )}
      <TextField
        label={t().messages.name}
        hint={channel ? undefined : t().messages.nameHint}
        required
        maxLength={300}
        autocomplete="off"
        value={name.value}
        onText={(text) => (name.value = text)}
      />
      <ChannelFields kind={kind.value} channel={channel} url={url} fields={fields} />
      {!channel && sites.value.length > 1 && (
        <SelectField
          label={t().messages.site}
          value={site.value}
          choices={[
            { value: EVERY_SITE, text: t().events.allSites },
            ...sites.value.map((one) => ({ value: one.id, text: one.name })),
          ]}
          onChoice={(id) => (site.value = id)}
        />
      )}
      <CheckField
        label={t().messages.kinds}
        error={noKinds ? t().messages.noKinds : undefined}
        chosen={kinds.value}
        choices={kindChoices()}
        onChosen={(chosen) => (kinds.value = chosen)}
      />
      <details class="adding">
        <summary class="button">{words.when}</summary>
        <div class="form">
          <HoursEditor label={words.hours} hint={words.hoursHint} hours={hours.value} onHours={(found) => (hours.value = found)} />
          <HoursEditor label={words.quiet} hint={words.quietHint} hours={quiet.value} onHours={(found) => (quiet.value = found)} />
          <SelectField
            label={words.perHour}
            hint={words.perHourHint}
            value={String(perHour.value)}
            choices={[...new Set([...PER_HOUR, perHour.value])].map((n) => ({ value: String(n), text: n === 0 ? words.single : String(n) }))}
            onChoice={(text) => (perHour.value = Number(text))}
          />
          {cameras.value.length > 1 && (
            <div>
              <CheckField
                label={words.cameras}
                chosen={onlyCameras.value}
                choices={cameras.value.map((one) => ({ value: one.id, text: one.name }))}
                onChosen={(chosen) => (onlyCameras.value = chosen)}
              />
              <p class="hint">{words.camerasHint}</p>
            </div>
          )}
        </div>
      </details>
      <SwitchField
        label={t().messages.allowLocal}
        hint={t().messages.allowLocalHint}
        on={allowLocal.value}
        onSwitch={(on) => (allowLocal.value = on)}
      />
      {task.error && <ErrorNote error={task.error} />}
      <div class="actions">
        <Submit busy={task.busy}>{channel ? t().save : t().messages.add}</Submit>
        <button type="button" class="button" onClick={props.onCancel}>
          {t().cancel}
        </button>
      </div>
    </form>
  );
}
