/** The picture of a moment in the past, with the buttons around it. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Camera } from "../api/types";
import { t } from "../i18n";
import { w } from "../i18n/recordings";
import { type PlayState, RecordingPlayer } from "../player/recording_player";
import type { CameraDay } from "../state/camera_day";
import { to } from "../state/route";
import { Icon, type IconName } from "./Icon";
import { StageButton, toggleFullscreen } from "./StageButton";
import { pieceText } from "./pieceText";

export const SPEEDS = [1, 2, 4, 8];
/** While somebody drags, pictures are asked for this far apart. */
const DRAG_PAUSE_MS = 150;

/** What the screen does with the film. */
export interface Deck {
  readonly state: Signal<PlayState>;
  readonly playing: Signal<boolean>;
  readonly speed: Signal<number>;
  readonly muted: Signal<boolean>;
  seek: (at: number, final?: boolean, play?: boolean) => void;
  toggle: () => void;
  step: (direction: 1 | -1) => void;
  setSpeed: (speed: number) => void;
  setMuted: (muted: boolean) => void;
  attach: (videos: readonly [HTMLVideoElement, HTMLVideoElement]) => () => void;
}

export function useDeck(day: CameraDay): Deck {
  const state = useSignal<PlayState>("idle");
  const playing = useSignal(false);
  const speed = useSignal(1);
  const muted = useSignal(true);
  const kept = useRef<Deck | null>(null);
  kept.current ??= makeDeck(day, { state, playing, speed, muted });
  return kept.current;
}

type DeckSignals = Pick<Deck, "state" | "playing" | "speed" | "muted">;

function makeDeck(day: CameraDay, signals: DeckSignals): Deck {
  let player: RecordingPlayer | null = null;
  let dragging: ReturnType<typeof setTimeout> | undefined;
  let wasPlaying = false;
  /** The picture is on its way to this moment; where it still is does not count. */
  let target: number | null = null;

  function go(at: number, play: boolean): void {
    clearTimeout(dragging);
    dragging = undefined;
    target = null;
    signals.playing.value = play;
    void player?.seek(at, play);
  }

  return {
    ...signals,
    seek(at, final = true, play) {
      if (target === null && dragging === undefined) wasPlaying = signals.playing.value;
      day.moveTo(at);
      target = day.at.value;
      if (final) go(target, play ?? wasPlaying);
      else dragging ??= setTimeout(() => {
        dragging = undefined;
        if (target !== null) void player?.seek(target, false);
      }, DRAG_PAUSE_MS);
    },
    toggle() {
      if (signals.playing.value) player?.pause();
      else if (signals.state.value === "empty") this.seek(day.footageFrom(day.at.value)?.from ?? day.at.value, true, true);
      else player?.play();
      signals.playing.value = player?.playing ?? false;
    },
    step(direction) {
      void player?.step(direction);
      signals.playing.value = false;
    },
    setSpeed(speed) {
      signals.speed.value = speed;
      player?.setSpeed(speed);
    },
    setMuted(muted) {
      signals.muted.value = muted;
      player?.setMuted(muted);
    },
    attach(videos) {
      player = new RecordingPlayer(day.camera, videos, {
        state: (state) => {
          signals.state.value = state;
          signals.playing.value = player?.playing ?? false;
        },
        moment: (at) => {
          if (target === null) day.moveTo(at);
        },
        footage: (at) => {
          const found = day.footageFrom(at);
          return found && { from: found.from, to: found.to };
        },
        more: () => day.more(),
      });
      player.setMuted(signals.muted.value);
      return () => {
        player?.close();
        player = null;
      };
    },
  };
}

export function Playback({ camera, day, deck }: { camera: Camera; day: CameraDay; deck: Deck }) {
  const frame = useRef<HTMLDivElement>(null);
  const one = useRef<HTMLVideoElement>(null);
  const two = useRef<HTMLVideoElement>(null);
  useEffect(() => deck.attach([one.current!, two.current!]), [deck]);
  return (
    <div class="stage playback" ref={frame} data-state={deck.state.value}>
      <video ref={one} playsInline muted preload="auto" aria-label={w().recordings.videoLabel(camera.name)} />
      <video ref={two} playsInline muted preload="auto" hidden aria-label={w().recordings.videoLabel(camera.name)} />
      <Veil camera={camera} day={day} deck={deck} />
      <div class="stage-corner">
        {camera.record_audio && (
          <StageButton
            icon={deck.muted.value ? "mute" : "sound"}
            text={deck.muted.value ? t().player.soundOn : t().player.soundOff}
            onPress={() => deck.setMuted(!deck.muted.value)}
          />
        )}
        <StageButton icon="expand" text={t().player.fullscreen} onPress={() => void toggleFullscreen(frame.current, one.current)} />
      </div>
    </div>
  );
}

