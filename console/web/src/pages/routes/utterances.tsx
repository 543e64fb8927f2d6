import { useState } from "preact/hooks";
import { Failure } from "../../components/basics.tsx";
import { Pager } from "../../components/pager.tsx";
import { count, plural } from "../../lib/format.ts";
import { useAction } from "../../lib/load.ts";
import { linkTo } from "../../lib/location.ts";

const pageSize = 50;

/** The utterances of a route: filter, add, change, take away, move. */
export function Utterances(props: { utterances: string[]; set: (utterances: string[]) => void; others: string[]; move: (texts: string[], to: string) => Promise<void> }) {
  const { utterances, set } = props;
  const [filter, setFilter] = useState("");
  const [page, setPage] = useState(0);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [to, setTo] = useState("");
  const wanted = filter.toLowerCase();
  const shown = utterances.map((text, at) => ({ text, at })).filter((u) => u.text.toLowerCase().includes(wanted));
  const first = Math.min(page, Math.max(0, Math.ceil(shown.length / pageSize) - 1)) * pageSize;
  const chosen = utterances.filter((u) => picked.has(u));
  const pick = (text: string, on: boolean) => {
    const more = new Set(picked);
    on ? more.add(text) : more.delete(text);
    setPicked(more);
  };
  const move = useAction(async () => {
    await props.move(chosen, to);
    setPicked(new Set());
  });
  return (
    <section class="stack tight" aria-label="Utterances">
      <div class="row spread">
        <h3>{plural(utterances.length, "utterance")}</h3>
        <input type="search" aria-label="Filter utterances" placeholder="filter" value={filter} onInput={(e) => { setFilter(e.currentTarget.value); setPage(0); }} />
      </div>
      <Adding add={(texts) => set([...utterances, ...texts.filter((t) => !utterances.includes(t))])} />
      {chosen.length > 0 && (
        <div class="row notice">
          <span>{count(chosen.length)} chosen</span>
          <label class="row">
            <span>move to</span>
            <select aria-label="Move to" value={to} onChange={(e) => setTo(e.currentTarget.value)}>
              <option value="">choose a route</option>
              {props.others.map((name) => <option key={name} value={name}>{name}</option>)}
            </select>
          </label>
          <button class="slim" disabled={!to || move.busy} onClick={move.run}>Move</button>
          <button class="slim danger" onClick={() => { set(utterances.filter((u) => !picked.has(u))); setPicked(new Set()); }}>Remove</button>
          <Failure error={move.error} />
        </div>
      )}
      <ul class="utterances">
        {shown.slice(first, first + pageSize).map(({ text, at }) => (
          <li key={`${at}\n${text}`}>
            <input type="checkbox" aria-label={`Choose ${text}`} checked={picked.has(text)} onChange={(e) => pick(text, e.currentTarget.checked)} />
            <textarea
              rows={Math.min(6, text.split("\n").length)} aria-label={`Utterance ${at + 1}`} value={text}
              onChange={(e) => {
                const said = e.currentTarget.value.trim();
                set(said ? utterances.map((u, i) => (i === at ? said : u)) : utterances.filter((_, i) => i !== at));
              }}
            />
            <a href={linkTo("try", { prompt: text })} title="Try it as a prompt">try</a>
            <button class="plain" aria-label={`Remove ${text}`} onClick={() => set(utterances.filter((_, i) => i !== at))}>✕</button>
          </li>
        ))}
      </ul>
      <Pager page={first / pageSize} pages={Math.ceil(shown.length / pageSize)} choose={setPage} />
    </section>
  );
}

/** One utterance, or many, a line each. */
function Adding(props: { add: (texts: string[]) => void }) {
  const [text, setText] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    props.add([...new Set(text.split("\n").map((line) => line.trim()).filter(Boolean))]);
    setText("");
  };
  return (
    <form class="adding" onSubmit={submit}>
      <textarea rows={2} aria-label="New utterances" placeholder="new utterances, a line each" value={text} onInput={(e) => setText(e.currentTarget.value)} />
      <button disabled={!text.trim()}>Add</button>
    </form>
  );
}
