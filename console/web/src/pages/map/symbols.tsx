import { colourOf } from "../../lib/palette.ts";

/**
 * Each route has a colour and a shape; the two come around at different times, so that
 * seventy routes look different, and ten of one shape never stand in a row.
 */
const shapes = ["circle", "square", "triangle", "diamond", "wedge", "cross", "hexagon"] as const;
export const combinations = 70;

/** The outline of a shape around 0, 0, as part of the path of a canvas or of an SVG. */
function corners(shape: (typeof shapes)[number], r: number): [number, number][] {
  const around = (n: number, from: number, radius: number): [number, number][] =>
    Array.from({ length: n }, (_, k) => [radius * Math.cos(from + (2 * Math.PI * k) / n), radius * Math.sin(from + (2 * Math.PI * k) / n)]);
  switch (shape) {
    case "circle": return around(20, 0, r);
    case "square": return around(4, Math.PI / 4, r * 1.25);
    case "triangle": return around(3, -Math.PI / 2, r * 1.35);
    case "diamond": return around(4, 0, r * 1.3);
    case "wedge": return around(3, Math.PI / 2, r * 1.35);
    case "hexagon": return around(6, 0, r * 1.1);
    case "cross": {
      const a = r * 0.42;
      const b = r * 1.2;
      return [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]];
    }
  }
}

function shapeOf(route: number): (typeof shapes)[number] {
  return shapes[route % shapes.length] ?? "circle";
}

/** The symbol of a route, to stand beside its name. */
export function Symbol(props: { route: number }) {
  return (
    <svg class="symbol" viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true">
      <polygon points={corners(shapeOf(props.route), 5).map((p) => p.join(",")).join(" ")} fill={colourOf(props.route)} />
    </svg>
  );
}

/** Traces the symbol of a route around 0, 0. */
export function traceSymbol(pen: CanvasRenderingContext2D, route: number, radius: number): void {
  pen.beginPath();
  corners(shapeOf(route), radius).forEach(([x, y], i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
  pen.closePath();
}
