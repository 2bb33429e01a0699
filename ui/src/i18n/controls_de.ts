/** Deutsche Worte für das, was man Kameras tun lassen kann. */
export const controlsDe = {
  controls: {
    title: "Steuern",
    hold: "Halten, um zu schwenken; loslassen hält an.",
    holdZoom: "Halten, um zu zoomen; loslassen hält an.",
    ways: {
      up: "nach oben",
      down: "nach unten",
      left: "nach links",
      right: "nach rechts",
      in: "näher heran",
      out: "weiter weg",
    },
    presets: "Positionen",
    goesTo: (name: string) => `Die Kamera schwenkt zu ${name}.`,
    relays: "Ausgänge",
    relay: (id: string) => `Ausgang ${id}`,
    pulse: (seconds: string) => `geht nach ${seconds} von selbst wieder aus`,
    on: "Ein",
    off: "Aus",
    confirmOn: (id: string) => `Ausgang ${id} einschalten?`,
    confirmOff: (id: string) => `Ausgang ${id} ausschalten?`,
    confirmText: "Was daran hängt, schaltet sofort: Licht, Sirene, Türöffner.",
    switchOn: "Einschalten",
    switchOff: "Ausschalten",
    told: (id: string, on: boolean) => `Ausgang ${id} wurde ${on ? "eingeschaltet" : "ausgeschaltet"}.`,
  },
};
