/** Who is told what happens: receivers of messages, how they fared, and a test for each. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api } from "../api/client";
import { type Channel, type Delivery, MESSAGE_KINDS, type MadeChannel } from "../api/types";
import { t, timeNear } from "../i18n";
import { isolated } from "../i18n/isolate";
import { messagesText } from "../i18n/messages";
import { AddFold } from "../parts/AddFold";
import { Confirm } from "../parts/Confirm";
import { SwitchField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Name } from "../parts/Name";
import { ErrorNote, Loading, Note } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { SecretNote } from "../parts/SecretNote";
import { ThisDevice } from "../parts/ThisDevice";
import { SettingsLink } from "../parts/SettingsLink";
import { useLoaded } from "../parts/useLoaded";
import { useTask } from "../parts/useTask";
import { now } from "../state/clock";
import { mayAdmin, siteById } from "../state/world";
import { ChannelForm } from "./ChannelForm";
import { Deliveries, reasonText, resultText, zoneOfChannel } from "./Deliveries";

const LOOK_AGAIN_MS = 5000;
const SNOOZE_MIN = 60;

export function MessagesScreen() {
  const changes = useSignal(0);
  return (
    <Screen title={t().messages.title} width="narrow">
      <div class="panels">
        <SettingsLink />
        <ThisDevice onChanged={() => (changes.value += 1)} />
        {mayAdmin.value && <Receivers key={changes.value} />}
      </div>
    </Screen>
  );
}

function Receivers() {
  const channels = useLoaded(api.channels);
  const secret = useSignal<MadeChannel | null>(null);
  const { load, error } = channels;
  const found = channels.value.value;

  useEffect(() => {
    if (error) return undefined;
    const timer = setInterval(() => void (document.hidden || load()), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [error]);

  function made(channel: MadeChannel): void {
    if (channel.secret) secret.value = channel;
    void load();
  }

  function gone(channel: Channel): void {
    if (secret.value?.id === channel.id) secret.value = null;
    void load().then(() => document.querySelector<HTMLElement>("#content h1")?.focus());
  }

  return (
    <div class="panels">
      <p class="lead">{t().messages.intro}</p>
      {error && <ErrorNote error={error} retry={() => void load()} />}
      {!found && !error && <Loading />}
      {found?.length === 0 && <p class="soft">{t().messages.empty}</p>}
      {found?.map((channel) => (
        <Receiver key={channel.id} channel={channel} onMade={made} onGone={() => gone(channel)} onTried={() => void load()} />
      ))}
      {secret.value?.secret && (
        <SecretNote
          key={secret.value.secret}
          text={t().messages.secretOnce(isolated(secret.value.name))}
          secret={secret.value.secret}
        />
      )}
      {found && (
        <AddFold
          label={t().messages.add}
          form={(close) => (
            <ChannelForm
              onDone={(channel) => {
                close();
                made(channel);
              }}
              onCancel={close}
            />
          )}
        />
      )}
    </div>
  );
}

type Unfolded = "nothing" | "change" | "tries";

function Receiver(props: {
  channel: Channel;
  onMade: (made: MadeChannel) => void;
  onGone: () => void;
  onTried: () => void;
}) {
  const { channel } = props;
  const unfolded = useSignal<Unfolded>("nothing");
  const changeButton = useRef<HTMLButtonElement>(null);
  const heading = `channel-${channel.id}`;
  const newest = channel.last ? `${channel.last.message} ${channel.last.attempt}` : "";

  function fold(): void {
    unfolded.value = "nothing";
    changeButton.current?.focus();
  }

  return (
    <section class="panel receiver" aria-labelledby={heading}>
      <div class="panel-head">
        <h2 id={heading}>
          <Name text={channel.name} />
        </h2>
        <p class="soft">
          <code dir="ltr">{channel.address}</code>
        </p>
        <p class="soft">
          {messagesText().kinds[channel.kind] ?? channel.kind} · <Name text={siteText(channel)} />
          {channel.person && (
            <>
              {" · "}
              {messagesText().belongsTo(isolated(channel.person))}
            </>
          )}
        </p>
        {channel.needs && <p class="hint">{messagesText().needs[channel.needs]}</p>}
        <Told channel={channel} />
      </div>
      {channel.locked && <Note icon="alert">{t().messages.locked}</Note>}
      <LastTry channel={channel} />
      <Actions channel={channel} unfolded={unfolded} changeButton={changeButton} onGone={props.onGone} onTried={props.onTried} />
      {unfolded.value === "change" && (
        <ChannelForm
          channel={channel}
          onDone={(made) => {
            fold();
            props.onMade(made);
          }}
          onCancel={fold}
        />
      )}
      {unfolded.value === "tries" && <Deliveries channel={channel} newest={newest} />}
    </section>
  );
}

function siteText(channel: Channel): string {
  return channel.site === null ? t().events.allSites : (siteById(channel.site)?.name ?? channel.site);
}

/** What the receiver is told of, in the order of the form. */
function Told({ channel }: { channel: Channel }) {
  const told: ReadonlySet<string> = new Set(channel.kinds);
  return (
    <ul class="chips" aria-label={t().messages.kinds}>
      {MESSAGE_KINDS.filter((kind) => told.has(kind)).map((kind) => (
        <li key={kind} class="chip">
          {t().messages.kind[kind]}
        </li>
      ))}
    </ul>
  );
}

