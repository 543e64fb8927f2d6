import { useState } from "preact/hooks";
import type { ChangedDecision_Side, PreviewResponse } from "semroute/v1/catalog";
import { Card, Failure, RouteChip, Waiting } from "../../components/basics.tsx";
import { semroute } from "../../lib/api.ts";
import { percent } from "../../lib/format.ts";
import { useAction, useLoad } from "../../lib/load.ts";

/** The prompt as another revision of the catalog would decide it, beside the one in place. */
export function Generations(props: { text: string }) {
  const revisions = useLoad((signal) => semroute.catalog.listRevisions({ limit: 50 }, { signal }), []);
  const [chosen, setChosen] = useState("");
  const [result, setResult] = useState<{ text: string; response: PreviewResponse }>();
  const compare = useAction(async () => {
    const text = props.text;
    const { yaml } = await semroute.catalog.getRevision({ number: BigInt(chosen) });
    const change = { change: { case: "replaceCatalog" as const, value: { yaml } } };
    setResult({ text, response: await semroute.catalog.preview({ changes: [change], prompts: [{ text }] }) });
  });
  const list = revisions.value?.revisions ?? [];
  return (
    <Card title="Another generation">
      <Failure error={revisions.error} />
      {list.length > 0 && (
        <div class="row">
          <label class="field">
            Revision
            <select value={chosen} onChange={(e) => setChosen(e.currentTarget.value)}>
              <option value="">choose</option>
              {list.map((r) => <option key={String(r.number)} value={String(r.number)}>{String(r.number)}{r.cause && `: ${r.cause.slice(0, 60)}`}</option>)}
            </select>
          </label>
          <button disabled={!chosen || !props.text || compare.busy} onClick={compare.run}>Compare</button>
        </div>
      )}
      {compare.busy && <Waiting what="Building that generation" />}
      <Failure error={compare.error} />
      {result && <Compared text={result.text} response={result.response} />}
    </Card>
  );
}

function Compared(props: { text: string; response: PreviewResponse }) {
  const changed = props.response.decisions[0];
  if (!changed?.before || !changed.after) {
    return <p>Both decide “{props.text}” alike.</p>;
  }
  return (
    <div class="columns">
      <Side title="in place" side={changed.before} />
      <Side title="that revision" side={changed.after} />
    </div>
  );
}

function Side(props: { title: string; side: ChangedDecision_Side }) {
  const s = props.side;
  return (
    <div class="stack tight">
      <h3>{props.title}</h3>
      <div class="row"><RouteChip name={s.route} /><span>{percent(s.confidence)}</span></div>
      {!s.route && s.leading && <span class="soft">leading: {s.leading}</span>}
      {s.model && <span class="soft">{s.model}</span>}
    </div>
  );
}
