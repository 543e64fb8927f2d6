import { colourOf } from "../../lib/palette.ts";
import { RouteChip } from "../../components/basics.tsx";
import type { MapData } from "./data.ts";

/** What lies under the mouse, beside it and inside the picture. */
export function Tip(props: { data: MapData; place: number; x: number; y: number; width: number; height: number }) {
  const { data, place } = props;
  const style = {
    left: props.x < props.width / 2 ? `${props.x + 14}px` : "auto",
    right: props.x < props.width / 2 ? "auto" : `${props.width - props.x + 14}px`,
    top: props.y < props.height / 2 ? `${props.y + 14}px` : "auto",
    bottom: props.y < props.height / 2 ? "auto" : `${props.height - props.y + 14}px`,
  };
  return (
    <div class="tip" style={style} aria-hidden="true">
      <span>{data.text[place]}</span>
      <About data={data} place={place} most={2} />
    </div>
  );
}

/** The route of what is drawn, and what was found about it. */
export function About(props: { data: MapData; place: number; most: number }) {
  const { data, place } = props;
  const route = data.route[place] ?? 0;
  const notes = data.notes.filter((n) => n.points.includes(place));
  return (
    <>
      <div class="row">
        <RouteChip name={data.routes[route] ?? ""} colour={colourOf(route)} />
        {data.reason[place] && <span class="small soft">{data.reason[place]}</span>}
      </div>
      {notes.slice(0, props.most).map((n, i) => <span key={i} class="small">{n.message}</span>)}
      {notes.length > props.most && <span class="small soft">and {notes.length - props.most} more</span>}
    </>
  );
}
