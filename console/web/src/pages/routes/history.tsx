import { timestampDate } from "@bufbuild/protobuf/wkt";
import { diffLines } from "diff";
import { useState } from "preact/hooks";
import type { Revision } from "semroute/v1/catalog";
import { Card, Failure, Notice, Waiting } from "../../components/basics.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { semroute } from "../../lib/api.ts";
import { useAction, useLoad } from "../../lib/load.ts";

/** Earlier revisions: what each changed, and the way back. */
export function History(props: { serving: string }) {
  const list = useLoad((signal) => semroute.catalog.listRevisions({ limit: 200 }, { signal }), [props.serving]);
  const [shown, setShown] = useState<bigint>();
  const [returning, setReturning] = useState<Revision>();
  const [done, setDone] = useState("");
  const revisions = list.value?.revisions ?? [];
  return (
    <Card title="History">
      <Failure error={list.error} retry={list.reload} />
      {!list.value && list.loading && <Waiting />}
      {done && <Notice kind="good">{done}</Notice>}
      <div class="scroll" tabIndex={0} role="group" aria-label="Revisions">
        <table>
          <thead>
            <tr><th>revision</th><th>when</th><th>who</th><th>why</th><th><span class="hidden">what can be done</span></th></tr>
          </thead>
          <tbody>
            {revisions.map((r, i) => (
              <tr key={String(r.number)}>
                <td>{String(r.number)}{i === 0 && <span class="chip good">in place</span>}</td>
                <td>{r.time ? timestampDate(r.time).toLocaleString() : ""}</td>
                <td>{r.author}</td>
                <td>{r.cause}</td>
                <td>
                  <div class="row">
                    <button class="slim" aria-label={`What it changed, revision ${r.number}`} onClick={() => setShown(r.number)}>What it changed</button>
                    {i > 0 && <button class="slim" aria-label={`Return to it, revision ${r.number}`} onClick={() => setReturning(r)}>Return to it</button>}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown !== undefined && <Difference key={String(shown)} of={shown} from={revisions[revisions.findIndex((r) => r.number === shown) + 1]?.number} close={() => setShown(undefined)} />}
      {returning && (
        <Return
          to={returning}
          close={() => setReturning(undefined)}
          done={(what) => {
            setDone(what);
            list.reload();
          }}
        />
      )}
    </Card>
  );
}

function Return(props: { to: Revision; close: () => void; done: (what: string) => void }) {
  const [why, setWhy] = useState("");
  const back = useAction(async () => {
    const author = localStorage.getItem("semroute.author") ?? "";
    const { applied } = await semroute.catalog.rollback({ number: props.to.number, remark: { author, cause: why } });
    props.close();
    props.done(`Revision ${applied?.revision?.number} serves now.`);
  });
  return (
    <Dialog title={`Return to revision ${props.to.number}?`} close={props.close}>
      <p>The catalog becomes what it was then. Nothing is taken out of the history: you can return from there, too.</p>
      <label class="field">Why<input value={why} maxLength={4096} onInput={(e) => setWhy(e.currentTarget.value)} /></label>
      {back.busy && <Waiting what="Returning" />}
      <Failure error={back.error} />
      <div><button class="primary" disabled={back.busy} onClick={back.run}>Return</button></div>
    </Dialog>
  );
}

/** What a revision changed, line by line, with some lines around. */
function Difference(props: { of: bigint; from: bigint | undefined; close: () => void }) {
  const texts = useLoad(async (signal) => {
    const yaml = async (number: bigint | undefined) => (number === undefined ? "" : (await semroute.catalog.getRevision({ number }, { signal })).yaml);
    return Promise.all([yaml(props.from), yaml(props.of)]);
  }, []);
  const parts = texts.value ? diffLines(texts.value[0], texts.value[1], { timeout: 2000 }) : [];
  return (
    <Dialog title={`What revision ${props.of} changed`} close={props.close}>
      <Failure error={texts.error} retry={texts.reload} />
      {texts.loading && <Waiting />}
      {texts.value && parts === undefined && <Notice kind="warn">They differ too much to be compared line by line.</Notice>}
      <div class="difference" tabIndex={0} role="group" aria-label="Lines">
        {(parts ?? []).map((part, i) => {
          if (!part.added && !part.removed) {
            return <pre key={i} class="soft">{around(part.value)}</pre>;
          }
          return part.added ? <ins key={i}><pre>{lined("+", part.value)}</pre></ins> : <del key={i}><pre>{lined("−", part.value)}</pre></del>;
        })}
      </div>
    </Dialog>
  );
}

const lined = (mark: string, text: string) => text.replace(/\n$/, "").split("\n").map((line) => `${mark} ${line}`).join("\n");

/** The first and last lines of what is the same. */
function around(text: string): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const few = 3;
  const shown = lines.length <= 2 * few ? lines : [...lines.slice(0, few), `… ${lines.length - 2 * few} lines …`, ...lines.slice(-few)];
  return shown.map((line) => `  ${line}`).join("\n");
}
