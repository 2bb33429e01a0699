/** What a probe remarks on, in German; English readers get the server's own sentences. A missing kind does not compile. */
import type { Finding, RemarkKind } from "../api/types";
import { number } from "./index";

export const germanRemarks: Record<RemarkKind, (finding: Finding) => string> = {
  video: (finding) => `Das Video lässt sich aufnehmen.${keyFrames(finding.what)}`,
  audio: () => "Die Kamera sendet auch Ton. Aufgenommen wird er nur, wenn Sie das einschalten.",
  sub_stream: (finding) =>
    `Auf dem kleinen Nebenstrom der Kamera ist Bewegung mit weniger Aufwand zu erkennen. ${place(finding.hint)}`,
  h265: () =>
    "H.265 wird aufgenommen, wie es ist, aber viele Browser können es nicht zeigen. Für ein Live-Bild in jedem Browser stellen Sie die Kamera oder wenigstens ihren Nebenstrom auf H.264.",
  long_gop: () =>
    "Zwischen zwei Schlüsselbildern vergehen mehr als 4,5 Sekunden: Bilder beginnen spät, Clips werden ungenau. Stellen Sie den Abstand (I-Frame-Intervall) auf eine oder zwei Sekunden und H.264+ oder H.265+ aus.",
  mjpeg: () =>
    "Die Kamera sendet lauter einzelne JPEG-Bilder. Bietet sie auch RTSP mit H.264 an, nehmen Sie das: ebenso scharf bei einem Zehntel der Daten.",
  no_picture: () =>
    "Das Bild lässt sich hier nicht entschlüsseln. Versuchen Sie in der Kamera eine andere Auflösung oder ein anderes Profil.",
};

function keyFrames(what: string): string {
  const seconds = /key frame every ([0-9.]+) s/.exec(what)?.[1];
  return seconds ? ` Schlüsselbilder kommen alle ${number(Number.parseFloat(seconds), 1)} s.` : "";
}

function place(hint: string): string {
  const address = /[a-z]+:\/\/\S+/.exec(hint)?.[0].replace(/\.$/, "");
  return address ? `Vielleicht liegt er unter ${address}` : "Seinen Pfad nennt die Anleitung der Kamera.";
}
