/** The few words of the alarm panel that other screens need, in the reader's language. */
import { language } from "../state/preferences";

const dictionaries = {
  de: {
    title: "Alarmanlage",
    short: "Scharf schalten, wenn niemand da ist; Sirene und Nachricht, wenn jemand einbricht.",
    open: "Zur Alarmanlage",
    words: {
      disarmed: "Unscharf",
      arming: "Wird scharf",
      home: "Scharf, zu Hause",
      away: "Scharf, abwesend",
      night: "Scharf, Nacht",
      pending: "Bitte unscharf schalten",
      triggered: "Alarm",
    },
  },
  en: {
    title: "Alarm panel",
    short: "Arm it when nobody is home; a siren and a message when somebody breaks in.",
    open: "Open the alarm panel",
    words: {
      disarmed: "Disarmed",
      arming: "Arming",
      home: "Armed, home",
      away: "Armed, away",
      night: "Armed, night",
      pending: "Please disarm",
      triggered: "Alarm",
    },
  },
};

export function alarmWords(): (typeof dictionaries)["de"] {
  return dictionaries[language.value];
}
