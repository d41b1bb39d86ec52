import type { LayerName, PipelineStatus } from "../../../../src/api/contract.ts";
import { Ago } from "../../components/ago.tsx";
import { Animated } from "../../components/animated.tsx";
import { formats, texts } from "../../state/preferences.ts";

/** bronze → silver → gold with quarantine as a branch; what flows moves. */
export function Picture({ status }: { status: PipelineStatus }) {
  const t = texts.value.pipeline;
  const { layers, backlog } = status;
  return (
    <section class="panel is-wide" aria-labelledby="picture-title" data-panel="picture">
      <header class="panel-head">
        <div class="panel-titles">
          <h2 id="picture-title">{t.picture}</h2>
        </div>
        <Lag seconds={backlog.lag_seconds} />
      </header>
      <ol class="flow">
        <Layer name="bronze" status={status} />
        <Way
          service="cleaner"
          rate={layers.silver.rows_per_minute}
          waiting={backlog.bronze}
          waitingText={t.waitingBronze}
        />
        <Branch rate={layers.quarantine.rows_per_minute} />
        <Layer name="quarantine" status={status} />
        <Layer name="silver" status={status} />
        <Way
          service="aggregator"
          // Gold is written anew, so what flows into it is what silver gains.
          rate={isWorking(status, "aggregator") ? layers.silver.rows_per_minute : 0}
          waiting={backlog.silver}
          waitingText={t.waitingSilver}
        />
        <Layer name="gold" status={status} />
      </ol>
    </section>
  );
}

function Layer({ name, status }: { name: LayerName; status: PipelineStatus }) {
  const t = texts.value.pipeline;
  const f = formats.value;
  const layer = status.layers[name];
  return (
    <li class={`layer is-${name}`} data-layer={name}>
      <div class="layer-head">
        <span class="layer-mark" aria-hidden="true" />
        <h3>{t.layers[name]}</h3>
        <span class="layer-about">{t.about[name]}</span>
      </div>
      <p class="layer-rows">
        {layer.rows === null ? "–" : <Animated value={layer.rows} format={f.integer} />}
        <span>{layer.rows === null ? texts.value.common.unknown : t.rows[name]}</span>
      </p>
      <p class="layer-foot">
        {layer.objects !== null && <span>{t.objects(layer.objects, f.integer(layer.objects))}</span>}
        {layer.bytes !== null && <span>{f.bytes(layer.bytes)}</span>}
        {layer.rows_per_minute !== null && layer.rows_per_minute > 0 && (
          <span class="layer-rate">{t.perMinute(f.short(Math.round(layer.rows_per_minute)))}</span>
        )}
        {layer.newest_at && (
          <span>
            <Ago at={layer.newest_at} text={t.newest} />
          </span>
        )}
      </p>
    </li>
  );
}

interface WayProps {
  service: "cleaner" | "aggregator";
  rate: number | null;
  waiting: number | null;
  waitingText: (count: number, text: string) => string;
}

function Way({ service, rate, waiting, waitingText }: WayProps) {
  const t = texts.value.pipeline;
  const speed = speedOf(rate);
  return (
    <li class={`way is-${service} ${speed ? "is-flowing" : ""}`} data-speed={speed}>
      <span class="way-service">{t.service[service]}</span>
      <span class="way-line" aria-hidden="true" />
      <span class={`way-waiting ${waiting ? "is-some" : ""}`}>
        {waiting === null
          ? ""
          : waiting === 0
            ? t.nothingWaits
            : waitingText(waiting, formats.value.integer(waiting))}
      </span>
    </li>
  );
}

/** Leads to quarantine. */
function Branch({ rate }: { rate: number | null }) {
  const speed = speedOf(rate);
  return <li class={`flow-branch ${speed ? "is-flowing" : ""}`} data-speed={speed} aria-hidden="true" />;
}

function Lag({ seconds }: { seconds: number | null }) {
  const t = texts.value.pipeline;
  if (seconds === null) return null;
  const isLate = seconds > 60;
  return (
    <p class={`pill ${isLate ? "is-warn" : "is-good"}`}>
      {seconds === 0 ? t.lagNone : t.lagSome(formats.value.duration(seconds))}
    </p>
  );
}

function isWorking({ services }: PipelineStatus, name: string): boolean {
  return services.some((service) => service.name === name && service.state === "working");
}

/** Three speeds, absent where nothing flows: a movement that changes all the time would be no calm one. */
function speedOf(rate: number | null): "slow" | "medium" | "fast" | undefined {
  if (!rate) return undefined;
  if (rate < 500) return "slow";
  return rate < 20_000 ? "medium" : "fast";
}
