import type { Candidate, Decision, Match, Timings } from "semroute/v1/decision";
import { Bar, Notice, RouteChip, Stats } from "../../components/basics.tsx";
import { duration, percent } from "../../lib/format.ts";
import { colourOfName } from "../../lib/palette.ts";
import { reasons, stages } from "./words.ts";

/** A decision with everything that speaks for it. */
export function DecisionView(props: { decision: Decision; took: number }) {
  const d = props.decision;
  return (
    <div class="stack decision">
      <div class="row verdict">
        <RouteChip name={d.route} />
        {d.abstained && <span>{reasons[d.reason]}</span>}
        {d.model && <span class="soft">answered by <strong>{d.model}</strong>{d.abstained && " (fallback)"}</span>}
      </div>
      <Stats
        of={[
          ["confidence", percent(d.confidence)],
          ["margin", <>{percent(d.margin)}{d.minMargin > 0 && <small> of {percent(d.minMargin)}</small>}</>],
          ["decided by", <small class="word">{d.rule ? `rule ${d.rule}` : stages[d.stage]}{d.cached && ", cached"}</small>],
          ["server / here", <>{duration(d.timingsUs?.total ?? 0)} <small>/ {props.took.toFixed(1)} ms</small></>],
        ]}
      />
      <p class="soft">{d.explanation}</p>
      {d.degradations.length > 0 && <Notice kind="warn" title="Decided without something">{d.degradations.map((one) => one.text).join("; ")}</Notice>}
      {d.truncated && <Notice kind="warn">Only the beginning of the prompt was read: it is longer than the embedder takes.</Notice>}
      <Candidates of={d.candidates} />
      <Matches of={d.matches} />
      {d.timingsUs && <Where of={d.timingsUs} />}
    </div>
  );
}

function Candidates(props: { of: Candidate[] }) {
  if (props.of.length === 0) {
    return null;
  }
  return (
    <table class="candidates">
      <caption class="hidden">Candidates, the most probable first, with the probability each must reach</caption>
      <thead>
        <tr><th>candidate</th><th><span class="hidden">bar</span></th><th class="number">probability</th><th class="number">asked</th></tr>
      </thead>
      <tbody>
        {props.of.map((c) => (
          <tr key={c.route}>
            <td>{c.route}</td>
            <td class="bars"><Bar share={c.probability} bound={c.minConfidence} colour={colourOfName(c.route)} /></td>
            <td class="number">{percent(c.probability)}</td>
            <td class="number soft">{percent(c.minConfidence, 0)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Matches(props: { of: Match[] }) {
  if (props.of.length === 0) {
    return null;
  }
  return (
    <table>
      <caption class="hidden">The nearest utterances</caption>
      <thead>
        <tr><th>nearest utterances</th><th>route</th><th class="number">cosine</th></tr>
      </thead>
      <tbody>
        {props.of.map((m) => (
          <tr key={`${m.route}\n${m.utterance}`}>
            <td>{m.utterance}</td>
            <td><RouteChip name={m.route} /></td>
            <td class="number">{m.similarity.toFixed(3)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Where the time went. */
function Where(props: { of: Timings }) {
  const t = props.of;
  const parts: [string, number][] = [["rules", t.rules], ["embedding", t.embed], ["search", t.search], ["score", t.score]];
  const whole = Math.max(t.total, 1);
  return (
    <p class="small soft">
      Time: {parts.filter(([, us]) => us > 0).map(([what, us]) => `${what} ${duration(us)} (${percent(us / whole, 0)})`).join(", ") || "less than a microsecond a part"}
    </p>
  );
}
