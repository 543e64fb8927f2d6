import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type GetTrafficResponse, ModelState_Circuit as Circuit } from "semroute/v1/traffic";
import { Bar, Card, Failure } from "../../components/basics.tsx";
import { semroute } from "../../lib/api.ts";
import { count, duration, percent, usd } from "../../lib/format.ts";
import { useLoad } from "../../lib/load.ts";

const circuits: Record<Circuit, [string, string]> = {
  [Circuit.CIRCUIT_UNSPECIFIED]: ["", "unknown"],
  [Circuit.CLOSED]: ["good", "asked"],
  [Circuit.HALF_OPEN]: ["warn", "tried again"],
  [Circuit.OPEN]: ["bad", "left alone: it fails"],
};

/** How the models do: their circuits now, their calls in the span. */
export function Models(props: { traffic: GetTrafficResponse | undefined }) {
  const states = useLoad((signal) => semroute.traffic.listModelStates({}, { signal }), [props.traffic]);
  const sum = (list: bigint[] | undefined) => (list ?? []).reduce((a, b) => a + b, 0n);
  return (
    <Card title="Models">
      <Failure error={states.error} retry={states.reload} />
      <div class="scroll" tabIndex={0} role="group" aria-label="Models">
        <table>
          <thead>
            <tr><th>model</th><th>now</th><th class="number">attempts</th><th class="number">failed</th><th class="number">p50 / p99</th><th>routes</th></tr>
          </thead>
          <tbody>
            {(states.value?.models ?? []).map((m) => {
              const line = props.traffic?.models.find((t) => t.name === m.name && !t.other);
              const asked = sum(line?.asked);
              const [kind, word] = circuits[m.circuit];
              return (
                <tr key={m.name}>
                  <td><strong>{m.name}</strong> <span class="soft small">{m.provider} {m.model}</span></td>
                  <td>
                    <span class={`chip ${kind}`}>{word}</span>
                    {m.lastFailureTime && <div class="soft small">failed {timestampDate(m.lastFailureTime).toLocaleString()}: {m.lastFailure}</div>}
                  </td>
                  <td class="number">{count(asked)}</td>
                  <td class="number">{asked > 0n ? percent(Number(sum(line?.failed)) / Number(asked)) : "–"}</td>
                  <td class="number">{line?.took && line.took.count > 0n ? `${duration(line.took.p50Us)} / ${duration(line.took.p99Us)}` : "–"}</td>
                  <td class="small">{m.routes.join(", ")}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {states.value?.models.length === 0 && <p class="soft">The catalog names no models: this server decides only.</p>}
    </Card>
  );
}

/** What is left of the budgets. */
export function Budgets() {
  const budgets = useLoad((signal) => semroute.traffic.listBudgets({}, { signal }), []);
  const list = budgets.value?.budgets ?? [];
  if (list.length === 0) {
    return null; // without a store the numbers above say so
  }
  return (
    <Card title="Budgets" aside={<button class="slim" onClick={budgets.reload}>Refresh</button>}>
      {list.map((b) => (
        <section key={b.name} class="stack tight" aria-label={b.name}>
          <h3>
            {b.name} <span class="soft small">
              {b.limitNanoUsd !== undefined && `${usd(b.limitNanoUsd)} a ${b.window}`}
              {b.tokensPerMinute > 0n && ` ${count(b.tokensPerMinute)} tokens a minute`} for each {b.per}{b.match && ` ${b.match}`}; then {b.onExceeded}
            </span>
          </h3>
          {b.spenders.map((s) => {
            const share = b.limitNanoUsd ? Number(s.spentNanoUsd) / Number(b.limitNanoUsd) : 0;
            return (
              <div class="spender" key={s.name}>
                <span>{s.name || "all"}</span>
                <Bar share={share} />
                <span class="number">{usd(s.spentNanoUsd)} ({percent(share, 0)})</span>
                <span class="soft small">{s.resets && `until ${timestampDate(s.resets).toLocaleString()}`}</span>
              </div>
            );
          })}
          {b.spenders.length === 0 && <p class="soft small">Nobody has spent anything of it.</p>}
        </section>
      ))}
    </Card>
  );
}
