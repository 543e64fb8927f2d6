import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Decision } from "semroute/v1/decision";
import type { CallRecord } from "semroute/v1/forward";
import { semroute } from "../../lib/api.ts";
import { explain, type Explained } from "../../lib/explain.ts";
import { promptOf, type Tried } from "./prompt.ts";

/** Answer is what a model has said so far. */
export interface Answer {
  decision: Decision | undefined;
  text: string;
  reasoning: string;
  tools: string[];
  record: CallRecord | undefined;
  error: Explained | undefined;
  running: boolean;
}

const silent: Answer = { decision: undefined, text: "", reasoning: "", tools: [], record: undefined, error: undefined, running: false };

/** Has the call made, and gives the answer as it arrives. */
export function useForward(): { answer: Answer | undefined; send: (tried: Tried) => void; stop: () => void } {
  const [answer, setAnswer] = useState<Answer>();
  const ending = useRef<AbortController>(undefined);
  const stop = useCallback(() => ending.current?.abort(), []);
  useEffect(() => stop, []);
  const send = useCallback((tried: Tried) => {
    stop();
    const own = new AbortController();
    ending.current = own;
    let said: Answer = { ...silent, running: true };
    const show = (more: Partial<Answer>) => {
      said = { ...said, ...more };
      if (ending.current === own) {
        setAnswer(said);
      }
    };
    show({});
    const read = async () => {
      const stream = semroute.router.streamRoute({ prompt: promptOf(tried), options: { maxCandidates: 8, maxMatches: 6 } }, { signal: own.signal });
      for await (const { event } of stream) {
        switch (event.case) {
          case "decision":
            show({ decision: event.value });
            break;
          case "piece": {
            const { text, refusal, reasoning, toolCall } = event.value;
            show({ text: said.text + text + refusal, reasoning: said.reasoning + reasoning, tools: toolCall?.name ? [...said.tools, toolCall.name] : said.tools });
            break;
          }
          case "record":
            show({ record: event.value });
        }
      }
    };
    read().then(
      () => show({ running: false }),
      (error: unknown) => show({ running: false, error: explain(error) }),
    );
  }, []);
  return { answer, send, stop };
}
