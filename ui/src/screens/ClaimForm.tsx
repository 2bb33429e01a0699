/** Where a customer claims a refund, without an account. */
import { useSignal } from "@preact/signals";
import type { ApiError, Problem } from "../api/client";
import { type Bank, type ClaimForm, type NewCamera, type NewClaim, claims, newKey } from "../api/claims";
import { calendarDay, regionName } from "../i18n";
import { claimsText, said } from "../i18n/claims";
import { BankFields } from "../parts/BankFields";
import { SelectField, Submit, TextField } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Blank, ErrorNote, Loading } from "../parts/Notice";
import { Screen } from "../parts/Screen";
import { useLoaded } from "../parts/useLoaded";
import { useTask } from "../parts/useTask";
import { t } from "../i18n";
import { language } from "../state/preferences";
import { go, to } from "../state/route";

type Plan = "none" | "yearly" | "monthly";
type CameraDraft = Required<NewCamera>;

const NEW_CAMERA: CameraDraft = { serial: "", kind: "refund", bought_on: "", price: "", currency: "", voucher: "" };

/** People write 119,99 or 119.99; the server reads the second. */
function decimal(text: string): string {
  return text.trim().replace(",", ".");
}

export function ClaimFormScreen() {
  const form = useLoaded(claims.form);
  const words = claimsText();
  return (
    <Screen title={words.formTitle} width="narrow">
      {form.error && <ErrorNote error={form.error} retry={() => void form.load()} />}
      {!form.value.value && !form.error && <Loading />}
      {form.value.value && !form.value.value.open && <Blank title={words.closed} text={words.closedText} />}
      {form.value.value?.open && <Form about={form.value.value} />}
    </Screen>
  );
}

function Form({ about }: { about: ClaimForm }) {
  const words = claimsText();
  const contact = useSignal({ name: "", email: "", address: "" });
  const residence = useSignal(language.value === "de" ? "DE" : "US");
  const plan = useSignal<Plan>("none");
  const period = useSignal({ starts_on: "", ends_on: "" });
  const cameras = useSignal<CameraDraft[]>([]);
  const bank = useSignal<Bank>({ holder: "" });
  const empty = useSignal(false);
  // One key for all tries: a second click is the same claim.
  const key = useSignal(newKey());
  const task = useTask();
  const currency = about.currencies[residence.value] ?? "EUR";

  function asked(): NewClaim {
    return {
      key: key.value,
      residence: residence.value,
      subscription: plan.value === "none" ? null : { plan: plan.value, ...period.value },
      cameras: cameras.value.map((camera) => sent(camera, currency)),
      contact: contact.value,
      bank: { ...bank.value, holder: bank.value.holder || contact.value.name },
    };
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    empty.value = plan.value === "none" && cameras.value.length === 0;
    if (task.busy || empty.value) return;
    void task.run(async () => {
      const made = await claims.handIn(asked());
      go(to.claim(made.id, key.value).slice(1));
    });
  }

  return (
    <form class="panels" onSubmit={submit}>
      <section class="panel">
        <div class="panel-head">
          <p>{words.formIntro}</p>
          {about.claims_until && <p class="soft">{words.until(calendarDay(about.claims_until))}</p>}
        </div>
      </section>
      <section class="panel" aria-labelledby="claim-you">
        <h2 id="claim-you">{words.you}</h2>
        <div class="columns">
          <TextField label={words.name} required maxLength={300} autocomplete="name" value={contact.value.name} onText={(name) => (contact.value = { ...contact.value, name })} />
          <TextField label={words.email} technical maxLength={300} autocomplete="email" note={t().optional} value={contact.value.email} onText={(email) => (contact.value = { ...contact.value, email })} />
        </div>
        <TextField label={words.address} maxLength={1000} autocomplete="street-address" note={t().optional} hint={words.addressHint} value={contact.value.address} onText={(address) => (contact.value = { ...contact.value, address })} />
        <SelectField label={words.residence} value={residence.value} choices={regions(about)} onChoice={(next) => (residence.value = next)} />
      </section>
      <section class="panel" aria-labelledby="claim-plan">
        <h2 id="claim-plan">{words.plan}</h2>
        <SelectField<Plan>
          label={words.plan}
          value={plan.value}
          choices={(["none", "yearly", "monthly"] as const).map((value) => ({ value, text: words.plans[value] }))}
          onChoice={(next) => (plan.value = next)}
        />
        {plan.value !== "none" && (
          <div class="columns">
            <TextField label={words.startsOn} type="date" required value={period.value.starts_on} onText={(starts_on) => (period.value = { ...period.value, starts_on })} />
            <TextField label={words.endsOn} type="date" required hint={words.endsOnHint} value={period.value.ends_on} onText={(ends_on) => (period.value = { ...period.value, ends_on })} />
          </div>
        )}
      </section>
      <section class="panel" aria-labelledby="claim-cameras">
        <h2 id="claim-cameras">{words.cameras}</h2>
        {cameras.value.map((camera, place) => (
          <CameraFields
            key={place}
            place={place}
            camera={camera}
            currency={currency}
            onCamera={(next) => (cameras.value = cameras.value.map((one, at) => (at === place ? next : one)))}
            onRemove={() => (cameras.value = cameras.value.filter((_one, at) => at !== place))}
          />
        ))}
        <div class="actions">
          <button type="button" class="button" onClick={() => (cameras.value = [...cameras.value, NEW_CAMERA])}>
            <Icon name="plus" />
            {words.addCamera}
          </button>
        </div>
      </section>
      <section class="panel" aria-labelledby="claim-bank">
        <h2 id="claim-bank">{words.bank}</h2>
        <BankFields bank={bank.value} name={contact.value.name} american={residence.value === "US"} onBank={(next) => (bank.value = next)} />
      </section>
      {empty.value && <p class="field-error" role="alert">{words.nothingClaimed}</p>}
      {task.error && <WrongFields error={task.error} />}
      <div class="actions">
        <Submit busy={task.busy}>{words.handIn}</Submit>
      </div>
    </form>
  );
}