function Veil({ camera, day, deck }: { camera: Camera; day: CameraDay; deck: Deck }) {
  const words = w().recordings;
  const state = deck.state.value;
  if (state === "loading") {
    return (
      <div class="veil veil-waiting">
        <span class="spinner" aria-hidden="true" />
        {words.loadingPicture}
      </div>
    );
  }
  if (state === "empty") {
    const next = day.footageFrom(day.at.value);
    return (
      <div class="veil veil-solid" role="status">
        <p class="veil-title">{words.noFootage}</p>
        <p class="veil-reason">{pieceText(day.pieceAt(day.at.value))}</p>
        {next && (
          <button type="button" class="button" onClick={() => deck.seek(next.from, true, true)}>
            {words.goOn}
          </button>
        )}
      </div>
    );
  }
  if (state === "end") {
    return (
      <div class="veil-line veil-end" role="status">
        {words.atEnd} <a href={to.camera(camera.id)}>{words.live}</a>
      </div>
    );
  }
  if (state !== "failed" && state !== "offline") return null;
  return (
    <div class="veil veil-solid" role="alert">
      <Icon name="cameraOff" size={36} />
      <p class="veil-title">{state === "failed" ? words.failed : words.offline}</p>
      {state === "failed" && <p class="veil-reason">{words.failedText}</p>}
      {state === "offline" && (
        <button type="button" class="button" onClick={() => deck.seek(day.at.value)}>
          {t().retry}
        </button>
      )}
    </div>
  );
}

export function Controls({ day, deck }: { day: CameraDay; deck: Deck }) {
  const words = w().recordings;
  const toEvent = (direction: 1 | -1) => () => jumpToEvent(day, deck, direction);
  const toGap = (direction: 1 | -1) => () => jumpToGap(day, deck, direction);
  return (
    <div class="controls">
      <div class="controls-group">
        <Press icon="frameBack" text={words.frameBack} onPress={() => deck.step(-1)} />
        <button
          type="button"
          class="control control-main"
          aria-label={deck.playing.value ? words.pause : words.play}
          title={deck.playing.value ? words.pause : words.play}
          onClick={() => deck.toggle()}
        >
          <Icon name={deck.playing.value ? "pause" : "play"} size={26} />
        </button>
        <Press icon="frameOn" text={words.frameOn} onPress={() => deck.step(1)} />
      </div>
      <label class="speed">
        <span class="visually-hidden">{words.speed}</span>
        <select
          value={deck.speed.value}
          onChange={(event) => deck.setSpeed(Number(event.currentTarget.value))}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {speed}×
            </option>
          ))}
        </select>
      </label>
      <div class="controls-group controls-jumps">
        <Jump text={words.legend.event} back={words.previousEvent} on={words.nextEvent} toBack={toEvent(-1)} toNext={toEvent(1)} none={day.marks.value.length === 0} />
        <Jump text={words.legend.gap} back={words.previousGap} on={words.nextGap} toBack={toGap(-1)} toNext={toGap(1)} none={day.gaps.value.length === 0} />
      </div>
    </div>
  );
}

export function jumpToEvent(day: CameraDay, deck: Deck, direction: 1 | -1): void {
  const mark = day.neighbour(direction);
  if (mark) deck.seek(mark.from - 2000, true, true);
}

/** Just before the gap, where the last picture is. */
export function jumpToGap(day: CameraDay, deck: Deck, direction: 1 | -1): void {
  const gap = day.gapNear(direction);
  if (gap) deck.seek(gap.from, true, false);
}

function Press({ icon, text, onPress }: { icon: IconName; text: string; onPress: () => void }) {
  return (
    <button type="button" class="control" aria-label={text} title={text} onClick={onPress}>
      <Icon name={icon} />
    </button>
  );
}

function Jump(props: { text: string; back: string; on: string; toBack: () => void; toNext: () => void; none: boolean }) {
  return (
    <span class="jump" data-none={props.none}>
      <button type="button" class="control" aria-label={props.back} title={props.back} disabled={props.none} onClick={props.toBack}>
        <Icon name="left" />
      </button>
      <span aria-hidden="true">{props.text}</span>
      <button type="button" class="control" aria-label={props.on} title={props.on} disabled={props.none} onClick={props.toNext}>
        <Icon name="right" />
      </button>
    </span>
  );
}
