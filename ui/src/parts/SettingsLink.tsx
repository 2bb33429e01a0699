/** The way back from a page of the settings. */
import { t } from "../i18n";
import { to } from "../state/route";
import { Icon } from "./Icon";

export function SettingsLink() {
  return (
    <p class="link-row">
      <a href={to.settings}>
        <Icon name="left" size={18} />
        {t().nav.settings}
      </a>
    </p>
  );
}
