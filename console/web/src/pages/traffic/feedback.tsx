import { useState } from "preact/hooks";
import { Feedback_Thumbs as Thumbs, Feedback_Verdict as Verdict } from "semroute/v1/feedback";
import { Failure, Notice } from "../../components/basics.tsx";
import { semroute } from "../../lib/api.ts";
import { useAction } from "../../lib/load.ts";

/** What a person says of a decision. */
export function GiveFeedback(props: { id: string; routes: string[] }) {
  const [right, setRight] = useState("");
  const [comment, setComment] = useState("");
  const [said, setSaid] = useState<{ verdict?: Verdict; rightRoute?: string; thumbs?: Thumbs }>();
  const [done, setDone] = useState("");
  const give = useAction(async () => {
    const answer = await semroute.feedback.giveFeedback({ feedback: { decisionId: props.id, comment, ...said } });
    setDone(answer.repeated ? "This was said before." : "Thank you: it is kept.");
  });
  const say = (what: typeof said) => {
    setSaid(what);
    setDone("");
    setTimeout(give.run); // once what is said is known
  };
  return (
    <section class="stack tight" aria-label="Feedback">
      <h3>Was it right?</h3>
      <div class="row">
        <button disabled={give.busy} onClick={() => say({ verdict: Verdict.RIGHT })}>Right route</button>
        <button disabled={give.busy} onClick={() => say({ verdict: Verdict.WRONG })}>Wrong route</button>
        <label class="row">
          <span>it is</span>
          <select aria-label="Right route" value={right} onChange={(e) => setRight(e.currentTarget.value)}>
            <option value="">choose</option>
            <option value="-">no route</option>
            {props.routes.map((r) => <option key={r} value={`+${r}`}>{r}</option>)}
          </select>
        </label>
        <button disabled={give.busy || !right} onClick={() => say({ rightRoute: right.slice(1) })}>Say so</button>
      </div>
      <div class="row">
        <button disabled={give.busy} onClick={() => say({ thumbs: Thumbs.UP })}>Good answer</button>
        <button disabled={give.busy} onClick={() => say({ thumbs: Thumbs.DOWN })}>Bad answer</button>
        <input aria-label="Comment" placeholder="comment" maxLength={4096} value={comment} onInput={(e) => setComment(e.currentTarget.value)} />
      </div>
      {done && <Notice kind="good">{done}</Notice>}
      <Failure error={give.error} />
    </section>
  );
}

/** Makes the prompt an utterance of a route: the likely one is chosen already. */
export function MakeUtterance(props: { prompt: string; routes: string[]; likely: string }) {
  const [route, setRoute] = useState<string>();
  const chosen = route ?? props.likely;
  const [done, setDone] = useState("");
  const add = useAction(async () => {
    const { applied } = await semroute.catalog.addUtterances({
      route: chosen, utterances: [props.prompt], remark: { author: localStorage.getItem("semroute.author") ?? "", cause: "a prompt from the traffic" },
    });
    setDone(applied?.unchanged ? "It was there already." : `Revision ${applied?.revision?.number} serves with it.`);
  });
  return (
    <section class="stack tight" aria-label="Make it an utterance">
      <div class="row">
        <button disabled={add.busy || !!done} onClick={add.run}>Make it an utterance</button>
        <label class="row">
          <span>of</span>
          <select aria-label="Route of the utterance" value={chosen} onChange={(e) => setRoute(e.currentTarget.value)}>
            <option value="">none: it fits no route</option>
            {props.routes.map((r) => <option key={r} value={r}>{r}</option>)}
          </select>
        </label>
      </div>
      {done && <Notice kind="good">{done}</Notice>}
      <Failure error={add.error} />
    </section>
  );
}
