import { useEffect, useRef, useState } from "preact/hooks";
import type { Decision } from "semroute/v1/decision";
import { semroute } from "../../lib/api.ts";
import { explain, type Explained } from "../../lib/explain.ts";
import { isEmpty, promptOf, type Tried } from "./prompt.ts";

export interface Decided {
  decision: Decision | undefined;
  error: Explained | undefined;
  /** Milliseconds from the question to the answer, seen from here. */
  took: number;
}

const nothing: Decided = { decision: undefined, error: undefined, took: 0 };

/**
 * Decides as one types: one question at a time, and after each answer the newest
 * text, so that a slow server is never asked faster than it answers. Nothing of it
 * is recorded.
 */
export function useDecision(tried: Tried): Decided {
  const [decided, setDecided] = useState(nothing);
  const wanted = useRef(tried);
  const asking = useRef(false);
  const there = useRef(true);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);
  useEffect(() => {
    wanted.current = tried;
    const ask = async () => {
      asking.current = true;
      let asked: Tried | undefined;
      while (there.current && asked !== wanted.current) {
        asked = wanted.current;
        setDecided(isEmpty(asked) ? nothing : await decide(asked));
      }
      asking.current = false;
    };
    if (!asking.current) {
      void ask();
    }
  }, [tried]);
  return decided;
}

async function decide(tried: Tried): Promise<Decided> {
  const start = performance.now();
  try {
    const answer = await semroute.router.route({ prompt: promptOf(tried), options: { maxCandidates: 8, maxMatches: 6 }, dryRun: true });
    return { decision: answer.decision, error: undefined, took: performance.now() - start };
  } catch (error) {
    return { ...nothing, error: explain(error) };
  }
}
