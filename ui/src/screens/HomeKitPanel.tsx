/** The bridge to Apple Home: on or off, and how to pair. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, api } from "../api/client";
import type { HomeKit } from "../api/smart_home";
import { smartHomeText } from "../i18n/smart_home";
import { Confirm } from "../parts/Confirm";
import { SelectField, SwitchField } from "../parts/Field";
import { ErrorNote, Loading } from "../parts/Notice";
import { useLoaded } from "../parts/useLoaded";
import { useTask } from "../parts/useTask";

const LOOK_AGAIN_MS = 3000;

export function HomeKitPanel() {
  const homekit = useLoaded(api.homekit);
  const { load, error } = homekit;
  const found = homekit.value.value;
  const on = found?.enabled ?? false;

  useEffect(() => {
    if (error || !on) return undefined;
    const timer = setInterval(() => void (document.hidden || load()), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [error, on]);

  return (
    <section class="panel" aria-labelledby="homekit">
      <div class="panel-head">
        <h2 id="homekit">{smartHomeText().homekit}</h2>
        <p class="soft">{smartHomeText().homekitIntro}</p>
      </div>
      {error && <ErrorNote error={error} retry={() => void load()} />}
      {!found && !error && <Loading />}
      {found && <Bridge homekit={found} onChanged={() => void load()} />}
    </section>
  );
}

function Bridge({ homekit, onChanged }: { homekit: HomeKit; onChanged: () => void }) {
  const words = smartHomeText();
  const address = useSignal(homekit.address ?? homekit.addresses[0] ?? "");
  const asking = useSignal(false);
  const task = useTask();
  const { trouble } = homekit;
  const addresses = [...new Set([...(homekit.address ? [homekit.address] : []), ...homekit.addresses])];

  function set(enabled: boolean): void {
    const wanted = { address: address.value, port: homekit.port, enabled };
    void task.run(async () => void (await api.setHomekit(wanted))).then(onChanged);
  }

  return (
    <>
      {addresses.length > 1 && (
        <SelectField
          label={words.address}
          hint={words.addressHint}
          value={address.value}
          choices={addresses.map((one) => ({ value: one, text: one }))}
          onChoice={(one) => {
            address.value = one;
            if (homekit.enabled) set(true);
          }}
        />
      )}
      <SwitchField label={words.homekitOn} on={homekit.enabled} onSwitch={set} />
      {task.error && <ErrorNote error={task.error} />}
      {trouble && (
        <ErrorNote error={new ApiError(trouble.kind, trouble.what, trouble.hint, trouble.details, 0, trouble.code)} />
      )}
      {homekit.enabled && homekit.paired > 0 && (
        <>
          <p role="status">{words.paired(homekit.paired)}</p>
          <div class="actions">
            <button type="button" class="button" onClick={() => (asking.value = true)}>
              {words.reset}
            </button>
          </div>
        </>
      )}
      {homekit.running && homekit.paired === 0 && homekit.qr && homekit.code && (
        <div class="pairing">
          <img src={homekit.qr} alt={words.qr} width={148} height={148} />
          <div>
            <p>{words.pairing}</p>
            <p class="pairing-code">
              {words.setupCode}: <strong>{homekit.code}</strong>
            </p>
          </div>
        </div>
      )}
      <Confirm
        open={asking.value}
        question={words.resetQuestion}
        text={words.resetText}
        action={words.reset}
        busy={task.busy}
        onConfirm={() =>
          void task.run(async () => void (await api.resetHomekit())).then(() => {
            asking.value = false;
            onChanged();
          })
        }
        onClose={() => (asking.value = false)}
      />
    </>
  );
}
