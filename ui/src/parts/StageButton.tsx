/** A round button on a picture, and what full screen takes. */
import { Icon } from "./Icon";

export function StageButton(props: { icon: "mute" | "sound" | "expand"; text: string; onPress: () => void }) {
  return (
    <button type="button" class="stage-button" aria-label={props.text} title={props.text} onClick={props.onPress}>
      <Icon name={props.icon} />
    </button>
  );
}

/** iPhones have full screen for the video itself only. */
export async function toggleFullscreen(frame: HTMLElement | null, video: HTMLVideoElement | null): Promise<void> {
  const phone = video as (HTMLVideoElement & { webkitEnterFullscreen?: () => void }) | null;
  if (document.fullscreenElement) await document.exitFullscreen();
  else if (frame?.requestFullscreen) await frame.requestFullscreen();
  else phone?.webkitEnterFullscreen?.();
}
