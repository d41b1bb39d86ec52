import { texts } from "../state/preferences.ts";
import { status } from "../state/store.ts";
import { Icon } from "./icons.tsx";

/** On every view while a failed check keeps new figures back. */
export function Banner() {
  const t = texts.value.blocked;
  const isBlocked = status.data.value?.is_blocked ?? false;
  return (
    <div role="status">
      {isBlocked && (
        <p class="banner">
          <Icon name="warn" />
          <span>
            <strong>{t.title}</strong> {t.more} <a href="#/pipeline/checks">{t.link}</a>
          </span>
        </p>
      )}
    </div>
  );
}
