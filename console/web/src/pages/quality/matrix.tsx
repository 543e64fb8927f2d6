import type { GetEvaluationResponse } from "semroute/v1/quality";
import { count } from "../../lib/format.ts";

/** How many routes a matrix shows: those that are confused the most. */
const most = 14;

/** The routes that are confused the most, each with each; the list beside it says all. */
export function Matrix(props: { of: GetEvaluationResponse }) {
  const e = props.of;
  const weight = new Map<string, number>();
  for (const c of e.confusions) {
    weight.set(c.truth, (weight.get(c.truth) ?? 0) + c.count);
    weight.set(c.predicted, (weight.get(c.predicted) ?? 0) + c.count);
  }
  const names = [...weight].sort((a, b) => b[1] - a[1]).slice(0, most).map(([name]) => name).sort();
  const counts = new Map(e.confusions.map((c) => [`${c.truth}\n${c.predicted}`, c.count]));
  const largest = Math.max(1, ...e.confusions.map((c) => c.count));
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Matrix of confusions">
      <table class="matrix">
        <caption class="hidden">Rows are what a prompt is, columns what it was taken for</caption>
        <thead>
          <tr>
            <th scope="col"><span class="hidden">is</span></th>
            {names.map((name) => <th key={name} scope="col"><span title={name || "no route"}>{name || "none"}</span></th>)}
          </tr>
        </thead>
        <tbody>
          {names.map((truth) => (
            <tr key={truth}>
              <th scope="row">{truth || "none"}</th>
              {names.map((predicted) => {
                const n = counts.get(`${truth}\n${predicted}`) ?? 0;
                return <td key={predicted} class={n > 0 ? "some" : ""} style={{ "--share": String(n / largest) }}>{n > 0 ? count(n) : truth === predicted ? "·" : ""}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
