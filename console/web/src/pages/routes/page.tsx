import { useEffect, useState } from "preact/hooks";
import { CatalogStatus_Source as Source } from "semroute/v1/catalog";
import { Notice } from "../../components/basics.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { linkTo } from "../../lib/location.ts";
import type { PageProps } from "../pages.ts";
import { type Draft, keepDraft, keptDraft, nothing } from "./draft.ts";
import { Effect } from "./effect.tsx";
import { History } from "./history.tsx";
import { RouteEditor } from "./editor.tsx";
import { RouteList, useRoutes } from "./list.tsx";
import { WholeCatalog } from "./whole.tsx";

/** The routes: look, change, see what it does, apply, go back. */
export function RoutesPage(props: PageProps) {
  const [draft, setDraft] = useState<Draft>(keptDraft);
  const [applied, setApplied] = useState("");
  const fromFiles = props.status?.source === Source.FILES;
  const serving = props.status?.fingerprint ?? "";
  const routes = useRoutes(serving);
  const chosen = props.params.get("route") ?? "";
  const tab = props.params.get("tab") ?? "routes";
  useEffect(() => keepDraft(draft), [draft]);
  const change = (changed: Draft) => {
    setDraft(changed);
    setApplied("");
  };
  const open = (route: string) => {
    location.hash = linkTo("routes", { route });
  };
  const done = (what: string) => {
    setDraft(nothing);
    setApplied(what);
    routes.reload();
  };
  return (
    <div class="stack">
      <h1>Routes</h1>
      {fromFiles && (
        <Notice title="The catalog comes from files">
          Try changes here and see what they do; then copy the YAML into the files. To apply changes here, let the server serve from its store: <code>serve --source store</code>.
        </Notice>
      )}
      <Tabs
        label="What to look at"
        of={[["routes", "Routes"], ["whole", "Whole catalog"], ["history", "History"]]}
        chosen={tab}
        choose={(t) => {
          location.hash = linkTo("routes", { tab: t });
        }}
      />
      {applied && <Notice kind="good">{applied}</Notice>}
      {tab === "whole" && <WholeCatalog fromFiles={fromFiles} serving={serving} />}
      {tab === "history" && <History serving={serving} />}
      {tab === "routes" && (
        <>
          <Effect draft={draft} fromFiles={fromFiles} discard={() => change(nothing)} applied={done} forget={(name) => change({ edited: omit(draft.edited, name), deleted: omit(draft.deleted, name) })} />
          <div class="routes">
            <RouteList routes={routes} draft={draft} chosen={chosen} open={open} />
            {chosen && <RouteEditor key={chosen} name={chosen} serving={serving} draft={draft} change={change} names={(routes.value ?? []).map((r) => r.name)} open={open} />}
            {!chosen && <p class="soft card">Choose a route to see and change it.</p>}
          </div>
        </>
      )}
    </div>
  );
}

function omit<T>(of: Record<string, T>, name: string): Record<string, T> {
  const { [name]: _, ...others } = of;
  return others;
}
