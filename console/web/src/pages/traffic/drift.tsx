import { type Alarm, Alarm_Source as From, DriftNumber_Kind as Kind, DriftReference_Source as Source, ModelNumber_Kind as ModelKind } from "semroute/v1/traffic";
import { Bar, Card, Failure, Notice, Waiting } from "../../components/basics.tsx";
import { semroute } from "../../lib/api.ts";
import { count, percent } from "../../lib/format.ts";
import { useAction, useLoad } from "../../lib/load.ts";

const words = (name: string | undefined) => (name ?? "").toLowerCase().replaceAll("_", " ");

/** Whether prompts and answers are still as they were. */
export function Drift() {
  const drift = useLoad((signal) => semroute.traffic.getDrift({}, { signal }), []);
  const alarms = useLoad((signal) => semroute.traffic.listAlarms({ limit: 50 }, { signal }), []);
  const accept = useAction(async () => {
    await semroute.traffic.acceptDrift({});
    drift.reload();
    alarms.reload();
  });
  const d = drift.value;
  return (
    <div class="stack">
      <Card title="Alarms">
        <Failure error={alarms.error} retry={alarms.reload} />
        {alarms.value?.alarms.length === 0 && <p class="soft">Nothing was noticed.</p>}
        {alarms.value?.alarms.map((a) => <AlarmView key={String(a.number)} of={a} />)}
      </Card>
      <Card title="Prompts" aside={<button disabled={accept.busy || !d} onClick={accept.run}>As it should be</button>}>
        <Failure error={drift.error ?? accept.error} retry={drift.reload} />
        {!d && drift.loading && <Waiting />}
        {d && (
          <>
            <p class="soft">
              {d.reference ? `${count(d.prompts)} decisions held against ${count(d.reference.prompts)} ${words(Source[d.reference.source])}` : `The first decisions make the reference: ${count(d.learning)} so far`}.
              One false alarm in {count(d.runLength)} decisions is expected.
            </p>
            <div class="scroll" tabIndex={0} role="group" aria-label="What is watched">
              <table>
                <thead><tr><th>number</th><th class="number">reference</th><th class="number">alike from – to</th><th class="number">now</th><th>evidence for a change</th></tr></thead>
                <tbody>
                  {d.numbers.map((n) => (
                    <tr key={`${n.kind}${n.route}`}>
                      <td>{words(Kind[n.kind])}{n.route && ` of ${n.route}`}{n.alarming && <span class="chip bad">alarm</span>}</td>
                      <td class="number">{percent(n.reference)}</td>
                      <td class="number soft">{percent(n.low, 0)} – {percent(n.high, 0)}</td>
                      <td class="number">{percent(n.window)}</td>
                      <td class="bars"><Bar share={n.evidence} colour={n.alarming ? "var(--bad)" : "var(--accent)"} /><span class="hidden">{percent(n.evidence, 0)}</span></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </Card>
      {d && d.models.length > 0 && (
        <Card title="Models' answers">
          {d.models.map((m) => (
            <section key={m.model} class="stack tight" aria-label={m.model}>
              <h3>{m.model} <span class="soft small">{count(m.calls)} calls{m.learning && ", still learning"}{m.names.length > 0 && `; answers as ${m.names.join(", ")}`}</span></h3>
              <p class="small">{m.numbers.map((n) => `${words(ModelKind[n.kind])} ${n.reference.toFixed(2)} → ${n.now.toFixed(2)}${n.alarming ? " (alarm)" : ""}`).join("; ")}</p>
            </section>
          ))}
        </Card>
      )}
    </div>
  );
}

function AlarmView(props: { of: Alarm }) {
  const a = props.of;
  const lasting = a.overUnixMs === 0n;
  const at = (ms: bigint) => new Date(Number(ms)).toLocaleString();
  return (
    <Notice kind={lasting ? "bad" : "good"} title={`${words(From[a.source])}${a.subject && `: ${a.subject}`}`}>
      {a.message} <span class="small">since {at(a.sinceUnixMs)}{!lasting && `, over at ${at(a.overUnixMs)}`}</span>
    </Notice>
  );
}
