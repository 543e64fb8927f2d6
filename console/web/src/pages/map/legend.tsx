import { count } from "../../lib/format.ts";
import { abstention, counted, type Filter, lint, type MapData, overlap, suspect } from "./data.ts";
import { Symbol } from "./symbols.tsx";
import { useMemo } from "preact/hooks";

const kinds = [[lint, "○", "Lint findings"], [suspect, "□", "Label suspects"], [overlap, "◇", "Overlaps"], [abstention, "×", "Abstentions"]] as const;

/** What the marks mean; pressing one shows only what has it. */
export function Marks(props: { data: MapData; filter: Filter; change: (filter: Filter) => void }) {
  const { data, filter } = props;
  const counts = useMemo(() => kinds.map(([bit]) => counted(data, bit)), [data]);
  return (
    <div class="row" role="group" aria-label="Show only what is marked">
      {kinds.map(([bit, sign, title], k) => (
        <button
          key={bit} class="slim" aria-pressed={(filter.marks & bit) !== 0} disabled={counts[k] === 0 && (filter.marks & bit) === 0}
          onClick={() => props.change({ ...filter, marks: filter.marks ^ bit })}
        >
          <span>{title}</span><span aria-hidden="true" class={`sign-${bit}`}>{sign}</span><span>{count(counts[k] ?? 0)}</span>
        </button>
      ))}
    </div>
  );
}

/** The symbols of the routes; pressing one shows only it, and others beside it. */
export function Legend(props: { data: MapData; filter: Filter; change: (filter: Filter) => void }) {
  const { data, filter } = props;
  const press = (route: number) => {
    const routes = new Set(filter.routes);
    if (!routes.delete(route)) {
      routes.add(route);
    }
    props.change({ ...filter, routes });
  };
  return (
    <div class="legend" role="group" aria-label="Show only these routes">
      {data.routes.map((name, i) => (
        <button key={name} class="slim" aria-pressed={filter.routes.has(i)} onClick={() => press(i)}><Symbol route={i} /><span>{name}</span></button>
      ))}
    </div>
  );
}
