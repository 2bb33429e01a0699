/** The announced end of an operator's service, as text: who, when, why, and that cameras go on. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, api } from "../api/client";
import type { Sunset } from "../api/types";
import { dateText, t } from "../i18n";
import { isolated } from "../i18n/isolate";
import { Icon } from "./Icon";

const AGAIN_MS = 3_600_000;

const announced = signal<Sunset | null>(null);

/** What cannot be had now is simply not told. */
async function look(): Promise<void> {
  try {
    announced.value = await api.sunset();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

export function SunsetNews() {
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const sunset = announced.value;
  if (!sunset?.announced) return null;
  const notice = sunset.verified ? sunset.notice : null;
  return (
    <section class="sunset-news" aria-label={t().sunset.title}>
      <Icon name="clock" size={20} />
      <div>
        {notice ? (
          <details>
            <summary>{t().sunset.ends(isolated(notice.operator), dateText(`${notice.ends_on}T12:00:00Z`, "UTC", true))}</summary>
            <p class="reason" dir="auto">
              {notice.reason}
            </p>
            <ol>
              {sunset.steps.map((step) => (
                <li key={step.step} class={step.on ? "" : "soft"}>
                  {step.on ? `${dateText(`${step.on}T12:00:00Z`, "UTC", true)}: ` : `${t().sunset.toCome} `}
                  {t().sunset.steps[step.step]}
                </li>
              ))}
            </ol>
          </details>
        ) : (
          <p>{t().sunset.doubtful}</p>
        )}
        <p class="soft">{t().sunset.goesOn}</p>
      </div>
    </section>
  );
}
