import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Promise as Kept } from "semroute/v1/feedback";
import { Bar, Card, Failure, RouteChip } from "../../components/basics.tsx";
import { semroute } from "../../lib/api.ts";
import { count, percent } from "../../lib/format.ts";
import { useLoad } from "../../lib/load.ts";

/** The promise of each route, held against what people have said of its decisions. */
export function Promises(props: { serving: string }) {
  const promises = useLoad((signal) => semroute.feedback.getPromises({}, { signal }), [props.serving]);
  const list = promises.value?.promises ?? [];
  return (
    <Card title="What people say of live decisions" aside={<button class="slim" onClick={promises.reload}>Refresh</button>}>
      <Failure error={promises.error} retry={promises.reload} />
      {promises.value && (
        <p class="soft small">
          {promises.value.since && `Since ${timestampDate(promises.value.since).toLocaleString()}. `}
          The true precision lies within the bounds, with {percent(1 - promises.value.falseAlarmRate, 0)} certainty however often one looks.
          {list.every((p) => p.promised === undefined) && " Nothing is promised yet: fit with a precision promises one (semroute fit --precision)."}
        </p>
      )}
      <div class="scroll" tabIndex={0} role="group" aria-label="Promises">
        <table>
          <thead>
            <tr><th>route</th><th class="number">right</th><th class="number">wrong</th><th class="number">promised</th><th class="number">precision from – to</th><th>evidence against it</th></tr>
          </thead>
          <tbody>{list.map((p) => <Row key={p.route} of={p} />)}</tbody>
        </table>
      </div>
    </Card>
  );
}

function Row(props: { of: Kept }) {
  const p = props.of;
  const against = p.evidenceLimit > 1 ? Math.max(0, Math.log(Math.max(p.evidence, 1)) / Math.log(p.evidenceLimit)) : 0;
  return (
    <tr title={p.explanation}>
      <td>{p.route ? <RouteChip name={p.route} /> : <strong>all</strong>}{p.broken && <span class="chip bad">broken</span>}{!p.sampled && p.right + p.wrong > 0n && <span class="soft small"> not sampled</span>}</td>
      <td class="number">{count(p.right)}</td>
      <td class="number">{count(p.wrong)}</td>
      <td class="number">{p.promised === undefined ? "–" : percent(p.promised)}</td>
      <td class="number">{p.right + p.wrong > 0n ? `${percent(p.precisionLow, 0)} – ${percent(p.precisionHigh, 0)}` : "–"}</td>
      <td class="bars">
        <Bar share={Math.min(1, against)} colour={p.broken ? "var(--bad)" : "var(--accent)"} />
        {p.proposedMinConfidence !== undefined && <span class="small">a bound of {percent(p.proposedMinConfidence)} would keep it, for {percent(p.proposedCoverage, 0)}</span>}
      </td>
    </tr>
  );
}
