import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { explain, type Explained } from "./explain.ts";

/** Loaded is something that is asked of the server. */
export interface Loaded<T> {
  value: T | undefined;
  error: Explained | undefined;
  loading: boolean;
  /** Asks again; what is there stays until the answer. */
  reload: () => void;
}

/** Asks when what it depends on changes; an answer to an earlier question is dropped. */
export function useLoad<T>(ask: (signal: AbortSignal) => Promise<T>, dependencies: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, "reload">>({ value: undefined, error: undefined, loading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const ending = new AbortController();
    setState((s) => ({ ...s, loading: true }));
    latest.current(ending.signal).then(
      (value) => ending.signal.aborted || setState({ value, error: undefined, loading: false }),
      (error: unknown) => ending.signal.aborted || setState((s) => ({ ...s, error: explain(error), loading: false })),
    );
    return () => ending.abort();
  }, [turn, ...dependencies]);
  return { ...state, reload: useCallback(() => setTurn((n) => n + 1), []) };
}

/** Action is something that a person has the server do. */
export interface Action {
  run: () => Promise<void>;
  busy: boolean;
  error: Explained | undefined;
}

/** One at a time; errors stay until the next. */
export function useAction(act: () => Promise<void>): Action {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Explained>();
  const latest = useRef(act);
  latest.current = act;
  const running = useRef(false);
  const run = useCallback(async () => {
    if (running.current) {
      return;
    }
    running.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await latest.current();
    } catch (failed) {
      setError(explain(failed));
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  return { run, busy, error };
}
