import { Code, ConnectError } from "@connectrpc/connect";
import { useEffect, useState } from "preact/hooks";
import type { CatalogChange, CatalogProblem, PreviewResponse } from "semroute/v1/catalog";
import { Card, Failure, Notice, Waiting } from "../../components/basics.tsx";
import { semroute } from "../../lib/api.ts";
import { explain, type Explained } from "../../lib/explain.ts";
import { Apply } from "./apply.tsx";
import { changesOf, type Draft, summary } from "./draft.ts";
import { ChangedDecisions } from "./changed.tsx";

/** How long a draft rests before it is built and tried. */
const rest = 500;

/** How many of the prompts that were decided last a change is tried on. */
const recent = 500;

export interface Tried {
  problems: CatalogProblem[];
  warnings: string[];
  preview: PreviewResponse | undefined;
  /** There is nothing to try it on. */
  nothing: boolean;
  error: Explained | undefined;
}

/** What changes would do: what is wrong with them, and which decisions change. */
export async function tryOut(changes: CatalogChange[], signal: AbortSignal): Promise<Tried> {
  const valid = await semroute.catalog.validateCatalog({ changes }, { signal });
  const tried: Tried = { problems: valid.problems, warnings: valid.warnings, preview: undefined, nothing: false, error: undefined };
  if (valid.problems.length > 0) {
    return tried;
  }
  try {
    return { ...tried, preview: await semroute.catalog.preview({ changes, recent, evaluation: true }, { signal }) };
  } catch (error) {
    const failed = ConnectError.from(error);
    const nothing = failed.code === Code.InvalidArgument && failed.rawMessage.startsWith("no prompts");
    return nothing ? { ...tried, nothing } : { ...tried, error: explain(error) };
  }
}

/** Tries changes out once they rest; the last that were asked for count. */
export function useTried(changes: CatalogChange[], key: string): { tried: Tried | undefined; busy: boolean; error: Explained | undefined } {
  const [state, setState] = useState<{ tried?: Tried; busy: boolean; error?: Explained | undefined }>({ busy: false });
  useEffect(() => {
    if (changes.length === 0) {
      setState({ busy: false });
      return;
    }
    const ending = new AbortController();
    setState((s) => ({ ...s, busy: true }));
    const timer = setTimeout(() => {
      tryOut(changes, ending.signal).then(
        (tried) => ending.signal.aborted || setState({ tried, busy: false }),
        (error: unknown) => ending.signal.aborted || setState({ busy: false, error: explain(error) }),
      );
    }, rest);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [key]);
  return { tried: state.tried, busy: state.busy, error: state.error };
}

/** The draft with what it would do, and the way to apply it. */
export function Effect(props: { draft: Draft; fromFiles: boolean; discard: () => void; forget: (name: string) => void; applied: (what: string) => void }) {
  const changes = changesOf(props.draft);
  const { tried, busy, error } = useTried(changes, JSON.stringify(props.draft));
  const [applying, setApplying] = useState(false);
  if (changes.length === 0) {
    return null;
  }
  const blocked = props.fromFiles || busy || (tried?.problems.length ?? 0) > 0;
  return (
    <Card
      title="Your changes"
      aside={
        <div class="row">
          <button onClick={props.discard}>Discard all</button>
          <button class="primary" disabled={blocked} onClick={() => setApplying(true)}>Apply…</button>
        </div>
      }
    >
      <ul class="changes">
        {Object.keys(props.draft.deleted).map((name) => <li key={name}><strong>{name}</strong>: deleted <button class="plain slim" onClick={() => props.forget(name)}>undo</button></li>)}
        {Object.values(props.draft.edited).map((e) => <li key={e.route.name}><strong>{e.route.name}</strong>: {summary(e)} <button class="plain slim" onClick={() => props.forget(e.route.name)}>undo</button></li>)}
      </ul>
      <Outcome tried={tried} busy={busy} error={error} />
      {applying && <Apply changes={changes} close={() => setApplying(false)} applied={props.applied} />}
    </Card>
  );
}

/** What came of trying changes out. */
export function Outcome(props: { tried: Tried | undefined; busy: boolean; error: Explained | undefined }) {
  const t = props.tried;
  return (
    <>
      {props.busy && <Waiting what="Trying it out" />}
      <Failure error={props.error} />
      {t && t.problems.length > 0 && (
        <Notice kind="bad" title="It cannot be served like that">
          <ul>{t.problems.map((p) => <li key={p.field + p.message}><code>{p.field}</code>: {p.message}</li>)}</ul>
        </Notice>
      )}
      {t && t.warnings.length > 0 && <Notice kind="warn" title="Oddities"><ul>{t.warnings.map((w) => <li key={w}>{w}</li>)}</ul></Notice>}
      <Failure error={t?.error} />
      {t?.nothing && (
        <p class="soft">
          It can be served. There are no prompts to try it on: let the server keep some (<code>--ledger</code>, <code>--store-prompts</code>), or give it labelled ones (<code>--gate-data</code>).
        </p>
      )}
      {t?.preview && <ChangedDecisions of={t.preview} />}
    </>
  );
}
