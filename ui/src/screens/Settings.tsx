/** Who is logged in, how the page looks, and for those who administer: sites, cameras, people and programs. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import { t } from "../i18n";
import { alarmWords } from "../i18n/alarm_words";
import { rulesText } from "../i18n/rules";
import { smartHomeText } from "../i18n/smart_home";
import { CertificateNews } from "../parts/CertificateNews";
import { SelectField, Submit, TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Name } from "../parts/Name";
import { ErrorNote } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { StateMark } from "../parts/StateText";
import { useTask } from "../parts/useTask";
import { type Language, type Theme, choose, language, theme } from "../state/preferences";
import { to } from "../state/route";
import { account, cameras, leave, mayAdmin, refresh, sites } from "../state/world";
import { People } from "./People";
import { Tokens } from "./Tokens";

export function SettingsScreen() {
  return (
    <Screen title={t().settings.title} width="narrow">
      <div class="panels">
        <CertificateNews />
        <You />
        <Messages />
        {mayAdmin.value && (
          <>
            <Cameras />
            <Sites />
            <Alarm />
            <Rules />
            <SmartHome />
            <People />
            <Tokens />
            <Claims />
          </>
        )}
        <p class="hint">{t().settings.about}</p>
      </div>
    </Screen>
  );
}

function You() {
  const task = useTask();
  const you = account.value;
  if (!you) return null;
  return (
    <section class="panel" aria-labelledby="you">
      <div class="you">
        <div class="panel-head">
          <h2 id="you">
            <Name text={you.name} />
          </h2>
          <p class="soft">{t().settings.scopes[you.scope]}</p>
        </div>
        <button
          type="button"
          class="button"
          onClick={() =>
            void task.run(async () => {
              await api.logOut();
              leave();
            })
          }
        >
          <Icon name="leave" />
          {t().nav.logOut}
        </button>
      </div>
      {task.error && <ErrorNote error={task.error} />}
      <div class="columns">
        <SelectField<Language>
          label={t().preferences.language}
          value={language.value}
          choices={[
            { value: "de", text: "Deutsch" },
            { value: "en", text: "English" },
          ]}
          onChoice={(next) => choose({ language: next })}
        />
        <SelectField<Theme>
          label={t().preferences.theme}
          value={theme.value}
          choices={(["system", "light", "dark"] as const).map((value) => ({ value, text: t().preferences[value] }))}
          onChoice={(next) => choose({ theme: next })}
        />
      </div>
    </section>
  );
}

function Cameras() {
  return (
    <section class="panel" aria-labelledby="cameras">
      <h2 id="cameras">{t().settings.cameras}</h2>
      <ul class="rows">
        {cameras.value.map((camera) => (
          <li key={camera.id} class="row">
            <a class="row-main" href={to.cameraSettings(camera.id)}>
              <Name text={camera.name} />
            </a>
            <StateMark state={camera.streams.main} />
          </li>
        ))}
      </ul>
      <div class="actions">
        <a class="button" href={to.add}>
          <Icon name="plus" />
          {t().nav.add}
        </a>
      </div>
    </section>
  );
}

function Alarm() {
  return (
    <section class="panel" aria-labelledby="alarm">
      <div class="panel-head">
        <h2 id="alarm">{alarmWords().title}</h2>
        <p class="soft">{alarmWords().short}</p>
      </div>
      <div class="actions">
        <a class="button" href={to.alarm()}>
          {alarmWords().open}
          <Icon name="right" size={18} />
        </a>
      </div>
    </section>
  );
}

function Rules() {
  return (
    <section class="panel" aria-labelledby="rules">
      <div class="panel-head">
        <h2 id="rules">{rulesText().title}</h2>
        <p class="soft">{rulesText().short}</p>
      </div>
      <div class="actions">
        <a class="button" href={to.rules}>
          {rulesText().open}
          <Icon name="right" size={18} />
        </a>
      </div>
    </section>
  );
}

function SmartHome() {
  return (
    <section class="panel" aria-labelledby="smart-home">
      <div class="panel-head">
        <h2 id="smart-home">{smartHomeText().title}</h2>
        <p class="soft">{smartHomeText().short}</p>
      </div>
      <div class="actions">
        <a class="button" href={to.smartHome}>
          {smartHomeText().open}
          <Icon name="right" size={18} />
        </a>
      </div>
    </section>
  );
}

function Messages() {
  return (
    <section class="panel" aria-labelledby="messages">
      <div class="panel-head">
        <h2 id="messages">{t().messages.title}</h2>
        <p class="soft">{t().messages.short}</p>
      </div>
      <div class="actions">
        <a class="button" href={to.messages}>
          {t().messages.open}
          <Icon name="right" size={18} />
        </a>
      </div>
    </section>
  );
}

function Claims() {
  return (
    <section class="panel" aria-labelledby="claims">
      <div class="panel-head">
        <h2 id="claims">{t().settings.claims}</h2>
        <p class="soft">{t().settings.claimsText}</p>
      </div>
      <div class="actions">
        <a class="button" href={to.claims()}>
          {t().settings.openClaims}
          <Icon name="right" size={18} />
        </a>
      </div>
    </section>
  );
}

function timeZones(): string[] {
  return Intl.supportedValuesOf("timeZone");
}

function Sites() {
  const name = useSignal("");
  const zone = useSignal(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const task = useTask();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy) return;
    void task.run(async () => {
      await api.addSite(name.value.trim(), zone.value.trim());
      name.value = "";
      await refresh();
    });
  }

  return (
    <section class="panel" aria-labelledby="sites">
      <div class="panel-head">
        <h2 id="sites">{t().settings.sites}</h2>
        <p class="soft">{t().settings.sitesText}</p>
      </div>
      <ul class="rows">
        {sites.value.map((site) => (
          <SiteRow key={site.id} id={site.id} name={site.name} zone={site.time_zone} />
        ))}
      </ul>
      <details class="adding">
        <summary class="button">
          <Icon name="plus" />
          {t().settings.addSite}
        </summary>
        <form class="form" onSubmit={submit}>
          <div class="columns">
            <TextField
              label={t().settings.siteName}
              required
              maxLength={300}
              value={name.value}
              onText={(text) => (name.value = text)}
            />
            <TextField
              label={t().settings.timeZone}
              required
              technical
              suggestions={timeZones()}
              value={zone.value}
              onText={(text) => (zone.value = text)}
            />
          </div>
          {task.error && <ErrorNote error={task.error} />}
          <div class="actions">
            <Submit busy={task.busy}>{t().settings.addSite}</Submit>
          </div>
        </form>
      </details>
    </section>
  );
}

function SiteRow({ id, name, zone }: { id: string; name: string; zone: string }) {
  const editing = useSignal(false);
  const newName = useSignal(name);
  const newZone = useSignal(zone);
  const task = useTask();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (task.busy) return;
    void task.run(async () => {
      await api.changeSite(id, { name: newName.value.trim(), time_zone: newZone.value.trim() });
      await refresh();
      editing.value = false;
    });
  }

  if (!editing.value) {
    return (
      <li class="row">
        <span class="row-main">
          <Name text={name} />
          <span class="soft row-more">{zone}</span>
        </span>
        <button type="button" class="text-button" onClick={() => (editing.value = true)}>
          {t().settings.edit} <bdi class="visually-hidden">{name}</bdi>
        </button>
      </li>
    );
  }
  return (
    <li class="row">
      <form class="form row-main" onSubmit={submit}>
        <div class="columns">
          <TextField label={t().settings.siteName} required maxLength={300} value={newName.value} onText={(text) => (newName.value = text)} />
          <TextField label={t().settings.timeZone} required technical suggestions={timeZones()} value={newZone.value} onText={(text) => (newZone.value = text)} />
        </div>
        {task.error && <ErrorNote error={task.error} />}
        <div class="actions">
          <Submit busy={task.busy}>{t().save}</Submit>
          <button type="button" class="button" onClick={() => (editing.value = false)}>
            {t().cancel}
          </button>
        </div>
      </form>
    </li>
  );
}
