/** The moving picture of a camera, or why there is none. */
import { effect, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { address } from "../api/client";
import type { Camera, StreamState } from "../api/types";
import { t } from "../i18n";
import { isolated } from "../i18n/isolate";
import { LivePlayer, type LiveStatus, type StreamName } from "../player/live_player";
import { now } from "../state/clock";
import { connection, takeState } from "../state/world";
import { Icon } from "./Icon";
import { StateMark, lastFrameText, reasonText, sinceText } from "./StateText";

const STILL_EVERY_S = 3;

/** The state that counts for the picture shown. */
export function stateOf(camera: Camera, stream: StreamName): StreamState {
  return (stream === "sub" ? camera.streams.sub : undefined) ?? camera.streams.main;
}

/** A small picture takes the sub stream if that one is there. */
export function streamFor(camera: Camera, size: "tile" | "large"): StreamName {
  return size === "tile" && camera.streams.sub?.condition === "live" ? "sub" : "main";
}

export function LivePicture(props: {
  camera: Camera;
  size: "tile" | "large";
  onStatus?: (status: LiveStatus, video: HTMLVideoElement) => void;
}) {
  const { camera, size, onStatus } = props;
  const video = useRef<HTMLVideoElement>(null);
  const second = useRef<HTMLVideoElement>(null);
  const status = useSignal<LiveStatus | null>(null);
  const stream = streamFor(camera, size);
  const hasSub = camera.sub_url !== null;
  useEffect(() => {
    const player = new LivePlayer<StreamState>({
      video: video.current!,
      second: second.current ? { video: second.current, address: (name) => address.whep(camera.id, name) } : undefined,
      address: (name, convert) => address.live(camera.id, name, convert),
      stream,
      hasSub,
      onStatus: (next) => {
        status.value = next;
        onStatus?.(next, player.showing);
      },
      onState: (state) => takeState(camera.id, status.value?.stream ?? stream, state),
    });
    const stop = effect(() => {
      if (connection.value === "lost") player.doubt();
    });
    return () => {
      stop();
      player.close();
    };
  }, [camera.id, stream, hasSub]);
  return (
    <div class="picture" data-size={size} data-live={stateOf(camera, stream).condition === "live"}>
      {size === "large" && <video ref={second} class="by-webrtc" aria-label={t().player.label(isolated(camera.name))} />}
      <video ref={video} data-shown aria-label={t().player.label(isolated(camera.name))} />
      <Stills camera={camera} wanted={status.value?.trouble === "format"} />
      <Veil camera={camera} state={stateOf(camera, stream)} status={status.value} size={size} />
    </div>
  );
}

/** Stills instead of a moving picture, for a browser that cannot play the format. */
function Stills({ camera, wanted }: { camera: Camera; wanted: boolean }) {
  if (!wanted) return null;
  const at = Math.floor(now.value / 1000 / STILL_EVERY_S);
  return <img class="still" src={address.snapshot(camera.id, at)} alt={t().player.label(isolated(camera.name))} />;
}

/** What lies over the picture: nothing while all is well. */
function Veil(props: { camera: Camera; state: StreamState; status: LiveStatus | null; size: "tile" | "large" }) {
  const { camera, state, status, size } = props;
  if (state.condition !== "live") return <NoPicture camera={camera} state={state} size={size} />;
  if (status?.trouble === "format") {
    return <p class="veil-line">{size === "large" ? `${t().player.format}. ${t().player.formatHint}` : t().camera.snapshot}</p>;
  }
  if (status?.playing) return null;
  return (
    <p class="veil veil-waiting">
      <span class="spinner" aria-hidden="true" />
      {status?.trouble === "connection" ? t().player.connection : t().player.waiting}
    </p>
  );
}

function NoPicture({ camera, state, size }: { camera: Camera; state: StreamState; size: "tile" | "large" }) {
  return (
    <div class="veil">
      <Icon name={state.condition === "connecting" ? "camera" : "cameraOff"} size={size === "large" ? 40 : 30} />
      <p class="veil-title">
        {t().state[state.condition]} <span class="veil-since">{sinceText(state.since)}</span>
      </p>
      {reasonText(state) && <p class="veil-reason">{reasonText(state)}</p>}
      <p class="veil-last">{lastFrameText(camera, state)}</p>
    </div>
  );
}

/** The state in a word; that a live camera is not recorded counts for more than that it is live. */
export function LiveMark({ camera, size }: { camera: Camera; size: "tile" | "large" }) {
  const state = stateOf(camera, streamFor(camera, size));
  if (state.condition !== "live" || !camera.gap?.alarm) return <StateMark state={state} />;
  return <StateMark state={{ ...state, condition: "stalled" }} text={t().gap.title} />;
}
