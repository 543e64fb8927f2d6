import type { ZoomTransform } from "d3-zoom";

/** How the plane of the map lies on the screen: the picture in the middle, then moved and zoomed. */
export interface View {
  width: number;
  height: number;
  /** How far what is drawn reaches from the middle of the plane, to the sides and up or down. */
  reach: [number, number];
  transform: ZoomTransform;
}

const margin = 18;

/** Pixels for 1 on the plane, before zooming. */
export function scaleOf(view: View): number {
  return Math.max(10, Math.min((view.width / 2 - margin) / view.reach[0], (view.height / 2 - margin) / view.reach[1]));
}

export function toScreen(view: View, x: number, y: number): [number, number] {
  const s = scaleOf(view);
  return view.transform.apply([view.width / 2 + x * s, view.height / 2 - y * s]);
}

export function toPlane(view: View, px: number, py: number): [number, number] {
  const s = scaleOf(view);
  const [x, y] = view.transform.invert([px, py]);
  return [(x - view.width / 2) / s, (view.height / 2 - y) / s];
}

/** What moves and zooms so that a box of the plane fills most of the screen: scale, and its centre before zooming. */
export function fitting(view: View, low: [number, number], high: [number, number]): { scale: number; centre: [number, number] } {
  const s = scaleOf(view);
  const wide = Math.max((high[0] - low[0]) * s, 1);
  const tall = Math.max((high[1] - low[1]) * s, 1);
  const scale = Math.min(12, 0.8 * Math.min(view.width / wide, view.height / tall));
  return { scale: Math.max(1, scale), centre: [view.width / 2 + ((low[0] + high[0]) / 2) * s, view.height / 2 - ((low[1] + high[1]) / 2) * s] };
}
