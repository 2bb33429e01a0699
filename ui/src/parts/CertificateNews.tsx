/** That a certificate ends soon, for those who can do something about it. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { ApiError, api } from "../api/client";
import type { ServerCertificate } from "../api/types";
import { dateText, t } from "../i18n";
import { now } from "../state/clock";
import { mayAdmin } from "../state/world";
import { Note } from "./Notice";

const AGAIN_MS = 3_600_000;

function headline({ kind, ends }: ServerCertificate): string {
  const { ends: own, authorityEnds } = t().certificates;
  return (kind === "authority" ? authorityEnds : own)(dateText(ends, "UTC", true), Date.parse(ends) < now.value);
}

function nextStep({ kind, owned }: ServerCertificate): string {
  const { authority, owned: byOwner, ours } = t().certificates;
  return kind === "authority" ? authority : owned ? byOwner : ours;
}

export function CertificateNews() {
  const certificates = useSignal<ServerCertificate[]>([]);

  /** What cannot be had now is simply not told. */
  async function look(): Promise<void> {
    try {
      certificates.value = await api.serverCertificates();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
  useEffect(() => {
    if (!mayAdmin.value) return undefined;
    void look();
    const timer = setInterval(() => void look(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [mayAdmin.value]);
  return (
    <>
      {certificates.value
        .filter((one) => one.soon)
        .map((one) => (
          <Note key={one.kind} icon="key">
            <p>
              <strong>{headline(one)}</strong> {nextStep(one)}
            </p>
          </Note>
        ))}
    </>
  );
}
