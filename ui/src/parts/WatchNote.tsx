/** How a camera is watched for motion at this moment, said honestly. */
import type { Camera } from "../api/types";
import { m } from "../i18n/motion";
import { Note } from "./Notice";
import { sinceText } from "./StateText";

/** What is looked at, and why where Wachtel has chosen that; nothing before it is known. */
export function WatchNote({ camera }: { camera: Camera }) {
  const { watched } = camera;
  if (!watched) return null;
  return (
    <Note icon={watched.reason === "budget" ? "alert" : "dot"}>
      <p>
        {m().watched[watched.policy]} {m().watchedWhy[watched.reason]}
      </p>
      <p class="soft">{sinceText(watched.since)}</p>
    </Note>
  );
}
