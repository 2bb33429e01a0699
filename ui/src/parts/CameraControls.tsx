/** Turning, zooming, positions and outputs of a camera that has them; nothing at all for the others. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError, api } from "../api/client";
import type { Camera, Controls, Relay, Speeds } from "../api/types";
import { duration } from "../i18n";
import { controlsText } from "../i18n/controls";
import { isolated } from "../i18n/isolate";
import { Confirm } from "./Confirm";
import { Icon, type IconName } from "./Icon";
import { ErrorNote } from "./Notice";
import { useLoaded } from "./useLoaded";
import { useTask } from "./useTask";

/** The server stops a camera that nobody has asked for 1.5 s to go on. */
const AGAIN_MS = 500;
const SPEED = 0.6;

const WAYS = {
  up: { tilt: SPEED },
  left: { pan: -SPEED },
  right: { pan: SPEED },
  down: { tilt: -SPEED },
  in: { zoom: SPEED },
  out: { zoom: -SPEED },
} as const satisfies Record<string, Partial<Speeds>>;
type Way = keyof typeof WAYS;
const ICONS: Record<Way, IconName> = { up: "up", down: "down", left: "left", right: "right", in: "plus", out: "minus" };

export function CameraControls({ camera }: { camera: Camera }) {
  const asked = useLoaded(() => api.controls(camera.id));
  const found = asked.value.value;
  const offline = camera.streams.main.condition !== "live";
  if (asked.error && offline) return null;
  if (asked.error) return <ErrorNote error={asked.error} retry={() => void asked.load()} />;
  if (!found || !(found.turns || found.zooms || found.presets.length || found.relays.length)) return null;
  return (
    <section class="controls" aria-labelledby="controls">
      <h2 id="controls" class="visually-hidden">
        {controlsText().title}
      </h2>
      {(found.turns || found.zooms) && <Head camera={camera} found={found} />}
      {(found.presets.length > 0 || found.relays.length > 0) && (
        <div class="controls-lists">
          {found.presets.length > 0 && <Presets camera={camera} found={found} />}
          {found.relays.length > 0 && <Relays camera={camera} relays={found.relays} />}
        </div>
      )}
    </section>
  );
}

/** Keeps asking while a button is held, one question at a time, and says stop when it is let go. */
function useHold(camera: string): { held: Way | null; error: ApiError | null; hold: (way: Way) => void; letGo: (way?: Way) => void } {
  const held = useSignal<Way | null>(null);
  const error = useSignal<ApiError | null>(null);
  const timer = useRef(0);
  const talking = useRef(false);

  async function tell(): Promise<void> {
    if (talking.current) return;
    talking.current = true;
    const way = held.peek();
    try {
      await api.move(camera, { pan: 0, tilt: 0, zoom: 0, ...(way ? WAYS[way] : {}) });
      error.value = null;
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      error.value = caught;
      stopAsking();
      held.value = null;
    } finally {
      talking.current = false;
    }
    if (held.peek() !== way) await tell();
  }

  function stopAsking(): void {
    window.clearInterval(timer.current);
    timer.current = 0;
  }

  function hold(way: Way): void {
    if (held.peek() === way) return;
    held.value = way;
    stopAsking();
    timer.current = window.setInterval(() => void tell(), AGAIN_MS);
    void tell();
  }

  /** Of this button, or of whichever is held; one that loses the focus to another must not stop that one. */
  function letGo(way?: Way): void {
    if (held.peek() === null || (way && held.peek() !== way)) return;
    held.value = null;
    stopAsking();
    void tell();
  }

  useEffect(() => {
    const away = () => letGo();
    document.addEventListener("visibilitychange", away);
    window.addEventListener("blur", away);
    return () => {
      document.removeEventListener("visibilitychange", away);
      window.removeEventListener("blur", away);
      letGo();
    };
  }, [camera]);
  return { held: held.value, error: error.value, hold, letGo };
}