function LastTry({ channel }: { channel: Channel }) {
  const { last, waiting } = channel;
  const arrived = last?.result === "delivered";
  return (
    <p class="site-line" data-kind={!last || arrived ? "quiet" : "trouble"}>
      {last && <Icon name={arrived ? "check" : "alert"} size={18} />}
      <span>
        {!last && t().messages.noTries}
        {last && `${resultText(last)}: ${t().messages.kind[last.kind]}, ${timeNear(last.at, zoneOfChannel(channel), now.value)}`}
        {waiting > 0 && ` · ${t().messages.waiting(waiting)}`}
      </span>
    </p>
  );
}

function Actions(props: {
  channel: Channel;
  unfolded: Signal<Unfolded>;
  changeButton: { current: HTMLButtonElement | null };
  onGone: () => void;
  onTried: () => void;
}) {
  const { channel, unfolded } = props;
  const outcome = useSignal<Delivery | null>(null);
  const asking = useSignal(false);
  const test = useTask();
  const removal = useTask();
  const switching = useTask();
  const snoozing = useTask();
  const whole = channel.snoozed.find((one) => one.channel === channel.id && one.camera === null);

  function snooze(): void {
    void snoozing.run(async () => {
      await (whole ? api.wakeChannel(channel.id) : api.snoozeChannel(channel.id, SNOOZE_MIN));
      props.onTried();
    });
  }

  function toggle(what: Unfolded): void {
    unfolded.value = unfolded.value === what ? "nothing" : what;
  }

  function sendTest(): void {
    if (test.busy) return;
    outcome.value = null;
    void test.run(async () => {
      outcome.value = await api.testChannel(channel.id);
      props.onTried();
    });
  }

  function turn(on: boolean): void {
    void switching.run(async () => {
      await api.changeChannel(channel.id, { enabled: on });
      props.onTried();
    });
  }

  async function remove(): Promise<void> {
    const gone = await removal.run(async () => void (await api.removeChannel(channel.id)));
    asking.value = false;
    if (gone) props.onGone();
  }

  const whose = <span class="visually-hidden">: {isolated(channel.name)}</span>;
  return (
    <>
      <SwitchField
        label={
          <>
            {t().messages.enabled}
            {whose}
          </>
        }
        hint={channel.enabled ? undefined : t().messages.offHint}
        on={channel.enabled}
        onSwitch={turn}
      />
      {switching.error && <ErrorNote error={switching.error} />}
      {whole && <Note icon="clock">{messagesText().snoozedUntil(timeNear(whole.until, zoneOfChannel(channel), now.value))}</Note>}
      {snoozing.error && <ErrorNote error={snoozing.error} />}
      <div class="actions">
        <button type="button" class="button" aria-disabled={snoozing.busy} onClick={snooze}>
          {whole ? messagesText().snoozeEnd : messagesText().snooze}
          {whose}
        </button>
        <button type="button" class="button" aria-disabled={test.busy} onClick={sendTest}>
          {test.busy && <span class="spinner" aria-hidden="true" />}
          {t().messages.test}
          {whose}
        </button>
        <button type="button" class="button" aria-expanded={unfolded.value === "tries"} onClick={() => toggle("tries")}>
          {t().messages.tries}
          {whose}
        </button>
        <button
          type="button"
          class="button"
          ref={props.changeButton}
          aria-expanded={unfolded.value === "change"}
          onClick={() => toggle("change")}
        >
          {t().messages.change}
          {whose}
        </button>
        <button type="button" class="text-button" onClick={() => (asking.value = true)}>
          {t().remove}
          {whose}
        </button>
      </div>
      <div role="status">
        {test.busy && <p class="hint">{t().messages.testing}</p>}
        {outcome.value && <Outcome delivery={outcome.value} />}
      </div>
      {test.error && <ErrorNote error={test.error} />}
      {removal.error && <ErrorNote error={removal.error} />}
      <Confirm
        open={asking.value}
        question={t().messages.removeConfirm(isolated(channel.name))}
        text={t().messages.removeText}
        action={t().remove}
        busy={removal.busy}
        onConfirm={() => void remove()}
        onClose={() => (asking.value = false)}
      />
    </>
  );
}

/** What came of a test. */
function Outcome({ delivery }: { delivery: Delivery }) {
  if (delivery.result === "delivered") return <Note icon="check">{t().messages.testDelivered}</Note>;
  const { main, detail } = reasonText(delivery);
  return (
    <Note icon="alert">
      <p>
        {t().messages.testFailed} {main}
      </p>
      {detail && (
        <p class="detail" lang="en">
          {detail}
        </p>
      )}
    </Note>
  );
}
