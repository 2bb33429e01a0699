/** The words of motion settings in the reader's language. */
import { language } from "../state/preferences";
import { motionDe } from "./motion_de";
import { motionEn } from "./motion_en";

export function m(): typeof motionDe {
  return language.value === "de" ? motionDe : motionEn;
}
