import { polygonContains } from "d3-polygon";
import { type Quadtree, quadtree } from "d3-quadtree";
import { select } from "d3-selection";
import { zoom, type ZoomBehavior, zoomIdentity } from "d3-zoom";
import type { Ref } from "preact";
import { useEffect, useImperativeHandle, useMemo, useRef, useState } from "preact/hooks";
import { useColours } from "./colours.ts";
import { type MapData, placesOf } from "./data.ts";
import { paintAll, paintOver, stampsOf } from "./paint.ts";
import type { Placed } from "./prompt.ts";
import { type Sheet, sheetOf } from "./stamps.ts";
import { Tip } from "./tip.tsx";
import { fitting, scaleOf, toPlane, toScreen, type View } from "./view.ts";

/** What can be done with the picture from outside. */
export interface Steering {
  zoomBy: (factor: number) => void;
  zoomTo: (places: readonly number[]) => void;
  whole: () => void;
}

interface Props {
  data: MapData;
  shown: Uint8Array;
  active: number | undefined;
  selected: ReadonlySet<number>;
  placed: Placed | undefined;
  /** Whether dragging draws a lasso instead of moving the picture. */
  lassoing: boolean;
  pick: (place: number | undefined, more: boolean) => void;
  catchAll: (places: number[]) => void;
  steering: Ref<Steering>;
}

/** How near the mouse must be, in pixels. */
const reach = 12;

