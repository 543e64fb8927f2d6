import { useMemo } from "preact/hooks";
import type { GetEvaluationResponse } from "semroute/v1/quality";
import { Card } from "../../components/basics.tsx";
import { Plot, type Series } from "../../components/plot.tsx";
import { percent } from "../../lib/format.ts";

const whole = (v: number) => percent(v, 0);

/** Risk over coverage, and how well confidence keeps its word. */
export function Curves(props: { of: GetEvaluationResponse }) {
  const e = props.of;
  const risk = useMemo(() => {
    const points = [...e.riskCoverage].sort((a, b) => a.coverage - b.coverage);
    return {
      x: points.map((p) => p.coverage),
      series: [
        { label: "wrong of the accepted", colour: "--accent", values: points.map((p) => p.risk), area: true },
        { label: "at a confidence of", colour: "--soft", values: points.map((p) => p.threshold) },
      ] satisfies Series[],
    };
  }, [e]);
  const reliability = useMemo(() => {
    const bins = e.reliability.filter((b) => b.count > 0);
    const at = (b: (typeof bins)[number]) => b.confidence ?? (b.from + b.to) / 2;
    return {
      x: bins.map(at),
      series: [
        { label: "right", colour: "--accent", values: bins.map((b) => b.accuracy ?? null) },
        { label: "as promised", colour: "--soft", values: bins.map(at) },
      ] satisfies Series[],
    };
  }, [e]);
  return (
    <div class="columns">
      <Card title="What more coverage costs">
        <Plot label="Share of wrong decisions among those accepted, over the share of prompts accepted" x={risk.x} series={risk.series} format={whole} xFormat={whole} plain />
        <p class="soft small">To the right more prompts are accepted; the line says how many of these are wrong.</p>
      </Card>
      <Card title="Does confidence keep its word">
        <Plot label="Share of right decisions over their confidence, beside what the confidence promises" x={reliability.x} series={reliability.series} format={whole} xFormat={whole} plain range={[0, 1]} />
        <details>
          <summary>As a table</summary>
          <table>
            <thead><tr><th>confidence</th><th class="number">prompts</th><th class="number">promised</th><th class="number">right</th></tr></thead>
            <tbody>
              {e.reliability.filter((b) => b.count > 0).map((b) => (
                <tr key={b.from}><td>{whole(b.from)} – {whole(b.to)}</td><td class="number">{b.count}</td><td class="number">{percent(b.confidence ?? 0)}</td><td class="number">{percent(b.accuracy ?? 0)}</td></tr>
              ))}
            </tbody>
          </table>
        </details>
      </Card>
    </div>
  );
}
