import { useState } from "preact/hooks";
import { type Suggestion, Suggestion_Kind as Kind } from "semroute/v1/feedback";
import { Card, Failure, Notice, RouteChip, Waiting } from "../../components/basics.tsx";
import { semroute } from "../../lib/api.ts";
import { plural } from "../../lib/format.ts";
import { useAction, useLoad } from "../../lib/load.ts";
import { linkTo } from "../../lib/location.ts";

const kinds: Record<Kind, string> = {
  [Kind.KIND_UNSPECIFIED]: "Change",
  [Kind.ADD_UTTERANCE]: "Add utterances",
  [Kind.ADD_NONE]: "Add to what fits no route",
  [Kind.NEW_ROUTE]: "Open a route",
  [Kind.MOVE_UTTERANCE]: "Move utterances",
};

/** Changes of the catalog that the traffic suggests, each with what it would do. */
export function Suggestions(props: { serving: string }) {
  const list = useLoad((signal) => semroute.feedback.listSuggestions({}, { signal }), [props.serving]);
  const [done, setDone] = useState<readonly { id: string; what: string }[]>([]);
  const answer = list.value;
  return (
    <Card title="Suggestions" aside={<button class="slim" onClick={list.reload}>Refresh</button>}>
      <Failure error={list.error} retry={list.reload} />
      {list.loading && <Waiting what="Looking at the traffic" />}
      {done.map((d) => <Notice key={d.id} kind="good">{d.what}</Notice>)}
      {answer?.notice && <Notice kind="warn">{answer.notice}</Notice>}
      {answer && answer.suggestions.length === 0 && <p class="soft">Nothing is suggested: {plural(answer.promptsRead, "decision")} were looked at.</p>}
      {answer?.suggestions.filter((s) => !done.some((d) => d.id === s.suggestionId)).map((s) => (
        <One key={s.suggestionId} of={s} done={(what) => setDone((all) => [...all, { id: s.suggestionId, what: `${title(s)}: ${what}` }])} />
      ))}
    </Card>
  );
}

/** A suggestion in some words. */
function title(s: Suggestion): string {
  const first = s.utterances[0] ?? "";
  return `${kinds[s.kind]} (${first.length > 60 ? `${first.slice(0, 60)}…` : first})`;
}

function One(props: { of: Suggestion; done: (what: string) => void }) {
  const s = props.of;
  const [name, setName] = useState(s.route);
  const [models, setModels] = useState("");
  const author = localStorage.getItem("semroute.author") ?? "";
  const accept = useAction(async () => {
    const list = models.split(",").map((m) => m.trim()).filter(Boolean);
    const done = await semroute.feedback.acceptSuggestion({ suggestionId: s.suggestionId, author, route: name === s.route ? "" : name, models: list });
    props.done(`accepted; revision ${done.revision} serves with it.`);
  });
  const reject = useAction(async () => {
    await semroute.feedback.rejectSuggestion({ suggestionId: s.suggestionId, author });
    props.done("rejected; it is not made again.");
  });
  const e = s.effect;
  return (
    <section class="suggestion stack tight" aria-label={`${kinds[s.kind]} ${s.route}`}>
      <div class="row">
        <strong>{kinds[s.kind]}</strong>
        {s.fromRoute && <><RouteChip name={s.fromRoute} /> →</>}
        {s.kind !== Kind.ADD_NONE && <RouteChip name={s.route} />}
        {s.guess && <span class="chip warn">a guess: nobody has said so</span>}
      </div>
      <ul>{s.utterances.map((u) => <li key={u}>{u}</li>)}</ul>
      <p class="soft small">
        Stands on {plural(s.prompts, "decision")}
        {s.evidence.length > 0 && <>: {s.evidence.slice(0, 5).map((one) => <a key={one.decisionId} href={linkTo("traffic", { tab: "decisions", decision: one.decisionId })}>{one.text || one.decisionId}; </a>)}</>}
      </p>
      {e && e.measured > 0 && (
        <p>
          On {e.measured} that were held out: {e.rightBefore} right before, <strong>{e.rightAfter} after</strong> ({e.gained} gained, {e.lost} lost).
        </p>
      )}
      <div class="row">
        {s.kind === Kind.NEW_ROUTE && <input aria-label="Name of the route" value={name} onInput={(ev) => setName(ev.currentTarget.value)} />}
        {s.kind === Kind.NEW_ROUTE && <input aria-label="Models of the route" placeholder="models, with commas" value={models} onInput={(ev) => setModels(ev.currentTarget.value)} />}
        <button class="primary" disabled={accept.busy || reject.busy} onClick={accept.run}>Accept</button>
        <button disabled={accept.busy || reject.busy} onClick={reject.run}>Reject</button>
      </div>
      <Failure error={accept.error ?? reject.error} />
    </section>
  );
}
