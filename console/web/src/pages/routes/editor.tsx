import { Code, ConnectError } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import { Card, Failure, Notice, Waiting } from "../../components/basics.tsx";
import { semroute } from "../../lib/api.ts";
import { useLoad } from "../../lib/load.ts";
import { type Draft, deleting, type Edited, fromDefinition, isChanged, type Route, withRoute, withoutRoute, yamlOf } from "./draft.ts";
import { Settings } from "./settings.tsx";
import { Utterances } from "./utterances.tsx";

const empty = (name: string): Route => ({ name, description: "", utterances: [], models: [], minConfidence: undefined, minMargin: undefined, metadata: {}, policy: "" });

async function read(name: string, signal?: AbortSignal): Promise<Edited> {
  try {
    const { route, etag } = await semroute.catalog.getRoute({ name }, signal ? { signal } : {});
    return { route: route ? fromDefinition(route) : empty(name), base: route && fromDefinition(route), etag };
  } catch (error) {
    if (ConnectError.from(error).code === Code.NotFound) {
      return { route: empty(name), base: undefined, etag: "" };
    }
    throw error;
  }
}

/** One route, with everything that can be changed of it. */
export function RouteEditor(props: { name: string; serving: string; draft: Draft; change: (draft: Draft) => void; names: string[]; open: (name: string) => void }) {
  const { name, draft, change } = props;
  const there = useLoad((signal) => read(name, signal), [name, props.serving]);
  const [copied, setCopied] = useState(false);
  const edited = draft.edited[name] ?? there.value;
  if (name in draft.deleted) {
    return (
      <Card title={name}>
        <Notice kind="warn" title="This route will be deleted">Its utterances go with it.</Notice>
        <div><button onClick={() => change(withoutRoute(draft, name))}>Keep it</button></div>
      </Card>
    );
  }
  if (!edited) {
    return <Card title={name}>{there.error ? <Failure error={there.error} retry={there.reload} /> : <Waiting />}</Card>;
  }
  const set = (part: Partial<Route>) => change(withRoute(draft, { ...edited, route: { ...edited.route, ...part } }));
  // The other route is read first, so that nothing is lost where it cannot be.
  const move = async (texts: string[], to: string) => {
    const other = draft.edited[to] ?? (await read(to));
    const gone = new Set(texts);
    const left = withRoute(draft, { ...edited, route: { ...edited.route, utterances: edited.route.utterances.filter((u) => !gone.has(u)) } });
    change(withRoute(left, { ...other, route: { ...other.route, utterances: [...new Set([...other.route.utterances, ...texts])] } }));
  };
  const copy = () => navigator.clipboard.writeText(yamlOf(edited.route)).then(() => setCopied(true));
  const stale = edited.base && there.value?.base && edited.etag !== there.value.etag;
  return (
    <Card
      title={<>{name} {!edited.base ? <span class="chip good">new</span> : isChanged(edited) && <span class="chip warn">changed</span>}</>}
      aside={
        <div class="row">
          <button class="slim" onClick={copy}>{copied ? "Copied" : "Copy YAML"}</button>
          {isChanged(edited) && <button class="slim" onClick={() => change(withoutRoute(draft, name))}>Undo changes</button>}
          {edited.base && <button class="slim danger" onClick={() => change(deleting(draft, name, edited.etag))}>Delete route</button>}
        </div>
      }
    >
      {stale && there.value && (
        <Notice kind="warn" title="Somebody has changed this route since you began">
          <div class="row">
            <span>Yours is made of an older version.</span>
            <button class="slim" onClick={() => there.value && change(withRoute(draft, { ...edited, base: there.value.base, etag: there.value.etag }))}>Put mine in its place</button>
            <button class="slim" onClick={() => change(withoutRoute(draft, name))}>Take theirs</button>
          </div>
        </Notice>
      )}
      <Settings route={edited.route} set={set} />
      <Utterances utterances={edited.route.utterances} set={(utterances) => set({ utterances })} others={props.names.filter((n) => n !== name)} move={move} />
    </Card>
  );
}
