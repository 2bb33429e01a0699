/** English words for what cameras can be made to do. */
import type { controlsDe } from "./controls_de";

export const controlsEn: typeof controlsDe = {
  controls: {
    trust: {
      look: "Look at the new certificate",
      question: "Accept the new certificate?",
      text: "Only if you have reset the camera, renewed its firmware or exchanged its certificate. Many cameras show the fingerprint in their own settings, under HTTPS.",
      before: "Before",
      now: "Now",
      accept: "Accept",
      none: "The camera shows no other certificate at the moment.",
    },
    title: "Control",
    hold: "Hold to turn; let go to stop.",
    holdZoom: "Hold to zoom; let go to stop.",
    ways: {
      up: "up",
      down: "down",
      left: "to the left",
      right: "to the right",
      in: "nearer",
      out: "farther away",
    },
    presets: "Positions",
    goesTo: (name) => `The camera turns to ${name}.`,
    relays: "Outputs",
    relay: (id) => `Output ${id}`,
    pulse: (seconds) => `goes off by itself after ${seconds}`,
    on: "On",
    off: "Off",
    confirmOn: (id) => `Switch output ${id} on?`,
    confirmOff: (id) => `Switch output ${id} off?`,
    confirmText: "What is wired to it switches at once: light, siren, door opener.",
    switchOn: "Switch on",
    switchOff: "Switch off",
    told: (id, on) => `Output ${id} was switched ${on ? "on" : "off"}.`,
  },
};
