import type { Attempt, CallRecord } from "semroute/v1/forward";
import { Card, Failure, Stats, Waiting } from "../../components/basics.tsx";
import { count, duration, usd } from "../../lib/format.ts";
import type { Answer } from "./forward.ts";
import { finishWord, statusWord } from "./words.ts";

/** The answer of a model as it arrives, then what became of the call. */
export function AnswerView(props: { answer: Answer; stop: () => void }) {
  const a = props.answer;
  return (
    <Card title="Answer" aside={a.running ? <button class="slim" onClick={props.stop}>Stop</button> : undefined}>
      {a.reasoning && <details><summary>Reasoning</summary><pre class="said soft">{a.reasoning}</pre></details>}
      {a.text && <pre class="said" aria-live="polite">{a.text}</pre>}
      {a.tools.length > 0 && <p>Asks for {a.tools.join(", ")}.</p>}
      {a.running && <Waiting what={a.text ? "The model goes on" : "Waiting for the model"} />}
      <Failure error={a.error} />
      {a.record && <Record of={a.record} />}
    </Card>
  );
}

function Record(props: { of: CallRecord }) {
  const r = props.of;
  const costs = r.costs;
  return (
    <>
      <Stats
        of={[
          ["model", <small class="word">{r.model || "none"}</small>],
          ["cost", costs && !costs.unpriced ? <>{usd(costs.totalNanoUsd)}{costs.estimated && <small> estimated</small>}</> : <small class="word">no price known</small>],
          ["tokens in / out", r.usage ? `${count(r.usage.inputTokens)} / ${count(r.usage.outputTokens)}` : "–"],
          ["first piece / whole", `${duration(r.firstPieceUs)} / ${duration(r.latencyUs)}`],
          ["ended by", <small class="word">{r.error || finishWord(r.finish)}</small>],
        ]}
      />
      <Attempts of={r.attempts} />
    </>
  );
}

function Attempts(props: { of: Attempt[] }) {
  if (props.of.length === 0) {
    return null;
  }
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Attempts">
      <table>
        <thead>
          <tr><th>attempt</th><th>became</th><th class="number">took</th><th class="number">cost</th></tr>
        </thead>
        <tbody>
          {props.of.map((a, i) => (
            <tr key={i}>
              <td>{a.model}{a.hedge && " (hedge)"}{a.judge && " (judge)"}</td>
              <td>{statusWord(a.status)}{a.error && <span class="soft">: {a.error}</span>}</td>
              <td class="number">{duration(a.latencyUs)}</td>
              <td class="number">{a.unpriced ? "–" : usd(a.costNanoUsd)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
