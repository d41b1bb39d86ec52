import type { Figure, SalesReport } from "../../../../src/api/contract.ts";
import { Animated } from "../../components/animated.tsx";
import { Icon } from "../../components/icons.tsx";
import { formats, texts } from "../../state/preferences.ts";

type CardName = keyof SalesReport["cards"];

export function Cards({ report }: { report: SalesReport }) {
  const t = texts.value.business;
  const f = formats.value;
  const cards: { name: CardName; title: string; format: (value: number) => string; hint?: string }[] = [
    { name: "revenue", title: t.revenue, format: f.moneyBrief },
    { name: "orders", title: t.orders, format: f.integer },
    { name: "average_order_value", title: t.average, format: f.money },
    { name: "customers", title: t.customers, format: f.integer },
    { name: "conversion", title: t.conversion, format: f.percent, hint: t.conversionHint },
  ];
  return (
    <ul class="cards">
      {cards.map((card) => (
        <li key={card.name} class="card" data-card={card.name}>
          <h2 class="card-title" title={card.hint}>
            {card.title}
          </h2>
          <CardFigure figure={report.cards[card.name]} format={card.format} counting={report.counting} />
        </li>
      ))}
    </ul>
  );
}

interface FigureProps {
  figure: Figure;
  format: (value: number) => string;
  counting: number | undefined;
}

function CardFigure({ figure, format, counting }: FigureProps) {
  if (figure.value === null && counting !== undefined) return <Counting share={counting} />;
  return (
    <>
      <p class="card-value" data-value={figure.value}>
        {figure.value === null ? "–" : <Animated value={figure.value} format={format} />}
      </p>
      <p class="card-foot">
        <Change figure={figure} />
        <span class="card-before">
          {figure.previous === null
            ? texts.value.business.noPrevious
            : texts.value.business.before(format(figure.previous))}
        </span>
      </p>
    </>
  );
}

function Change({ figure: { change } }: { figure: Figure }) {
  if (change === null) return null;
  const t = texts.value.business;
  const text = formats.value.change(change);
  // What is shown as 0.0 % is neither good nor bad.
  const shown = Math.round(change * 1000);
  const tone = shown > 0 ? "up" : shown < 0 ? "down" : "same";
  return (
    <span class={`change is-${tone}`}>
      {tone !== "same" && <Icon name={tone} />}
      <span aria-hidden="true">{text}</span>
      <span class="hidden">{tone === "same" ? t.same : t[tone](text)}</span>
    </span>
  );
}

function Counting({ share }: { share: number }) {
  const text = texts.value.business.counting(formats.value.percent(share));
  return (
    <>
      <p class="card-value is-waiting" aria-hidden="true">
        –
      </p>
      <p class="card-foot">
        <progress class="card-progress" value={share} max={1} aria-label={text} />
        <span class="card-before">{text}</span>
      </p>
    </>
  );
}
