import type { ChangedDecision_Side, PreviewResponse } from "semroute/v1/catalog";
import { RouteChip, Stats } from "../../components/basics.tsx";
import { count, percent } from "../../lib/format.ts";
import { linkTo } from "../../lib/location.ts";

const mostShown = 100;

/** The decisions that a change would make otherwise. */
export function ChangedDecisions(props: { of: PreviewResponse }) {
  const p = props.of;
  return (
    <div class="stack tight">
      <Stats
        of={[
          ["prompts decided", count(p.decided)],
          ["decided otherwise", count(p.changed)],
          ["fixed", count(p.fixed)],
          ["broken", count(p.broken)],
          ...(p.labelled > 0 ? [["right of the labelled", <>{count(p.rightBefore)} → {count(p.rightAfter)} <small>of {count(p.labelled)}</small></>] as const] : []),
        ]}
      />
      {p.changed === 0 && <p class="soft">Every prompt is decided as before.</p>}
      {p.decisions.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label="Decisions that change">
          <table>
            <thead>
              <tr><th>prompt</th><th>before</th><th>after</th><th>effect</th></tr>
            </thead>
            <tbody>
              {p.decisions.slice(0, mostShown).map((d, i) => (
                <tr key={i}>
                  <td><a href={linkTo("try", { prompt: d.text })}>{d.text}</a></td>
                  <td><Side of={d.before} /></td>
                  <td><Side of={d.after} /></td>
                  <td>{d.effect.replace("_", ", still ")}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {p.changed > mostShown && <p class="soft">…and {count(p.changed - Math.min(mostShown, p.decisions.length))} more.</p>}
        </div>
      )}
    </div>
  );
}

function Side(props: { of: ChangedDecision_Side | undefined }) {
  return (
    <div class="row">
      <RouteChip name={props.of?.route ?? ""} />
      <span class="small soft">{percent(props.of?.confidence ?? 0, 0)}</span>
    </div>
  );
}
