/** One camera, large: its live picture, its state, its latest events. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError, address, api } from "../api/client";
import type { Camera, Event, StreamState } from "../api/types";
import { number, t } from "../i18n";
import { controlsText } from "../i18n/controls";
import { m } from "../i18n/motion";
import { EventCard } from "../parts/EventCard";
import { FindingLine } from "../parts/FindingLine";
import { GapNews } from "../parts/GapNews";
import { Icon } from "../parts/Icon";
import { laterPart } from "../parts/Later";
import { LivePicture } from "../parts/LivePicture";
import { Name } from "../parts/Name";
import { Blank, ErrorNote, Loading, Note } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { StageButton, toggleFullscreen } from "../parts/StageButton";
import { StateMark, detailText, gapText, lastFrameText, reasonText, sinceText } from "../parts/StateText";
import type { LiveStatus } from "../player/live_player";
import { WatchNote } from "../parts/WatchNote";
import { justAdded } from "../state/just_added";
import { to } from "../state/route";
import { changed, cameraById, loadError, loaded, mayAdmin, mayControl, refresh, siteById } from "../state/world";

const SHOWN_EVENTS = 8;
const MANY_LOST = 30;
/** What can be mended by setting up the small stream. */
const OF_SUB_STREAM = ["no_sub_stream", "sub_stream", "far_key_frames", "long_gop"];
const SubStreamSetup = laterPart(async () => (await import("../parts/SubStreamSetup")).SubStreamSetup);
const OtherCertificate = laterPart(async () => (await import("../parts/OtherCertificate")).OtherCertificate);
const CameraControls = laterPart(async () => (await import("../parts/CameraControls")).CameraControls);

export function CameraScreen({ id }: { id: string }) {
  const camera = cameraById(id);
  if (!camera) return <NoCamera />;
  return (
    <Screen
      title={camera.name}
      heading={<Name text={camera.name} />}
      actions={<Actions camera={camera} />}
    >
      <div class="camera-page">
        <Large camera={camera} />
        <div class="camera-side">
          <JustAdded camera={camera} />
          <States camera={camera} />
          <GapNews camera={camera.id} />
          {camera.motion_now === "schedule" && (
            <Note icon="clock">
              <p>{m().offNow}</p>
            </Note>
          )}
          {camera.watched?.reason === "budget" && <WatchNote camera={camera} />}
          <ItsEvents camera={camera} />
        </div>
      </div>
    </Screen>
  );
}

/** What the first look at a new camera brought up, until it was read. */
function JustAdded({ camera }: { camera: Camera }) {
  const news = justAdded.value;
  if (news?.camera !== camera.id) return null;
  const mayTune = mayAdmin.value && camera.device_url && news.findings.some((finding) => OF_SUB_STREAM.includes(finding.code));
  return (
    <section class="just-added" aria-labelledby="just-added">
      <h2 id="just-added">{t().camera.justAdded}</h2>
      <ul class="findings">
        {news.findings.map((finding) => (
          <FindingLine key={`${finding.kind} ${finding.what}`} finding={finding} />
        ))}
      </ul>
      {mayTune && <SubStreamSetup camera={camera} />}
      <button type="button" class="text-button" onClick={() => (justAdded.value = null)}>
        {t().camera.understood}
      </button>
    </section>
  );
}

function NoCamera() {
  return (
    <Screen title={loaded.value ? t().camera.notFound : t().loading} quietTitle>
      {loadError.value && <ErrorNote error={loadError.value} retry={() => void refresh()} />}
      {!loaded.value && !loadError.value && <Loading />}
      {loaded.value && (
        <Blank title={t().camera.notFound} text={t().camera.notFoundText}>
          <a class="button" href={to.overview}>
            {t().unknown.toOverview}
          </a>
        </Blank>
      )}
    </Screen>
  );
}

function Actions({ camera }: { camera: Camera }) {
  return (
    <>
      <a class="button" href={address.snapshot(camera.id)} target="_blank" rel="noreferrer" title={t().camera.snapshotDownload}>
        <Icon name="picture" />
        {t().camera.snapshot}
      </a>
      <a class="button" href={to.recordings(camera.id)}>
        <Icon name="film" />
        {t().nav.recordings}
      </a>
      {mayAdmin.value && (
        <a class="button" href={to.cameraSettings(camera.id)} aria-label={t().camera.settings} title={t().camera.settings}>
          <Icon name="gear" />
        </a>
      )}
    </>
  );
}

