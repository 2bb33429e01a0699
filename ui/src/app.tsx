import { t } from "./i18n";
import { alarmWords } from "./i18n/alarm_words";
import { rulesText } from "./i18n/rules";
import { smartHomeText } from "./i18n/smart_home";
import { later } from "./parts/Later";
import { Blank, Loading } from "./parts/Notice";
import { Screen } from "./parts/Screen";
import { Shell } from "./parts/Shell";
import { CameraScreen } from "./screens/Camera";
import { LinkScreen } from "./screens/Link";
import { LogInScreen } from "./screens/LogIn";
import { OverviewScreen } from "./screens/Overview";
import { type Route, route, to } from "./state/route";
import { account, connection, session } from "./state/world";

const CameraSettingsScreen = later(
  () => import("./screens/CameraSettings").then((found) => found.CameraSettingsScreen),
  () => t().settings.title,
);

const SettingsScreen = later(
  () => import("./screens/Settings").then((found) => found.SettingsScreen),
  () => t().settings.title,
);

const EventScreen = later(
  () => import("./screens/Event").then((found) => found.EventScreen),
  () => t().nav.events,
);

const EventsScreen = later(
  () => import("./screens/Events").then((found) => found.EventsScreen),
  () => t().nav.events,
);

const FirstRunScreen = later(
  () => import("./screens/FirstRun").then((found) => found.FirstRunScreen),
  () => t().firstRun.title,
);

const PastScreen = later(
  () => import("./screens/past").then((found) => found.PastScreen),
  () => t().nav.recordings,
);

const AddScreen = later(
  () => import("./screens/Add").then((found) => found.AddScreen),
  () => t().add.title,
);

const RulesScreen = later(
  () => import("./screens/Rules").then((found) => found.RulesScreen),
  () => rulesText().title,
);

const AlarmScreen = later(
  () => import("./screens/Alarm").then((found) => found.AlarmScreen),
  () => alarmWords().title,
);

const SmartHomeScreen = later(
  () => import("./screens/SmartHome").then((found) => found.SmartHomeScreen),
  () => smartHomeText().title,
);

const ClaimScreen = later(
  () => import("./screens/claims").then((found) => found.ClaimScreen),
  () => t().name,
);

const ClaimsScreen = later(
  () => import("./screens/claims").then((found) => found.ClaimsScreen),
  () => t().settings.claims,
);

const MessagesScreen = later(
  () => import("./screens/Messages").then((found) => found.MessagesScreen),
  () => t().messages.title,
);

const QuietScreen = later(
  () => import("./screens/Quiet").then((found) => found.QuietScreen),
  () => t().messages.title,
);

function Starting() {
  const lost = connection.value === "lost";
  return (
    <Screen title={lost ? t().connection.lostTitle : t().name} quietTitle width="narrow">
      {lost ? <Blank title={t().connection.lostTitle} text={t().connection.lostText} /> : <Loading text={t().connection.starting} />}
    </Screen>
  );
}

function UnknownScreen() {
  return (
    <Screen title={t().unknown.title} quietTitle>
      <Blank title={t().unknown.title} text={t().unknown.text}>
        <a class="button button-main" href={to.overview}>
          {t().unknown.toOverview}
        </a>
      </Blank>
    </Screen>
  );
}

function screenFor(where: Route) {
  switch (where.screen) {
    case "overview":
      return <OverviewScreen />;
    case "camera":
      return <CameraScreen key={where.id} id={where.id} />;
    case "camera-settings":
      return <CameraSettingsScreen key={where.id} id={where.id} />;
    case "event":
      return <EventScreen key={where.id} id={where.id} />;
    case "events":
      return <EventsScreen />;
    case "recordings":
    case "exports":
    case "archive":
      return <PastScreen where={where} />;
    case "add":
      return <AddScreen />;
    case "settings":
      return <SettingsScreen />;
    case "messages":
      return <MessagesScreen />;
    case "rules":
      return <RulesScreen />;
    case "alarm":
      return <AlarmScreen key={where.id} id={where.id} />;
    case "smart-home":
      return <SmartHomeScreen />;
    case "claims":
      return <ClaimsScreen key={where.id} id={where.id} />;
    default:
      return <UnknownScreen />;
  }
}

function Where() {
  const where = route.value;
  if (!session.value) return <Starting />;
  if (where.screen === "first-run") return <FirstRunScreen token={where.token} />;
  if (where.screen === "quiet") return <QuietScreen token={where.token} />;
  if (where.screen === "link") return <LinkScreen token={where.token} />;
  if (where.screen === "claim") return <ClaimScreen key={where.id} id={where.id} secret={where.key} />;
  if (!account.value) return <LogInScreen />;
  return screenFor(where);
}

export function App() {
  return (
    <Shell>
      <Where />
    </Shell>
  );
}
