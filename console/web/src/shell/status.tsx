import { useEffect, useState } from "preact/hooks";
import { type CatalogStatus, CatalogStatus_State as State } from "semroute/v1/catalog";
import { semroute } from "../lib/api.ts";

/** How long until a watch that broke off is begun again. */
const pause = 3000;

/** What the server serves and builds, as it says so; undefined until then. */
export function useStatus(watched: boolean): CatalogStatus | undefined {
  const [status, setStatus] = useState<CatalogStatus>();
  useEffect(() => {
    if (!watched) {
      return;
    }
    const ending = new AbortController();
    const watch = async () => {
      while (!ending.signal.aborted) {
        try {
          for await (const said of semroute.catalog.watchStatus({}, { signal: ending.signal })) {
            setStatus(said.status);
          }
        } catch {
          setStatus(undefined);
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    };
    void watch();
    return () => ending.abort();
  }, [watched]);
  return status;
}

const words: Record<State, [string, string]> = {
  [State.STATE_UNSPECIFIED]: ["", "unknown"],
  [State.STARTING]: ["warn", "starting"],
  [State.SERVING]: ["good", "serving"],
  [State.DEGRADED]: ["warn", "degraded"],
  [State.STALE]: ["bad", "cannot decide"],
};

/** The state in a word, beside what is being built. */
export function StatusChip(props: { status: CatalogStatus | undefined }) {
  const status = props.status;
  if (!status) {
    return null;
  }
  const [kind, word] = words[status.state] ?? ["", "unknown"];
  const building = status.building?.what;
  return (
    <span class={`chip ${kind}`} role="status" title={status.error || `fingerprint ${status.fingerprint}`}>
      {word}
      {status.revision && status.revision.number > 0n && ` · revision ${status.revision.number}`}
      {building && ` · ${building} ${status.building?.done}/${status.building?.total}`}
    </span>
  );
}
