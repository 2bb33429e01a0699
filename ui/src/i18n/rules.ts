/** Words of the rules in the reader's language. */
import { language } from "../state/preferences";
import { rulesDe } from "./rules_de";
import { rulesEn } from "./rules_en";

const dictionaries = { de: rulesDe.rules, en: rulesEn.rules };

export function rulesText(): typeof rulesDe.rules {
  return dictionaries[language.value];
}
