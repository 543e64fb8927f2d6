import { useState } from "preact/hooks";
import type { RouteSummary } from "semroute/v1/catalog";
import { Card, Failure, Waiting } from "../../components/basics.tsx";
import { semroute } from "../../lib/api.ts";
import { count } from "../../lib/format.ts";
import { type Loaded, useLoad } from "../../lib/load.ts";
import { linkTo } from "../../lib/location.ts";
import type { Draft } from "./draft.ts";

/** All routes of the generation in place. */
export function useRoutes(serving: string): Loaded<RouteSummary[]> {
  return useLoad(async (signal) => {
    const all: RouteSummary[] = [];
    let pageToken = "";
    do {
      const page = await semroute.catalog.listRoutes({ pageToken }, { signal });
      all.push(...page.routes);
      pageToken = page.nextPageToken;
    } while (pageToken);
    return all;
  }, [serving]);
}

export function RouteList(props: { routes: Loaded<RouteSummary[]>; draft: Draft; chosen: string; open: (name: string) => void }) {
  const [filter, setFilter] = useState("");
  const [name, setName] = useState("");
  const known = props.routes.value ?? [];
  const fresh = Object.values(props.draft.edited).filter((e) => !e.base).map((e) => ({ name: e.route.name, utterances: e.route.utterances.length }));
  const all = [...known, ...fresh.filter((f) => !known.some((k) => k.name === f.name))];
  const shown = all.filter((r) => r.name.toLowerCase().includes(filter.toLowerCase()));
  const add = (event: Event) => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted) {
      props.open(wanted);
      setName("");
    }
  };
  return (
    <Card label="All routes">
      <label class="field">
        <span class="hidden">Filter routes</span>
        <input type="search" placeholder="filter" value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />
      </label>
      <Failure error={props.routes.error} retry={props.routes.reload} />
      {!props.routes.value && props.routes.loading && <Waiting />}
      <ul class="names">
        {shown.map((r) => (
          <li key={r.name}>
            <a href={linkTo("routes", { route: r.name })} aria-current={r.name === props.chosen ? "true" : undefined}>
              <span>{r.name}</span>
              <span class="soft small">{mark(props.draft, r.name) || count(r.utterances)}</span>
            </a>
          </li>
        ))}
      </ul>
      <form class="row" onSubmit={add}>
        <input aria-label="Name of a new route" placeholder="name of a new route" maxLength={200} value={name} onInput={(e) => setName(e.currentTarget.value)} />
        <button disabled={!name.trim()}>New route</button>
      </form>
    </Card>
  );
}

function mark(draft: Draft, name: string): string {
  const edited = draft.edited[name];
  if (edited) {
    return edited.base ? "changed" : "new";
  }
  return name in draft.deleted ? "deleted" : "";
}
