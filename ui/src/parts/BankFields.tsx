/** An account to pay to: an IBAN, or routing and account number in the United States. */
import type { Bank } from "../api/claims";
import { claimsText } from "../i18n/claims";
import { TextField } from "./Field";

export function BankFields(props: { bank: Bank; name: string; american: boolean; onBank: (bank: Bank) => void }) {
  const words = claimsText();
  const { bank, onBank } = props;
  return (
    <>
      <TextField label={words.holder} maxLength={200} autocomplete="off" placeholder={props.name} value={bank.holder} onText={(holder) => onBank({ ...bank, holder })} />
      {props.american ? (
        <div class="columns">
          <TextField label={words.routing} technical required maxLength={20} autocomplete="off" value={bank.routing ?? ""} onText={(routing) => onBank({ holder: bank.holder, routing, account: bank.account ?? "" })} />
          <TextField label={words.account} technical required maxLength={40} autocomplete="off" value={bank.account ?? ""} onText={(account) => onBank({ holder: bank.holder, routing: bank.routing ?? "", account })} />
        </div>
      ) : (
        <TextField label={words.iban} technical required maxLength={60} autocomplete="off" value={bank.iban ?? ""} onText={(iban) => onBank({ holder: bank.holder, iban })} />
      )}
    </>
  );
}
