import { Card, Failure, RouteChip } from "../../components/basics.tsx";
import { percent } from "../../lib/format.ts";
import { colourOf } from "../../lib/palette.ts";
import type { MapData } from "./data.ts";
import type { Placing } from "./prompt.ts";

/** A prompt that is typed, with what is decided and what is nearest. */
export function Typed(props: { data: MapData; text: string; change: (text: string) => void; placing: Placing; activate: (place: number) => void; find: () => void }) {
  const { placed, error } = props.placing;
  const d = placed?.decision;
  const colour = (route: string) => colourOf(props.data.routes.indexOf(route));
  return (
    <Card label="A prompt on the map">
      <label class="field">
        Prompt
        <input value={props.text} placeholder="type, and see where it falls (★)" onInput={(e) => props.change(e.currentTarget.value)} />
      </label>
      <Failure error={error} />
      {placed && d && (
        <>
          <div class="row spread verdict">
            <div class="row"><RouteChip name={d.route} colour={colour(d.route)} /><span>{percent(d.confidence)}</span></div>
            <button class="slim" onClick={props.find}>Zoom to it</button>
          </div>
          {d.abstained && <p class="small soft">{d.explanation}</p>}
          <ul class="nearest" aria-label="Nearest utterances">
            {placed.nearest.map((n) => (
              <li key={n.point}>
                <button class="plain" onClick={() => props.activate(n.point)}>{n.text}</button>
                <span class="small soft">{n.route}</span>
                <span class="number small">{n.similarity.toFixed(2)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
