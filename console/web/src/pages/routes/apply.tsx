import { useState } from "preact/hooks";
import type { CatalogChange } from "semroute/v1/catalog";
import { Failure, Waiting } from "../../components/basics.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { semroute } from "../../lib/api.ts";
import { useAction } from "../../lib/load.ts";

const author = "semroute.author";

/** Asks who changes and why, and has it done. */
export function Apply(props: { changes: CatalogChange[]; close: () => void; applied: (what: string) => void }) {
  const [who, setWho] = useState(localStorage.getItem(author) ?? "");
  const [why, setWhy] = useState("");
  const apply = useAction(async () => {
    localStorage.setItem(author, who);
    const { applied } = await semroute.catalog.applyChanges({ changes: props.changes, remark: { author: who, cause: why } });
    props.close();
    props.applied(applied?.unchanged ? "The catalog was like that already." : `Revision ${applied?.revision?.number} serves now.`);
  });
  return (
    <Dialog title="Apply the changes" close={props.close}>
      <form
        class="stack"
        onSubmit={(e) => {
          e.preventDefault();
          void apply.run();
        }}
      >
        <label class="field">Who<input value={who} maxLength={256} onInput={(e) => setWho(e.currentTarget.value)} /></label>
        <label class="field">Why<input value={why} maxLength={4096} onInput={(e) => setWhy(e.currentTarget.value)} /></label>
        {apply.busy && <Waiting what="Building and checking the new generation" />}
        <Failure error={apply.error} />
        <div><button class="primary" disabled={apply.busy}>Apply</button></div>
      </form>
    </Dialog>
  );
}
