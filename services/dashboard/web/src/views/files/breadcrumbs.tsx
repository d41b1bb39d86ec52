import { formatRoute } from "../../lib/routes.ts";
import { texts } from "../../state/preferences.ts";

export function Breadcrumbs({ layer, path }: { layer: "silver" | "gold"; path: string }) {
  const t = texts.value;
  const parts = path.split("/").filter(Boolean);
  const steps = [
    { name: t.pipeline.layers[layer], path: "" },
    ...parts.map((name, index) => {
      const isLast = index === parts.length - 1;
      return { name, path: parts.slice(0, index + 1).join("/") + (isLast && !path.endsWith("/") ? "" : "/") };
    }),
  ];
  return (
    <nav aria-label={t.files.place}>
      <ol class="crumbs">
        {steps.map((step, index) => (
          <li key={step.path}>
            <a
              href={formatRoute({ view: "files", layer, path: step.path })}
              aria-current={index === steps.length - 1 ? "page" : undefined}
            >
              {step.name}
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