function Head({ camera, found }: { camera: Camera; found: Controls }) {
  const { held, error, hold, letGo } = useHold(camera.id);
  const button = (way: Way) => <HoldButton key={way} way={way} held={held === way} hold={hold} letGo={letGo} />;
  return (
    <div class="controls-head">
      <div class="controls-pad">
        {found.turns && <div class="controls-cross">{(["up", "left", "right", "down"] as const).map(button)}</div>}
        {found.zooms && <div class="controls-zoom">{(["in", "out"] as const).map(button)}</div>}
      </div>
      <p class="hint">{found.turns ? controlsText().hold : controlsText().holdZoom}</p>
      {error && <ErrorNote error={error} />}
    </div>
  );
}

function HoldButton(props: { way: Way; held: boolean; hold: (way: Way) => void; letGo: (way: Way) => void }) {
  const label = controlsText().ways[props.way];
  const letGo = () => props.letGo(props.way);
  return (
    <button
      type="button"
      class={`hold-button hold-${props.way}`}
      aria-label={label}
      title={label}
      data-held={props.held}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        props.hold(props.way);
      }}
      onPointerUp={letGo}
      onPointerCancel={letGo}
      onLostPointerCapture={letGo}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key !== " " && event.key !== "Enter") return;
        event.preventDefault();
        props.hold(props.way);
      }}
      onKeyUp={letGo}
      onBlur={letGo}
    >
      <Icon name={ICONS[props.way]} size={24} />
    </button>
  );
}

function Presets({ camera, found }: { camera: Camera; found: Controls }) {
  const task = useTask();
  const told = useSignal("");
  const go = (id: string, name: string) =>
    void task.run(async () => {
      await api.goTo(camera.id, id);
      told.value = controlsText().goesTo(isolated(name));
    });
  return (
    <div>
      <h3>{controlsText().presets}</h3>
      <div class="controls-presets">
        {found.presets.map((preset) => (
          <button key={preset.id} type="button" class="button" aria-disabled={task.busy} onClick={() => go(preset.id, preset.name)}>
            <bdi>{preset.name}</bdi>
          </button>
        ))}
      </div>
      <div role="status">{told.value && !task.error && <p class="hint">{told.value}</p>}</div>
      {task.error && <ErrorNote error={task.error} />}
    </div>
  );
}

function Relays({ camera, relays }: { camera: Camera; relays: Relay[] }) {
  const wanted = useSignal<{ id: string; on: boolean } | null>(null);
  const told = useSignal("");
  const task = useTask();
  const words = controlsText();
  const asking = wanted.value;

  async function confirmed(): Promise<void> {
    if (!asking || task.busy) return;
    const done = await task.run(async () => void (await api.switchRelay(camera.id, asking.id, asking.on)));
    if (done) told.value = words.told(isolated(asking.id), asking.on);
    wanted.value = null;
  }

  return (
    <div>
      <h3>{words.relays}</h3>
      <ul class="rows">
        {relays.map((relay) => (
          <li key={relay.id} class="row">
            <span class="row-main">
              <bdi>{relay.id}</bdi>
              {relay.pulse_s !== null && <span class="soft row-more">{words.pulse(duration(relay.pulse_s))}</span>}
            </span>
            <span class="actions">
              {([true, false] as const).map((on) => (
                <button
                  key={String(on)}
                  type="button"
                  class="button"
                  aria-label={`${words.relay(relay.id)}: ${on ? words.switchOn : words.switchOff}`}
                  onClick={() => (wanted.value = { id: relay.id, on })}
                >
                  {on ? words.on : words.off}
                </button>
              ))}
            </span>
          </li>
        ))}
      </ul>
      <div role="status">{told.value && !task.error && <p class="hint">{told.value}</p>}</div>
      {task.error && <ErrorNote error={task.error} />}
      <Confirm
        open={asking !== null}
        question={asking ? (asking.on ? words.confirmOn : words.confirmOff)(isolated(asking.id)) : ""}
        text={words.confirmText}
        action={asking?.on ? words.switchOn : words.switchOff}
        busy={task.busy}
        onConfirm={() => void confirmed()}
        onClose={() => (wanted.value = null)}
      />
    </div>
  );
}
