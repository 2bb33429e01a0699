/** What is worth a word about a camera that has just been added; gone when it was read. */
import { signal } from "@preact/signals";
import type { Finding } from "../api/types";

export const justAdded = signal<{ camera: string; findings: Finding[] } | null>(null);

export function noteAdded(camera: string, findings: Finding[]): void {
  const worth = findings.filter((one) => one.level !== "ok");
  justAdded.value = worth.length > 0 ? { camera, findings: worth } : null;
}
