import { useEffect, useRef } from "preact/hooks";
import { Card, Failure } from "../../components/basics.tsx";
import { AnswerView } from "./answer.tsx";
import { useDecision } from "./decide.ts";
import { DecisionView } from "./decision.tsx";
import { useForward } from "./forward.ts";
import { isEmpty, type Tried } from "./prompt.ts";
import { Turns } from "./turns.tsx";

/** A place to type a prompt or a conversation, with what is decided about it. */
export function TryOne(props: { label: string; tried: Tried; change: (tried: Tried) => void; first: boolean }) {
  const { tried, change } = props;
  const decided = useDecision(tried);
  const { answer, send, stop } = useForward();
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (props.first) {
      input.current?.focus();
    }
  }, []);
  const before = (turns: Tried["before"]) => change({ ...tried, before: turns });
  return (
    <div class="columns one">
      <div class="stack">
        <Card label={props.label}>
          <Turns turns={tried.before} change={before} label={props.label} />
          <label class="field">
            {props.label}
            <textarea
              ref={input}
              rows={3}
              value={tried.text}
              placeholder="where is my parcel?"
              onInput={(e) => change({ ...tried, text: e.currentTarget.value })}
              onKeyDown={(e) => {
                if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && !isEmpty(tried)) {
                  send(tried);
                }
              }}
            />
          </label>
          <div class="row">
            <button class="primary" disabled={isEmpty(tried) || answer?.running} onClick={() => send(tried)} title="Ctrl + Enter">Send to the model</button>
            <button onClick={() => before([...tried.before, { role: tried.before.length % 2 === 0 ? "user" : "assistant", text: "" }])}>Add an earlier turn</button>
          </div>
        </Card>
        {answer && <AnswerView answer={answer} stop={stop} />}
      </div>
      <Card label={`Decision on ${props.label}`}>
        <Failure error={decided.error} />
        {decided.decision ? (
          <DecisionView decision={decided.decision} took={decided.took} />
        ) : (
          !decided.error && <p class="soft">What is typed is decided at once, and not recorded. Sending it makes a call, which is.</p>
        )}
      </Card>
    </div>
  );
}
