import { useEffect, useState } from "preact/hooks";
import { linkTo } from "../../lib/location.ts";
import type { MapData } from "./data.ts";
import { PointList } from "./list.tsx";
import { Symbol } from "./symbols.tsx";

/** What was selected, by route, to be copied or changed on the page of its route. */
export function Selected(props: {
  data: MapData;
  selected: ReadonlySet<number>;
  active: number | undefined;
  activate: (place: number) => void;
  toggle: (place: number) => void;
  clear: () => void;
  show: (places: number[]) => void;
}) {
  const { data } = props;
  const [copied, setCopied] = useState(false);
  const places = [...props.selected].sort((a, b) => a - b);
  useEffect(() => setCopied(false), [props.selected]);
  if (places.length === 0) {
    return <p class="soft">Nothing is selected. Draw a lasso around utterances, click them, or press Space in the list.</p>;
  }
  const counts = new Map<number, number>();
  for (const i of places) {
    const route = data.route[i] ?? 0;
    counts.set(route, (counts.get(route) ?? 0) + 1);
  }
  const text = places.map((i) => `${data.routes[data.route[i] ?? 0] ?? ""}\t${data.text[i]}`).join("\n");
  return (
    <div class="stack tight">
      <div class="row">
        <button class="slim" onClick={() => navigator.clipboard.writeText(text).then(() => setCopied(true))}>{copied ? "Copied" : "Copy"}</button>
        <button class="slim" onClick={() => props.show(places)}>Zoom to them</button>
        <button class="slim" onClick={props.clear}>Select nothing</button>
      </div>
      <ul class="plain row" aria-label="Routes of what is selected">
        {[...counts].sort((a, b) => b[1] - a[1]).slice(0, 20).map(([route, n]) => (
          <li key={route}>
            {route < data.routes.length
              ? <a class="row" href={linkTo("routes", { route: data.routes[route] })}><Symbol route={route} />{data.routes[route]} ({n})</a>
              : <span>no route ({n})</span>}
          </li>
        ))}
      </ul>
      <PointList label="Selected points" data={data} places={places} active={props.active} selected={props.selected} activate={props.activate} toggle={props.toggle} />
    </div>
  );
}
