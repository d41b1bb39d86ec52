import type { ServiceStatus } from "../../../../src/api/contract.ts";
import { Ago } from "../../components/ago.tsx";
import { texts } from "../../state/preferences.ts";

const TONES = { working: "is-good", idle: "is-quiet", behind: "is-warn", unknown: "is-quiet" } as const;

export function Services({ services }: { services: readonly ServiceStatus[] }) {
  const t = texts.value.pipeline;
  return (
    <section class="is-wide" aria-labelledby="services-title" data-panel="services">
      <h2 id="services-title" class="hidden">
        {t.services}
      </h2>
      <ul class="services">
        {services.map((service) => (
          <li key={service.name} class="service" data-service={service.name} data-state={service.state}>
            <span class={`dot ${TONES[service.state]} ${service.state === "working" ? "is-alive" : ""}`} />
            <h3>{t.service[service.name]}</h3>
            <p class="service-state">{t.states[service.state]}</p>
            <p class="service-about">{t.serviceAbout[service.name]}</p>
            <p class="service-work">{service.last_work_at && <Ago at={service.last_work_at} />}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
