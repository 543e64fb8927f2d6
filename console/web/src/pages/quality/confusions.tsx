import type { GetEvaluationResponse } from "semroute/v1/quality";
import { Card, RouteChip } from "../../components/basics.tsx";
import { count, percent } from "../../lib/format.ts";
import { linkTo } from "../../lib/location.ts";
import { Matrix } from "./matrix.tsx";

/** Which routes are taken for which others, and the prompts of it. */
export function Confusions(props: { of: GetEvaluationResponse; params: URLSearchParams }) {
  const e = props.of;
  // A space stands for none: what is empty is left out of addresses.
  const truth = props.params.get("truth")?.trim();
  const led = props.params.get("led")?.trim();
  const chosen = truth !== undefined && led !== undefined;
  const wrong = chosen ? e.wrong.filter((w) => w.truth === truth && w.leading === led) : e.wrong;
  return (
    <div class="columns">
      <Card title="What is taken for what">
        {e.confusions.length === 0 ? <p class="soft">Nothing: every prompt leads to its own route.</p> : <Matrix of={e} />}
        <div class="scroll tall" tabIndex={0} role="group" aria-label="Confusions">
          <table>
            <thead><tr><th>is</th><th>taken for</th><th class="number">prompts</th><th class="number">accepted</th></tr></thead>
            <tbody>
              {e.confusions.map((c) => (
                <tr key={`${c.truth}\n${c.predicted}`}>
                  <td><RouteChip name={c.truth} /></td>
                  <td><RouteChip name={c.predicted} /></td>
                  <td class="number"><a href={linkTo("quality", { truth: c.truth || " ", led: c.predicted || " " })}>{count(c.count)}</a></td>
                  <td class="number">{count(c.accepted)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Card>
      <Card
        title={chosen ? <>Wrong: <RouteChip name={truth} /> taken for <RouteChip name={led} /></> : `Wrong decisions: ${count(e.wrongCount)}`}
        aside={chosen && <a href={linkTo("quality")}>all</a>}
      >
        <div class="scroll tall" tabIndex={0} role="group" aria-label="Wrong decisions">
          <table>
            <thead><tr><th>prompt</th><th>is</th><th>decided</th><th class="number">confidence</th></tr></thead>
            <tbody>
              {wrong.map((w, i) => (
                <tr key={i}>
                  <td><a href={linkTo("try", { prompt: w.text })}>{w.text}</a></td>
                  <td><RouteChip name={w.truth} /></td>
                  <td><RouteChip name={w.predicted} />{!w.predicted && w.leading && <span class="soft small"> {w.leading} led</span>}</td>
                  <td class="number">{percent(w.confidence, 0)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Card>
    </div>
  );
}
