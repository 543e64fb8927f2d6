import { create } from "@bufbuild/protobuf";
import { useEffect, useState } from "preact/hooks";
import { type CatalogChange, CatalogChangeSchema } from "semroute/v1/catalog";
import { Card, Failure, Notice, Waiting } from "../../components/basics.tsx";
import { semroute } from "../../lib/api.ts";
import { useLoad } from "../../lib/load.ts";
import { Apply } from "./apply.tsx";
import { Outcome, useTried } from "./effect.tsx";

const kept = "semroute.routes.whole";

/** The catalog as one YAML file: for rules, models, aliases and all else. */
export function WholeCatalog(props: { fromFiles: boolean; serving: string }) {
  const there = useLoad((signal) => semroute.catalog.exportCatalog({}, { signal }), [props.serving]);
  const [text, setText] = useState(() => sessionStorage.getItem(kept));
  const [applying, setApplying] = useState(false);
  const [applied, setApplied] = useState("");
  useEffect(() => {
    text === null ? sessionStorage.removeItem(kept) : sessionStorage.setItem(kept, text);
  }, [text]);
  const original = there.value?.yaml;
  const changed = text !== null && text !== original;
  const changes: CatalogChange[] = changed && text.trim() ? [create(CatalogChangeSchema, { change: { case: "replaceCatalog", value: { yaml: text } } })] : [];
  const { tried, busy, error } = useTried(changes, changed ? text : "");
  return (
    <Card
      title="The whole catalog"
      aside={
        <div class="row">
          <button disabled={!changed} onClick={() => setText(null)}>Undo changes</button>
          <button class="primary" disabled={!changed || props.fromFiles || busy || (tried?.problems.length ?? 0) > 0} onClick={() => setApplying(true)}>Apply…</button>
        </div>
      }
    >
      <Failure error={there.error} retry={there.reload} />
      {applied && <Notice kind="good">{applied}</Notice>}
      {original === undefined && there.loading && <Waiting />}
      <Outcome tried={tried} busy={busy} error={error} />
      {original !== undefined && (
        <textarea class="mono whole" spellcheck={false} aria-label="Catalog as YAML" value={text ?? original} onInput={(e) => { setText(e.currentTarget.value); setApplied(""); }} />
      )}
      {applying && (
        <Apply
          changes={changes}
          close={() => setApplying(false)}
          applied={(what) => {
            setText(null);
            setApplied(what);
            there.reload();
          }}
        />
      )}
    </Card>
  );
}
