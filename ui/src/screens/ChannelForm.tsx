/** What a receiver of messages is made of: for a new one, and for changing one. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import { type Channel, type MadeChannel, MESSAGE_KINDS, type SubscribableKind } from "../api/types";
import { t } from "../i18n";
import { CheckField, type Choice, SelectField, Submit, SwitchField, TextField } from "../parts/Field";
import { ErrorNote } from "../parts/Notice";
import { useTask } from "../parts/useTask";
import { sites } from "../state/world";

const SUBSCRIBABLE = MESSAGE_KINDS.filter((kind): kind is SubscribableKind => kind !== "rule" && kind !== "bundle" && kind !== "test");
const EVERY_SITE = "";

function kindChoices(): Choice<SubscribableKind>[] {
  const { kind, kindHints } = t().messages;
  return SUBSCRIBABLE.map((value) => ({ value, text: kind[value], hint: kindHints[value] }));
}

export function ChannelForm(props: {
  channel?: Channel;
  onDone: (made: MadeChannel) => void;
  onCancel: () => void;
}) {
  const { channel } = props;
  const name = useSignal(channel?.name ?? "");
  const url = useSignal("");
  const site = useSignal(EVERY_SITE);
  const kinds = useSignal<SubscribableKind[]>(channel?.kinds ?? SUBSCRIBABLE);
  const allowLocal = useSignal(channel?.allow_local ?? false);
  const task = useTask();
  const noKinds = kinds.value.length === 0;

  async function send(): Promise<MadeChannel> {
    const common = { name: name.value.trim(), kinds: kinds.value, allow_local: allowLocal.value };
    const address = url.value.trim();
    if (!channel) return api.addChannel({ ...common, url: address, site: site.value || null });
    return api.changeChannel(channel.id, address ? { ...common, url: address } : common);
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy || noKinds) return;
    void task.run(async () => props.onDone(await send()));
  }

  return (
    <form class="form" onSubmit={submit}>
      <TextField
        label={t().messages.name}
        hint={channel ? undefined : t().messages.nameHint}
        required
        maxLength={300}
        autocomplete="off"
        value={name.value}
        onText={(text) => (name.value = text)}
      />
      <TextField
        label={channel ? t().messages.newUrl : t().messages.url}
        hint={channel && !channel.locked ? t().messages.newUrlHint : t().messages.urlHint}
        technical
        required={!channel || channel.locked}
        maxLength={2048}
        autocomplete="off"
        placeholder="https://"
        value={url.value}
        onText={(text) => (url.value = text)}
      />
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
