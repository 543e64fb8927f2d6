import type { GetEvaluationResponse } from "semroute/v1/quality";
import { Notice, Stats } from "../../components/basics.tsx";
import { count, duration, percent } from "../../lib/format.ts";

const share = (value: number | undefined) => (value === undefined ? "–" : percent(value));

/** What is to be known before the measures are believed. */
export function Reservations(props: { of: GetEvaluationResponse }) {
  const e = props.of;
  const gone = Object.entries(e.leftOut).sort(([a], [b]) => a.localeCompare(b));
  const left = gone.reduce((n, [, prompts]) => n + prompts, 0);
  return (
    <>
      {left > 0 && (
        <Notice kind="warn" title={`Prompts left out: ${count(left)}`}>
          The catalog has no route {gone.map(([label, n]) => `${label} (${n})`).join(", ")}.
        </Notice>
      )}
      {(e.degraded ?? 0) > 0 && (
        <Notice kind="warn" title={`${share(e.degraded)} were decided without something that should have been there`}>
          These are not the catalog's own measures.
        </Notice>
      )}
      {(e.truncated ?? 0) > 0 && <Notice>Of {share(e.truncated)} of the prompts only the beginning was read.</Notice>}
    </>
  );
}

/** The measures, as `semroute eval` gives them. */
export function Headline(props: { of: GetEvaluationResponse }) {
  const e = props.of;
  return (
    <Stats
      of={[
        ["prompts", <>{count(e.prompts)}{e.outOfScope > 0 && <small> {count(e.outOfScope)} fit no route</small>}</>],
        ["accuracy", share(e.accuracy)],
        ["accepted", share(e.coverage)],
        ["right of the accepted", share(e.precision)],
        ["refused of what fits nowhere", share(e.oosRecall)],
        ["macro F1", e.macroF1 === undefined ? "–" : e.macroF1.toFixed(3)],
        ["calibration error", e.ece === undefined ? "–" : e.ece.toFixed(3)],
        ["AUROC out of scope", e.oosAuroc === undefined ? "–" : e.oosAuroc.toFixed(3)],
        ["decision p50 / p99", `${duration(e.latencyP50Us)} / ${duration(e.latencyP99Us)}`],
      ]}
    />
  );
}
