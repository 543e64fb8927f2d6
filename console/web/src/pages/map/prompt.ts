import { useEffect, useRef, useState } from "preact/hooks";
import type { Decision } from "semroute/v1/decision";
import type { MapMethod } from "semroute/v1/map";
import { semroute } from "../../lib/api.ts";
import { explain, type Explained } from "../../lib/explain.ts";

/** A typed prompt among the utterances. */
export interface Placed {
  x: number;
  y: number;
  decision: Decision | undefined;
  nearest: { point: number; route: string; text: string; x: number; y: number; similarity: number }[];
  /** Of the map that it was placed on. */
  fingerprint: string;
}

export interface Placing {
  placed: Placed | undefined;
  error: Explained | undefined;
}

const nothing: Placing = { placed: undefined, error: undefined };

/** Places what is typed: one question at a time, and after each answer the newest text. */
export function usePlaced(text: string, method: MapMethod): Placing {
  const [placing, setPlacing] = useState(nothing);
  const question = `${method} ${text.trim()}`;
  const wanted = useRef(question);
  const asking = useRef(false);
  const there = useRef(true);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);
  useEffect(() => {
    wanted.current = question;
    const ask = async () => {
      asking.current = true;
      let asked: string | undefined;
      while (there.current && asked !== wanted.current) {
        asked = wanted.current;
        const space = asked.indexOf(" ");
        const prompt = asked.slice(space + 1);
        setPlacing(prompt === "" ? nothing : await place(prompt, Number(asked.slice(0, space))));
      }
      asking.current = false;
    };
    if (!asking.current) {
      void ask();
    }
  }, [question]);
  return placing;
}

async function place(prompt: string, method: MapMethod): Promise<Placing> {
  try {
    const answer = await semroute.map.placePrompts({ prompts: [prompt], method });
    const p = answer.placements[0];
    return p ? { placed: { x: p.x, y: p.y, decision: p.decision, nearest: p.nearest, fingerprint: answer.fingerprint }, error: undefined } : nothing;
  } catch (error) {
    return { ...nothing, error: explain(error) };
  }
}
