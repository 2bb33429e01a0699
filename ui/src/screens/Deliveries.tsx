/** What became of the messages to one receiver, try by try. */
import { useEffect } from "preact/hooks";
import { api } from "../api/client";
import { type Channel, DELIVERY_REASONS, type Delivery, type DeliveryReason } from "../api/types";
import { fullTime, number, t, timeNear } from "../i18n";
import { germanReason } from "../i18n/german_reason";
import { isolated } from "../i18n/isolate";
import { Icon } from "../parts/Icon";
import { ErrorNote, Loading } from "../parts/Notice";
import { useLoaded } from "../parts/useLoaded";
import { now } from "../state/clock";
import { language } from "../state/preferences";
import { siteById } from "../state/world";

const SHOWN = 20;
const REASONS: ReadonlySet<string> = new Set(DELIVERY_REASONS);

/** Why a try did not succeed, in the reader's words; what the server said where it has no words. A test has one try only. */
export function reasonText(delivery: Delivery): { main: string; detail: string } {
  const said = delivery.kind === "test" ? delivery.what.replace(/ It is tried again\.$/, "") : delivery.what;
  if (language.value === "en") return { main: said || t().errors.internal, detail: "" };
  const exact = germanReason(delivery.code, delivery.details);
  if (exact) return { main: exact, detail: "" };
  if (!REASONS.has(delivery.reason)) return { main: said || t().errors.internal, detail: "" };
  return { main: t().messages.reasons[delivery.reason as DeliveryReason], detail: said };
}

export function resultText(delivery: Delivery): string {
  const failedTest = delivery.kind === "test" && delivery.result !== "delivered";
  return failedTest ? t().messages.notArrived : t().messages.result[delivery.result];
}

export function zoneOfChannel(channel: Channel): string | undefined {
  return channel.site === null ? undefined : siteById(channel.site)?.time_zone;
}

export function Deliveries({ channel, newest }: { channel: Channel; newest: string }) {
  const tries = useLoaded(() => api.deliveries(channel.id, SHOWN));
  useEffect(() => void tries.load(), [newest]);
  const found = tries.value.value;
  return (
    <section class="tries" aria-label={t().messages.triesOf(isolated(channel.name))}>
      {tries.error && <ErrorNote error={tries.error} retry={() => void tries.load()} />}
      {!found && !tries.error && <Loading />}
      {found?.length === 0 && <p class="soft">{t().messages.noTries}</p>}
      <ul class="findings">
        {found?.map((delivery) => (
          <Try key={`${delivery.message} ${delivery.attempt} ${delivery.at}`} delivery={delivery} zone={zoneOfChannel(channel)} />
        ))}
      </ul>
    </section>
  );
}

const LEVEL = { delivered: "ok", failed: "warning", refused: "error" } as const;
const LEVEL_ICON = { delivered: "check", failed: "clock", refused: "alert" } as const;

function Try({ delivery, zone }: { delivery: Delivery; zone: string | undefined }) {
  const reason = delivery.result === "delivered" ? null : reasonText(delivery);
  const facts = [
    t().messages.attempt(delivery.attempt),
    delivery.status === null ? "" : t().messages.answer(delivery.status),
    `${number(delivery.duration_ms)} ms`,
  ];
  return (
    <li class="finding" data-level={LEVEL[delivery.result]}>
      <Icon name={LEVEL_ICON[delivery.result]} />
      <div>
        <p>
          {t().messages.kind[delivery.kind]}: {resultText(delivery)}
        </p>
        <p class="detail">
          <time dateTime={delivery.at} title={fullTime(delivery.at, zone)}>
            {timeNear(delivery.at, zone, now.value)}
          </time>
          {` · ${facts.filter(Boolean).join(" · ")}`}
        </p>
        {reason && <p class="detail">{reason.main}</p>}
        {reason?.detail && (
          <p class="detail" lang="en">
            {reason.detail}
          </p>
        )}
      </div>
    </li>
  );
}
