/** Claims: the customer's form and the customer's claim, and the operator's work. Fetched when first wanted. */
import "../style/claims.css";
import { ClaimFormScreen } from "./ClaimForm";
import { ClaimMineScreen } from "./ClaimMine";
import { ClaimsWorkScreen } from "./ClaimsWork";
import { ClaimWorkScreen } from "./ClaimWork";

export function ClaimScreen({ id, secret }: { id: string; secret: string }) {
  return id ? <ClaimMineScreen id={id} secret={secret} /> : <ClaimFormScreen />;
}

export function ClaimsScreen({ id }: { id: string }) {
  return id ? <ClaimWorkScreen number={id} /> : <ClaimsWorkScreen />;
}
