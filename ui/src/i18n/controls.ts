/** Words for what cameras can be made to do, in the reader's language. */
import { language } from "../state/preferences";
import { controlsDe } from "./controls_de";
import { controlsEn } from "./controls_en";

const dictionaries = { de: controlsDe.controls, en: controlsEn.controls };

export function controlsText(): typeof controlsDe.controls {
  return dictionaries[language.value];
}
