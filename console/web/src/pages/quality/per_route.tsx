import { useState } from "preact/hooks";
import type { GetEvaluationResponse, RouteQuality } from "semroute/v1/quality";
import { Bar, Card, RouteChip } from "../../components/basics.tsx";
import { percent } from "../../lib/format.ts";
import { linkTo } from "../../lib/location.ts";

const orders = {
  "worst F1 first": (a: RouteQuality, b: RouteQuality) => a.f1 - b.f1,
  "by name": (a: RouteQuality, b: RouteQuality) => a.route.localeCompare(b.route),
  "most prompts first": (a: RouteQuality, b: RouteQuality) => b.support - a.support,
} as const;
type Order = keyof typeof orders;

const share = (value: number | undefined) => (value === undefined ? "–" : percent(value));

/** How each route does. */
export function PerRoute(props: { of: GetEvaluationResponse }) {
  const [order, setOrder] = useState<Order>("worst F1 first");
  const list = [...props.of.perRoute].sort(orders[order]);
  return (
    <Card
      title="Each route"
      aside={
        <select aria-label="Order" value={order} onChange={(e) => setOrder(e.currentTarget.value as Order)}>
          {Object.keys(orders).map((name) => <option key={name}>{name}</option>)}
        </select>
      }
    >
      <div class="scroll tall" tabIndex={0} role="group" aria-label="Each route">
        <table>
          <thead>
            <tr><th>route</th><th class="number">prompts</th><th class="number">precision</th><th class="number">recall</th><th class="number">none</th><th>F1</th></tr>
          </thead>
          <tbody>
            {list.map((r) => (
              <tr key={r.route}>
                <td><a href={linkTo("routes", { route: r.route })}><RouteChip name={r.route} /></a></td>
                <td class="number">{r.support}</td>
                <td class="number">{share(r.precision)}</td>
                <td class="number">{share(r.recall)}</td>
                <td class="number">{r.abstained}</td>
                <td class="f1"><Bar share={r.f1} /><span class="small">{r.f1.toFixed(2)}</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
