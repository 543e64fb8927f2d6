import { useEffect, useRef, useState } from "preact/hooks";
import { Pager } from "../../components/pager.tsx";
import { plural } from "../../lib/format.ts";
import type { MapData } from "./data.ts";
import { Symbol } from "./symbols.tsx";

const onPage = 100;

/**
 * What is shown as a list, which the keyboard goes through: arrows choose one, which
 * the picture points at, and Space selects it.
 */
export function PointList(props: {
  label: string;
  data: MapData;
  places: readonly number[];
  active: number | undefined;
  selected: ReadonlySet<number>;
  activate: (place: number) => void;
  toggle: (place: number) => void;
}) {
  const { data, places, active } = props;
  const [page, setPage] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const pages = Math.max(1, Math.ceil(places.length / onPage));
  const at = active === undefined ? -1 : places.indexOf(active);
  useEffect(() => setPage((p) => (at >= 0 ? Math.floor(at / onPage) : Math.min(p, pages - 1))), [places, active]);
  useEffect(() => {
    const item = list.current?.querySelector<HTMLElement>('[data-active="true"]');
    if (item && list.current) { // the list alone is scrolled, not the page
      const { offsetTop: top, offsetHeight: height } = item;
      if (top < list.current.scrollTop || top + height > list.current.scrollTop + list.current.clientHeight) {
        list.current.scrollTop = top - list.current.clientHeight / 2;
      }
    }
  }, [active, page]);
  const go = (to: number) => {
    const place = places[Math.max(0, Math.min(places.length - 1, to))];
    if (place !== undefined) {
      props.activate(place);
    }
  };
  const key = (e: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: places.length - 1 };
    const to = steps[e.key];
    if (to !== undefined) {
      go(to);
    } else if ((e.key === " " || e.key === "Enter") && active !== undefined && at >= 0) {
      props.toggle(active);
    } else {
      return;
    }
    e.preventDefault();
  };
  const from = Math.min(page, pages - 1) * onPage;
  return (
    <div class="stack tight">
      <div class="row spread">
        <span class="small soft">{plural(places.length, "point")}</span>
        <Pager page={Math.min(page, pages - 1)} pages={pages} choose={setPage} />
      </div>
      {places.length === 0 && <p class="soft">Nothing fits.</p>}
      {places.length > 0 && (
        <ul
          ref={list} class="points" role="listbox" aria-label={props.label} aria-multiselectable="true" tabIndex={0} onKeyDown={key}
          aria-activedescendant={at >= from && at < from + onPage ? `point-${props.label}-${active}`.replaceAll(" ", "-") : undefined}
        >
          {places.slice(from, from + onPage).map((place) => (
            <li
              key={place} id={`point-${props.label}-${place}`.replaceAll(" ", "-")} role="option" aria-selected={props.selected.has(place)} data-active={place === active}
              onClick={(e) => (e.ctrlKey || e.metaKey ? props.toggle(place) : props.activate(place))}
            >
              {place < data.utterances ? <Symbol route={data.route[place] ?? 0} /> : <span class="symbol" aria-hidden="true">×</span>}
              <span>{data.text[place]}</span>
              <span class="small soft">{data.routes[data.route[place] ?? 0] ?? "no route"}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