function sent(camera: CameraDraft, currency: string): NewCamera {
  const given: NewCamera = { serial: camera.serial.trim(), kind: camera.kind };
  if (camera.kind === "disposal") return given;
  return {
    ...given,
    ...(camera.bought_on && { bought_on: camera.bought_on }),
    ...(camera.price && { price: decimal(camera.price), currency: camera.currency || currency }),
    ...(camera.voucher && { voucher: decimal(camera.voucher) }),
  };
}

function regions(about: ClaimForm): { value: string; text: string }[] {
  return Object.keys(about.currencies)
    .filter((code) => code !== "UK")
    .map((value) => ({ value, text: regionName(value) }))
    .sort((one, other) => one.text.localeCompare(other.text, language.value));
}

function CameraFields(props: {
  place: number;
  camera: CameraDraft;
  currency: string;
  onCamera: (camera: CameraDraft) => void;
  onRemove: () => void;
}) {
  const words = claimsText();
  const { camera, onCamera } = props;
  return (
    <fieldset class="claim-camera">
      <legend>{words.camera(props.place + 1)}</legend>
      <div class="columns">
        <TextField label={words.serial} technical required maxLength={200} hint={words.serialHint} value={camera.serial} onText={(serial) => onCamera({ ...camera, serial })} />
        <SelectField
          label={words.kind}
          value={camera.kind}
          choices={(["refund", "disposal"] as const).map((value) => ({ value, text: words.kinds[value] }))}
          onChoice={(kind) => onCamera({ ...camera, kind })}
        />
      </div>
      {camera.kind === "refund" && (
        <div class="columns">
          <TextField label={words.boughtOn} type="date" required value={camera.bought_on} onText={(bought_on) => onCamera({ ...camera, bought_on })} />
          <TextField label={`${words.price} (${camera.currency || props.currency})`} technical required maxLength={30} hint={words.priceHint} value={camera.price} onText={(price) => onCamera({ ...camera, price })} />
          <TextField label={words.voucher} technical maxLength={30} note={t().optional} value={camera.voucher} onText={(voucher) => onCamera({ ...camera, voucher })} />
        </div>
      )}
      <button type="button" class="text-button" onClick={props.onRemove}>
        {t().remove}
      </button>
    </fieldset>
  );
}

function WrongFields({ error }: { error: ApiError }) {
  if (!error.problems.length) return <ErrorNote error={error} />;
  return (
    <div class="note note-error" role="alert">
      <Icon name="alert" />
      <div>
        <p>{claimsText().wrongFields}</p>
        <ul>
          {error.problems.map((problem) => (
            <li key={problem.field}>
              {fieldName(problem)}: {said(problem.text)}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** `cameras[0].price` as the form calls it. */
function fieldName({ field }: Problem): string {
  const words = claimsText();
  const names: Record<string, string> = {
    residence: words.residence,
    starts_on: words.startsOn,
    ends_on: words.endsOn,
    serial: words.serial,
    bought_on: words.boughtOn,
    price: words.price,
    voucher: words.voucher,
    currency: words.currency,
  };
  const [, place] = /^cameras\[(\d+)\]/.exec(field) ?? [];
  const last = field.split(".").pop()!;
  const name = names[last] ?? last;
  return place === undefined ? name : `${words.camera(Number(place) + 1)}, ${name}`;
}
