import { useState } from "preact/hooks";
import { Pager } from "../../components/pager.tsx";
import { plural } from "../../lib/format.ts";
import { lint, type MapData, type Note, overlap, suspect } from "./data.ts";

const onPage = 30;
const words: Record<number, string> = { [lint]: "lint", [suspect]: "label suspect", [overlap]: "overlap" };

/** All that was found; each can be shown in the picture. */
export function Findings(props: { data: MapData; marks: number; show: (places: number[]) => void }) {
  const [page, setPage] = useState(0);
  const notes = props.data.notes.filter((n) => props.marks === 0 || (n.bit & props.marks) !== 0);
  const pages = Math.max(1, Math.ceil(notes.length / onPage));
  const now = Math.min(page, pages - 1);
  if (notes.length === 0) {
    return <p class="soft">Nothing was found{props.marks !== 0 && " of what is marked"}.</p>;
  }
  return (
    <div class="stack tight">
      <div class="row spread">
        <span class="small soft">{plural(notes.length, "finding")}</span>
        <Pager page={now} pages={pages} choose={setPage} />
      </div>
      <ul class="findings" tabIndex={0} aria-label="Findings">
        {notes.slice(now * onPage, (now + 1) * onPage).map((n, i) => (
          <li key={`${now}-${i}`}>
            <div class="row">
              <span class={`chip ${kindOf(n)}`}>{n.severity ? `${n.severity}: ${n.kind.replaceAll("_", " ")}` : words[n.bit]}</span>
              {n.points.length > 0 && <button class="slim" onClick={() => props.show(n.points)}>Show {plural(n.points.length, "point")}</button>}
            </div>
            <span>{n.message}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function kindOf(n: Note): string {
  return n.severity === "error" ? "bad" : n.severity === "info" ? "" : "warn";
}
