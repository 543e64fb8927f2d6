import { useEffect, useState } from "preact/hooks";
import { keepPlace } from "../../lib/location.ts";
import type { PageProps } from "../pages.ts";
import { Generations } from "./generations.tsx";
import { TryOne } from "./attempt.tsx";
import { isEmpty, type Tried, turnsOfText, turnsToText } from "./prompt.ts";

/** Type a prompt, and see what becomes of it; its address is a permalink. */
export function TryPage(props: PageProps) {
  const [tried, setTried] = useState<Tried>(() => ({ text: props.params.get("prompt") ?? "", before: turnsOfText(props.params.get("before")) }));
  const [other, setOther] = useState<Tried | undefined>(() => {
    const text = props.params.get("other");
    return text === null ? undefined : { text, before: turnsOfText(props.params.get("otherBefore")) };
  });
  const [generations, setGenerations] = useState(false);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    keepPlace("try", {
      prompt: tried.text, before: turnsToText(tried.before),
      other: other?.text, otherBefore: other && turnsToText(other.before),
    });
    setCopied(false);
  }, [tried, other]);
  const copy = () => navigator.clipboard.writeText(location.href).then(() => setCopied(true));
  return (
    <div class="stack">
      <div class="row spread">
        <h1>Try a prompt</h1>
        <div class="row">
          <button aria-pressed={other !== undefined} onClick={() => setOther(other ? undefined : { text: "", before: [] })}>Compare two prompts</button>
          {props.admin && <button aria-pressed={generations} onClick={() => setGenerations(!generations)}>Compare generations</button>}
          <button disabled={isEmpty(tried)} onClick={copy}>{copied ? "Link copied" : "Copy link"}</button>
        </div>
      </div>
      {generations && <Generations text={tried.text} />}
      <div class={other ? "columns" : ""}>
        <TryOne label="Prompt" tried={tried} change={setTried} first />
        {other && <TryOne label="Other prompt" tried={other} change={setOther} first={false} />}
      </div>
    </div>
  );
}