function Large({ camera }: { camera: Camera }) {
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement | null>(null);
  const status = useSignal<LiveStatus | null>(null);
  const muted = useSignal(true);

  function switchSound(): void {
    if (!video.current) return;
    muted.value = !muted.value;
    video.current.muted = muted.value;
  }

  return (
    <div class="camera-large">
      <div class="stage" ref={frame}>
        <LivePicture
          camera={camera}
          size="large"
          onStatus={(next, element) => {
            video.current = element;
            status.value = next;
          }}
        />
        <div class="stage-foot">
          <StateMark state={camera.streams.main} />
          <span class="stage-buttons">
            {status.value?.sound && (
              <StageButton icon={muted.value ? "mute" : "sound"} text={muted.value ? t().player.soundOn : t().player.soundOff} onPress={switchSound} />
            )}
            <StageButton icon="expand" text={t().player.fullscreen} onPress={() => void toggleFullscreen(frame.current, video.current)} />
          </span>
        </div>
      </div>
      {(status.value?.converted || status.value?.fellBack) && (
        <Note icon="question">
          <p>{status.value.converted ? t().player.converted : t().player.fellBack}</p>
        </Note>
      )}
      {camera.device_url && mayControl.value && <CameraControls key={camera.id} camera={camera} />}
    </div>
  );
}

function States({ camera }: { camera: Camera }) {
  const site = siteById(camera.site);
  return (
    <section class="camera-state" aria-labelledby="state">
      <h2 id="state">{t().camera.stateTitle}</h2>
      <StreamRow camera={camera} name={t().camera.main} state={camera.streams.main} />
      {camera.streams.sub && <StreamRow camera={camera} name={t().camera.sub} state={camera.streams.sub} />}
      {gapText(camera) && (
        <Note icon="alert">
          <p>{gapText(camera)}</p>
        </Note>
      )}
      <p class="soft">
        {t().camera.mode[camera.mode]}
        {site && (
          <>
            {" · "}
            <Name text={site.name} />
          </>
        )}
      </p>
    </section>
  );
}

function StreamRow({ camera, name, state }: { camera: Camera; name: string; state: StreamState }) {
  const live = state.condition === "live";
  const detail = detailText(state);
  return (
    <div class="stream-row">
      <p class="stream-line">
        <span>{name}</span>
        <StateMark state={state} />
        <span class="soft">{sinceText(state.since)}</span>
      </p>
      {live && state.lost >= MANY_LOST && (
        <Note icon="alert">
          <p>{controlsText().loses(number(state.lost, 0))}</p>
        </Note>
      )}
      {!live && reasonText(state) && <p>{reasonText(state)}</p>}
      {!live && detail.text && (
        <p class="detail" lang={detail.lang}>
          {detail.text}
        </p>
      )}
      {state.code === "certificate_changed" && mayAdmin.value && <OtherCertificate camera={camera} />}
      {!live && <p class="soft">{lastFrameText(camera, state)}</p>}
    </div>
  );
}

function ItsEvents({ camera }: { camera: Camera }) {
  const events = useSignal<Event[] | null>(null);
  const error = useSignal<ApiError | null>(null);

  async function load(): Promise<void> {
    error.value = null;
    try {
      events.value = (await api.events({ camera: camera.id, limit: SHOWN_EVENTS })).events;
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      error.value = caught;
    }
  }
  useEffect(() => void load(), [camera.id]);
  useSignalEffect(() => {
    const event = changed.value;
    if (event?.camera !== camera.id) return;
    const others = (events.peek() ?? []).filter((other) => other.id !== event.id);
    events.value = [event, ...others].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, SHOWN_EVENTS);
  });

  return (
    <section aria-labelledby="its-events">
      <h2 id="its-events">{t().camera.events}</h2>
      {error.value && <ErrorNote error={error.value} retry={() => void load()} />}
      {!events.value && !error.value && <Loading />}
      {events.value?.length === 0 && <p class="soft">{t().camera.noEvents}</p>}
      {events.value && events.value.length > 0 && (
        <>
          <ul class="event-strip" tabIndex={-1}>
            {events.value.map((event) => (
              <li key={event.id}>
                <EventCard event={event} lead="time" />
              </li>
            ))}
          </ul>
          <a class="more-link" href={to.events({ camera: camera.id })}>
            {t().overview.allEvents}
            <Icon name="right" size={18} />
          </a>
        </>
      )}
    </section>
  );
}
