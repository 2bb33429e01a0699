/** Which site a form is about: asked where there are several. */
import { useSignal } from "@preact/signals";
import { sites } from "../state/world";
import { SelectField } from "./Field";

export interface ChosenSite {
  id: string;
  choose: (id: string) => void;
}

/** The first site until one is chosen. A page opened by its address may show the form before the sites have come. */
export function useSite(): ChosenSite {
  const chosen = useSignal("");
  return { id: chosen.value || (sites.value[0]?.id ?? ""), choose: (id) => (chosen.value = id) };
}

export function SiteField({ label, site }: { label: string; site: ChosenSite }) {
  if (sites.value.length < 2) return null;
  return (
    <SelectField
      label={label}
      value={site.id}
      choices={sites.value.map((one) => ({ value: one.id, text: one.name }))}
      onChoice={site.choose}
    />
  );
}