/** All utterances as a picture that can be moved, zoomed, hovered over and chosen from. */
export function Scatter(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const below = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const view = useRef<View>({ width: 0, height: 0, reach: props.data.reach, transform: zoomIdentity });
  const lasso = useRef<[number, number][]>([]);
  const behaviour = useRef<ZoomBehavior<HTMLDivElement, unknown> | undefined>(undefined);
  const frame = useRef(0);
  const sheet = useRef<Sheet>(sheetOf(1, 1));
  const clean = useRef(true);
  const [hovered, setHovered] = useState<{ place: number; x: number; y: number }>();
  const colours = useColours();
  const ratio = window.devicePixelRatio || 1;
  const radius = props.data.size > 3000 ? 3 : 4.2;
  const stamps = useMemo(() => stampsOf(ratio, radius, colours), [ratio, radius, colours]);
  const tree = useMemo(() => treeOf(props.data, props.shown), [props.data, props.shown]);
  const latest = useRef(props);
  latest.current = props;

  const paint = () => {
    frame.current = 0;
    const now = latest.current;
    const all = below.current?.getContext("2d", { alpha: false });
    const over = above.current?.getContext("2d");
    if (!all || !over || view.current.width === 0) {
      return;
    }
    view.current.reach = now.data.reach;
    paintAll(all, ratio, sheet.current, now.data, now.shown, view.current, stamps);
    const nothing = now.active === undefined && now.selected.size === 0 && !now.placed && lasso.current.length === 0;
    if (!nothing || !clean.current) {
      paintOver(over, ratio, now.data, view.current, { active: now.active, selected: now.selected, lasso: lasso.current, placed: now.placed }, colours);
      clean.current = nothing;
    }
  };
  const painting = useRef(paint);
  painting.current = paint;
  const paintSoon = () => {
    frame.current ||= requestAnimationFrame(() => painting.current());
  };
  useEffect(paintSoon, [props.data, props.shown, props.active, props.selected, props.placed, stamps]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  useEffect(() => {
    const into = box.current;
    if (!into) {
      return;
    }
    const fit = () => {
      view.current = { ...view.current, width: into.clientWidth, height: into.clientHeight };
      for (const canvas of [below.current, above.current]) {
        if (canvas) {
          canvas.width = Math.round(into.clientWidth * ratio);
          canvas.height = Math.round(into.clientHeight * ratio);
        }
      }
      sheet.current = sheetOf(Math.round(into.clientWidth * ratio), Math.round(into.clientHeight * ratio));
      painting.current(); // at once: a canvas of another size is empty
    };
    const fitter = new ResizeObserver(fit);
    fitter.observe(into);
    const zooming = zoom<HTMLDivElement, unknown>()
      .scaleExtent([0.5, 60])
      .filter((e: MouseEvent) => e.type === "wheel" || (!latest.current.lassoing && !e.shiftKey && e.button === 0))
      .on("zoom", (e) => {
        view.current = { ...view.current, transform: e.transform };
        setHovered(undefined);
        paintSoon();
      });
    behaviour.current = zooming;
    const chosen = select(into).call(zooming).on("dblclick.zoom", null);
    return () => {
      fitter.disconnect();
      chosen.on(".zoom", null);
    };
  }, []);

  const steer = (change: (z: ZoomBehavior<HTMLDivElement, unknown>) => void) => behaviour.current && change(behaviour.current);
  const own: Steering = {
    zoomBy: (factor) => steer((z) => box.current && z.scaleBy(select(box.current), factor)),
    whole: () => steer((z) => box.current && z.transform(select(box.current), zoomIdentity)),
    zoomTo: (places) => steer((z) => {
      const corners = extent(props.data, places);
      if (box.current && corners) {
        const { scale, centre } = fitting(view.current, ...corners);
        const moved = zoomIdentity.translate(view.current.width / 2 - centre[0] * scale, view.current.height / 2 - centre[1] * scale).scale(scale);
        z.transform(select(box.current), moved);
      }
    }),
  };
  useImperativeHandle(props.steering, () => own, [props.data]);

  const position = (e: PointerEvent | MouseEvent): [number, number] => {
    const r = box.current?.getBoundingClientRect();
    return [e.clientX - (r?.left ?? 0), e.clientY - (r?.top ?? 0)];
  };
  const under = (at: [number, number]): number | undefined => {
    const [x, y] = toPlane(view.current, ...at);
    return tree.find(x, y, reach / (scaleOf(view.current) * view.current.transform.k));
  };
  const drawing = useRef(false);
  const pressedAt = useRef<[number, number]>([0, 0]);
  const down = (e: PointerEvent) => {
    pressedAt.current = position(e);
    if (e.button === 0 && (props.lassoing || e.shiftKey)) {
      drawing.current = true;
      lasso.current = [position(e)];
      box.current?.setPointerCapture(e.pointerId);
    }
  };
  const move = (e: PointerEvent) => {
    const at = position(e);
    if (drawing.current) {
      lasso.current.push(at);
      paintSoon();
      return;
    }
    const place = e.buttons === 0 ? under(at) : undefined;
    setHovered(place === undefined ? undefined : { place, x: at[0], y: at[1] });
  };
  const up = () => {
    if (!drawing.current) {
      return;
    }
    drawing.current = false;
    const drawn = lasso.current;
    lasso.current = [];
    if (drawn.length > 2) {
      props.catchAll(placesOf(props.shown).filter((i) => polygonContains(drawn, toScreen(view.current, props.data.x[i] ?? 0, props.data.y[i] ?? 0))));
    }
    paintSoon();
  };
  const click = (e: MouseEvent) => {
    const at = position(e);
    if (!e.shiftKey && Math.hypot(at[0] - pressedAt.current[0], at[1] - pressedAt.current[1]) < 4) {
      props.pick(under(at), e.ctrlKey || e.metaKey);
    }
  };
  const key = (e: KeyboardEvent) => {
    const steps: Record<string, [number, number]> = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
    const step = steps[e.key];
    if (step) {
      steer((z) => box.current && z.translateBy(select(box.current), step[0] / view.current.transform.k, step[1] / view.current.transform.k));
    } else if (e.key === "+" || e.key === "=") {
      own.zoomBy(1.5);
    } else if (e.key === "-") {
      own.zoomBy(1 / 1.5);
    } else if (e.key === "0") {
      own.whole();
    } else {
      return;
    }
    e.preventDefault();
  };
  return (
    <div
      ref={box} class={`plane ${props.lassoing ? "lassoing" : ""}`} tabIndex={0} role="application" aria-roledescription="map"
      aria-label={`Map of ${props.data.utterances} utterances. Arrow keys move it, plus and minus zoom, 0 shows all. The same utterances stand in the list beside it.`}
      onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up} onPointerLeave={() => setHovered(undefined)} onClick={click} onKeyDown={key}
    >
      <canvas ref={below} aria-hidden="true" />
      <canvas ref={above} aria-hidden="true" />
      {hovered && hovered.place < props.data.size && <Tip data={props.data} place={hovered.place} x={hovered.x} y={hovered.y} width={view.current.width} height={view.current.height} />}
    </div>
  );
}

function treeOf(data: MapData, shown: Uint8Array): Quadtree<number> {
  return quadtree<number>().x((i) => data.x[i] ?? 0).y((i) => data.y[i] ?? 0).addAll(placesOf(shown));
}

function extent(data: MapData, places: readonly number[]): [[number, number], [number, number]] | undefined {
  if (places.length === 0) {
    return undefined;
  }
  const xs = places.map((i) => data.x[i] ?? 0);
  const ys = places.map((i) => data.y[i] ?? 0);
  const least = (all: number[]) => all.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (all: number[]) => all.reduce((a, b) => Math.max(a, b), -Infinity);
  return [[least(xs), least(ys)], [most(xs), most(ys)]];
}
