/** Whether a camera is shown to the local network as a Wemo motion sensor, and what that means. */
import { useSignal } from "@preact/signals";
import { api } from "../api/client";
import type { WemoNetworks, WemoShown } from "../api/wemo";
import { duration } from "../i18n";
import { isolated } from "../i18n/isolate";
import { wemoText } from "../i18n/wemo";
import { CheckField, RangeField, SwitchField } from "./Field";
import { ErrorNote, Note } from "./Notice";
import { useLoaded } from "./useLoaded";
import { useTask } from "./useTask";

interface Known {
  networks: WemoNetworks;
  shown: WemoShown;
}

export function WemoShow({ camera }: { camera: string }) {
  const known = useLoaded(async (): Promise<Known> => {
    const [networks, shown] = await Promise.all([api.wemoNetworks(), api.wemoShown(camera)]);
    return { networks, shown };
  });
  const words = wemoText();
  return (
    <section class="panel" aria-labelledby="wemo">
      <div class="panel-head">
        <h2 id="wemo">{words.showTitle}</h2>
        <p class="soft">{words.showIntro}</p>
      </div>
      {known.error && <ErrorNote error={known.error} retry={() => void known.load()} />}
      {known.value.value && <ShowForm camera={camera} known={known.value.value} />}
    </section>
  );
}

function ShowForm({ camera, known }: { camera: string; known: Known }) {
  const networks = useSignal(known.networks);
  const shown = useSignal(known.shown);
  const hold = useSignal(known.shown.hold_s);
  const saved = useSignal(false);
  const task = useTask();
  const words = wemoText();
  const { addresses, choices } = networks.value;
  const offered = [...new Set([...addresses, ...choices])];

  function save(change: () => Promise<void>): void {
    if (task.busy) return;
    saved.value = false;
    void task.run(change).then((well) => (saved.value = well));
  }

  /** With one network there is nothing to choose; it is taken when the camera is first shown. */
  async function show(on: boolean): Promise<void> {
    if (on && addresses.length === 0 && offered.length > 0) networks.value = await api.setWemoNetworks(offered.slice(0, 1));
    shown.value = await api.showAsWemo(camera, on, hold.value);
  }

  if (offered.length === 0) return <Note icon="alert">{words.noNetworks}</Note>;
  return (
    <>
      <SwitchField
        label={words.show}
        hint={words.showWarning}
        on={shown.value.shown}
        onSwitch={(on) => save(() => show(on))}
      />
      {shown.value.shown && (
        <>
          <p class="soft">{shown.value.urls.length > 0 || task.busy || saved.value ? words.seenAs(isolated(shown.value.name)) : words.notSeen}</p>
          <RangeField
            label={words.hold}
            min={5}
            max={600}
            step={5}
            value={hold.value}
            shown={duration(hold.value)}
            onNumber={(seconds) => {
              hold.value = seconds;
              save(async () => void (shown.value = await api.showAsWemo(camera, true, seconds)));
            }}
          />
        </>
      )}
      {(offered.length > 1 || shown.value.shown) && (
        <CheckField
          label={words.networks}
          chosen={addresses}
          choices={offered.map((value) => ({ value, text: value, hint: networks.value.troubles[value] ?? "" }))}
          onChosen={(chosen) => save(async () => void (networks.value = await api.setWemoNetworks(chosen)))}
        />
      )}
      {task.error && <ErrorNote error={task.error} />}
      <div role="status">{saved.value && <p class="hint">{words.saved}</p>}</div>
    </>
  );
}
