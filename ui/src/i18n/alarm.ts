/** Words of the alarm panel in the reader's language. */
import { language } from "../state/preferences";
import { alarmDe } from "./alarm_de";
import { alarmEn } from "./alarm_en";

const dictionaries = { de: alarmDe, en: alarmEn };

export function alarmText(): typeof alarmDe {
  return dictionaries[language.value];
}
