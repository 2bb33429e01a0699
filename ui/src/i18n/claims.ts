/** Words of claims in the reader's language. */
import type { Text } from "../api/claims";
import { language } from "../state/preferences";
import { claimsDe } from "./claims_de";
import { claimsEn } from "./claims_en";

const dictionaries = { de: claimsDe, en: claimsEn };

export function claimsText(): typeof claimsDe {
  return dictionaries[language.value];
}

/** A sentence of the server in the reader's language. */
export function said(text: Text): string {
  return text[language.value];
}
