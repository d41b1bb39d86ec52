import type { ComponentChildren } from "preact";
import type { RequestError } from "../state/api.ts";
import { texts } from "../state/preferences.ts";
import { Code } from "./copy.tsx";
import { Icon, type IconName } from "./icons.tsx";

interface Props {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
  actions?: ComponentChildren;
}

/** What stands where there is nothing else to show: what is the matter, and what to do. */
export function Notice({ icon, title, children, actions }: Props) {
  return (
    <div class="notice">
      <span class="notice-icon">
        <Icon name={icon} />
      </span>
      <h2>{title}</h2>
      {children}
      {actions && <div class="notice-actions">{actions}</div>}
    </div>
  );
}

/** What a request that failed looks like. */
export function ErrorNotice({ error, retry }: { error: RequestError; retry: () => void }) {
  const t = texts.value;
  const { icon, title, text } = describe(error.code);
  const isPlain = error.code === "offline" || error.code === "warehouse_missing";
  return (
    <Notice
      icon={icon}
      title={title}
      actions={
        <button type="button" class="button" onClick={retry}>
          {t.common.retry}
        </button>
      }
    >
      {text && <p>{text}</p>}
      {error.code === "warehouse_missing" && <Code text="npx ingot up --no-generator" />}
      {!isPlain && (
        <p class="detail">
          {t.errors.detail}: <span lang="en">{error.message}</span>
        </p>
      )}
    </Notice>
  );
}

function describe(code: string): { icon: IconName; title: string; text?: string } {
  const t = texts.value.errors;
  switch (code) {
    case "offline":
      return { icon: "offline", title: t.offlineTitle, text: t.offline };
    case "query_timeout":
      return { icon: "clock", title: t.timeoutTitle, text: t.timeout };
    case "warehouse_missing":
      return { icon: "clock", title: t.missingTitle, text: t.missing };
    case "unauthorized":
      return { icon: "lock", title: t.unauthorizedTitle, text: t.unauthorized };
    case "not_found":
    case "object_missing":
      return { icon: "warn", title: t.notFoundTitle, text: t.notFound };
    case "invalid_parameter":
    case "invalid_request":
    case "invalid_key":
      return { icon: "warn", title: t.invalidTitle };
    default:
      return { icon: "warn", title: t.title };
  }
}
