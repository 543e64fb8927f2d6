import { timestampFromDate, timestampMs } from "@bufbuild/protobuf/wkt";
import { useMemo, useState } from "preact/hooks";
import type { Durations, GetTrafficResponse, TrafficSum } from "semroute/v1/traffic";
import { Card, Failure, Notice, RouteChip, Stats, Waiting } from "../../components/basics.tsx";
import { Plot, type Series } from "../../components/plot.tsx";
import { semroute } from "../../lib/api.ts";
import { count, duration, percent, usd } from "../../lib/format.ts";
import { useLoad } from "../../lib/load.ts";
import { linkTo } from "../../lib/location.ts";
import { Budgets, Models } from "./health.tsx";

const spans = { "1 hour": 3600, "24 hours": 86400, "7 days": 604800, "30 days": 2592000 } as const;
type Span = keyof typeof spans;

/** Numbers over time. */
export function Overview() {
  const [span, setSpan] = useState<Span>("24 hours");
  const traffic = useLoad((signal) => {
    const now = Date.now();
    return semroute.traffic.getTraffic({ since: timestampFromDate(new Date(now - spans[span] * 1000)), before: timestampFromDate(new Date(now)), steps: 60 }, { signal });
  }, [span]);
  return (
    <div class="stack">
      <div class="row">
        <label class="row">
          <span>The last</span>
          <select value={span} onChange={(e) => setSpan(e.currentTarget.value as Span)}>
            {Object.keys(spans).map((name) => <option key={name}>{name}</option>)}
          </select>
        </label>
        <button onClick={traffic.reload}>Refresh</button>
        {traffic.loading && <Waiting />}
      </div>
      <Failure error={traffic.error} retry={traffic.reload} />
      {traffic.value && <Numbers of={traffic.value} />}
      <Models traffic={traffic.value} />
      <Budgets />
    </div>
  );
}

function Numbers(props: { of: GetTrafficResponse }) {
  const t = props.of;
  const total = t.total;
  const x = useMemo(() => t.steps.map((_, i) => (timestampMs(t.since!) + i * Number(t.stepMs)) / 1000), [t]);
  const of = (read: (s: TrafficSum) => bigint) => t.steps.map((s) => Number(read(s)));
  const took = (list: Durations[], read: (d: Durations) => bigint) => list.map((d) => (d.count > 0n ? Number(read(d)) : null));
  const plots = useMemo(() => ({
    decisions: [
      { label: "decisions", colour: "--accent", values: of((s) => s.decisions), area: true },
      { label: "without a route", colour: "--warn", values: of((s) => s.abstentions) },
      { label: "failed calls", colour: "--bad", values: of((s) => s.failed) },
    ] satisfies Series[],
    money: [
      { label: "spent", colour: "--accent", values: of((s) => s.costNanoUsd), area: true },
      { label: "always the dearest model", colour: "--soft", values: of((s) => s.dearestNanoUsd) },
    ] satisfies Series[],
    decided: [
      { label: "p50", colour: "--accent", values: took(t.decided, (d) => d.p50Us) },
      { label: "p99", colour: "--warn", values: took(t.decided, (d) => d.p99Us) },
    ] satisfies Series[],
    answered: [
      { label: "p50", colour: "--accent", values: took(t.answered, (d) => d.p50Us) },
      { label: "p99", colour: "--warn", values: took(t.answered, (d) => d.p99Us) },
    ] satisfies Series[],
  }), [t]);
  if (!total || total.decisions === 0n) {
    return <Notice title="Nothing was decided in this time">Send prompts to the server, or choose a longer span.</Notice>;
  }
  const share = (part: bigint, whole: bigint) => (whole > 0n ? percent(Number(part) / Number(whole)) : "–");
  const saving = total.dearestNanoUsd > 0n ? percent(1 - Number(total.costNanoUsd) / Number(total.dearestNanoUsd), 0) : "–";
  return (
    <>
      {timestampMs(t.from!) > timestampMs(t.since!) && <Notice kind="warn">There are more records than are looked at: what came before {new Date(timestampMs(t.from!)).toLocaleString()} is left out.</Notice>}
      <Card title="Altogether">
        <Stats
          of={[
            ["decisions", count(total.decisions)],
            ["without a route", <>{count(total.abstentions)} <small>{share(total.abstentions, total.decisions)}</small></>],
            ["calls", count(total.calls)],
            ["failed", <>{count(total.failed)} <small>{share(total.failed, total.calls)}</small></>],
            ["spent", <>{usd(total.costNanoUsd)}{total.inexact > 0n && <small> {count(total.inexact)} inexact</small>}</>],
            ["saved", <>{saving} <small>of the dearest</small></>],
            ["tokens in / out", `${count(total.inputTokens)} / ${count(total.outputTokens)}`],
          ]}
        />
      </Card>
      <div class="columns">
        <Card title="Decisions"><Plot label={`Decisions over time: ${count(total.decisions)} altogether, ${count(total.abstentions)} without a route`} x={x} series={plots.decisions} format={(v) => count(Math.round(v * 10) / 10)} /></Card>
        <Card title="Cost"><Plot label={`Cost over time: ${usd(total.costNanoUsd)} altogether; the dearest models would have cost ${usd(total.dearestNanoUsd)}`} x={x} series={plots.money} format={usd} /></Card>
        <Card title="Time of a decision"><Plot label="Median and 99th percentile of the time of decisions" x={x} series={plots.decided} format={duration} /></Card>
        <Card title="Time of a call"><Plot label="Median and 99th percentile of the time of calls" x={x} series={plots.answered} format={duration} /></Card>
      </div>
      <div class="columns">
        <Card title="Routes"><Lines of={t.routes} link={(name) => linkTo("traffic", { tab: "decisions", route: name })} /></Card>
        <Card title="Why there was none"><Lines of={t.reasons} link={(name) => linkTo("traffic", { tab: "decisions", abstained: "yes", reason: name })} plain /></Card>
      </div>
    </>
  );
}

function Lines(props: { of: GetTrafficResponse["routes"]; link: (name: string) => string; plain?: boolean }) {
  if (props.of.length === 0) {
    return <p class="soft">None.</p>;
  }
  return (
    <table>
      <tbody>
        {props.of.map((line) => (
          <tr key={line.name + line.other}>
            <td>{line.other ? "others" : <a href={props.link(line.name)}>{props.plain ? line.name.replaceAll("_", " ") || "not said" : <RouteChip name={line.name} />}</a>}</td>
            <td class="number">{count(line.counts.reduce((a, b) => a + b, 0n))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
