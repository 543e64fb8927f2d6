import { timestampDate } from "@bufbuild/protobuf/wkt";
import { useEffect, useState } from "preact/hooks";
import type { KeptDecision } from "semroute/v1/traffic";
import { Card, Failure, RouteChip, Waiting } from "../../components/basics.tsx";
import { semroute } from "../../lib/api.ts";
import { explain, type Explained } from "../../lib/explain.ts";
import { linkTo } from "../../lib/location.ts";
import { DecisionDialog } from "./decision.tsx";

const pageSize = 50;

interface Filter {
  route: string;
  model: string;
  user: string;
  abstained: boolean;
  failed: boolean;
  reason: string;
}

/** The decisions that were kept, the newest first. */
export function Decisions(props: { params: URLSearchParams; serving: string }) {
  const get = (name: string) => props.params.get(name) ?? "";
  const filter: Filter = { route: get("route"), model: get("model"), user: get("user"), abstained: get("abstained") !== "", failed: get("failed") !== "", reason: get("reason") };
  const key = JSON.stringify(filter);
  const [list, setList] = useState<KeptDecision[]>([]);
  const [next, setNext] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Explained>();
  const [turn, setTurn] = useState(0);
  const open = get("decision");
  const load = async (pageToken: string, before: KeptDecision[], signal: AbortSignal) => {
    setBusy(true);
    try {
      const page = await semroute.traffic.listDecisions({ ...filter, pageSize, pageToken }, { signal });
      setList([...before, ...page.decisions]);
      setNext(page.nextPageToken);
      setError(undefined);
    } catch (failed) {
      signal.aborted || setError(explain(failed));
    } finally {
      signal.aborted || setBusy(false);
    }
  };
  useEffect(() => {
    const ending = new AbortController();
    void load("", [], ending.signal);
    return () => ending.abort();
  }, [key, turn]);
  const place = (more: Record<string, string>) => {
    const { abstained, failed, ...words } = filter;
    location.hash = linkTo("traffic", { tab: "decisions", ...words, abstained: abstained ? "yes" : "", failed: failed ? "yes" : "", ...more });
  };
  return (
    <Card label="Decisions">
      <form class="row filters" onSubmit={(e) => e.preventDefault()}>
        {(["route", "model", "user"] as const).map((name) => (
          <label class="field" key={name}>
            {name}
            <input type="search" value={filter[name]} onChange={(e) => place({ [name]: e.currentTarget.value.trim() })} />
          </label>
        ))}
        <label class="row"><input type="checkbox" checked={filter.abstained} onChange={(e) => place({ abstained: e.currentTarget.checked ? "yes" : "", reason: "" })} />without a route</label>
        <label class="row"><input type="checkbox" checked={filter.failed} onChange={(e) => place({ failed: e.currentTarget.checked ? "yes" : "" })} />failed</label>
        {filter.reason && <button type="button" class="slim" onClick={() => place({ reason: "" })}>{filter.reason.replaceAll("_", " ")} ✕</button>}
        <button type="button" onClick={() => setTurn(turn + 1)}>Refresh</button>
      </form>
      <Failure error={error} retry={() => setTurn(turn + 1)} />
      <div class="scroll" tabIndex={0} role="group" aria-label="Decisions">
        <table>
          <thead>
            <tr><th>when</th><th>prompt</th><th>route</th><th>model</th><th>user</th></tr>
          </thead>
          <tbody>
            {list.map((d) => (
              <tr key={d.decisionId}>
                <td class="small nowrap">{d.time && timestampDate(d.time).toLocaleString()}</td>
                <td><button class="plain text" onClick={() => place({ decision: d.decisionId })}>{d.prompt ? short(d.prompt) : <span class="soft">not stored</span>}</button></td>
                <td><RouteChip name={d.route} /></td>
                <td>{d.model}{d.failed && <span class="chip bad">failed</span>}{!d.forwarded && <span class="soft small">decided only</span>}</td>
                <td class="small">{d.user}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {busy && <Waiting />}
      {!busy && !error && list.length === 0 && <p class="soft">Nothing is kept that is like this.</p>}
      {next && <div><button disabled={busy} onClick={() => load(next, list, new AbortController().signal)}>Earlier ones</button></div>}
      {open && <DecisionDialog id={open} serving={props.serving} close={() => place({ decision: "" })} />}
    </Card>
  );
}

function short(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
