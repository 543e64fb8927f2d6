import { abstention, lint, type MapData, overlap, suspect } from "./data.ts";
import type { Placed } from "./prompt.ts";
import { colourOf } from "../../lib/palette.ts";
import { set, type Sheet, type Stamp, stampOf } from "./stamps.ts";
import { combinations, traceSymbol } from "./symbols.tsx";
import { scaleOf, toScreen, type View } from "./view.ts";

/** Colours of the page that a canvas draws with. */
export interface Colours {
  card: string;
  line: string;
  text: string;
  soft: string;
  accent: string;
  bad: string;
  warn: string;
}

/** All that is drawn many times. */
export interface Stamps {
  routes: Stamp[];
  pale: Stamp;
  abstention: Stamp;
  /** Rings around what is marked, by the bit of the mark. */
  marks: [bit: number, stamp: Stamp][];
  background: number;
}

export function stampsOf(ratio: number, radius: number, colours: Colours): Stamps {
  const r = radius * 1.3 + 2.2;
  const ring = (half: number, colour: string, width: number, trace: (pen: CanvasRenderingContext2D) => void) =>
    stampOf(ratio, half, (pen) => {
      pen.beginPath();
      trace(pen);
      pen.lineWidth = width;
      pen.strokeStyle = colour;
      pen.stroke();
    });
  const background = stampOf(1, 1, (pen) => {
    pen.fillStyle = colours.card;
    pen.fillRect(-2, -2, 4, 4);
  });
  return {
    routes: Array.from({ length: combinations }, (_, k) => stampOf(ratio, radius * 1.4 + 2, (pen) => {
      traceSymbol(pen, k, radius);
      pen.strokeStyle = colours.card;
      pen.lineWidth = 1.4;
      pen.stroke();
      pen.fillStyle = colourOf(k);
      pen.fill();
    })),
    pale: stampOf(ratio, 2, (pen) => {
      pen.fillStyle = colours.line;
      pen.fillRect(-1.5, -1.5, 3, 3);
    }),
    abstention: ring(6, colours.text, 2, (pen) => {
      pen.moveTo(-4, -4);
      pen.lineTo(4, 4);
      pen.moveTo(4, -4);
      pen.lineTo(-4, 4);
    }),
    marks: [
      [overlap, ring(r * 1.3 + 1, colours.soft, 1, (pen) => {
        const d = r * 1.3;
        pen.moveTo(0, -d);
        pen.lineTo(d, 0);
        pen.lineTo(0, d);
        pen.lineTo(-d, 0);
        pen.closePath();
      })],
      [suspect, ring(r + 1.5, colours.warn, 1.6, (pen) => pen.rect(-r, -r, 2 * r, 2 * r))],
      [lint, ring(r + 2, colours.bad, 1.6, (pen) => pen.arc(0, 0, r + 0.5, 0, 2 * Math.PI))],
    ],
    background: background.colour[0] ?? 0xff000000,
  };
}

/** Draws everything that there is: what is left out small and pale, then the rest with its marks. */
export function paintAll(pen: CanvasRenderingContext2D, ratio: number, sheet: Sheet, data: MapData, shown: Uint8Array, view: View, stamps: Stamps): void {
  sheet.pixels.fill(stamps.background);
  const { k, x: tx, y: ty } = view.transform;
  const s = scaleOf(view) * k * ratio;
  const ox = ((view.width / 2) * k + tx) * ratio;
  const oy = ((view.height / 2) * k + ty) * ratio;
  const { width, height } = sheet.image;
  const edge = 20;
  const each = (wanted: number, draw: (i: number, px: number, py: number) => void) => {
    for (let i = 0; i < data.size; i++) {
      if (shown[i] !== wanted) {
        continue;
      }
      const px = Math.round(ox + (data.x[i] ?? 0) * s);
      const py = Math.round(oy - (data.y[i] ?? 0) * s);
      if (px > -edge && py > -edge && px < width + edge && py < height + edge) {
        draw(i, px, py);
      }
    }
  };
  each(0, (_, px, py) => set(sheet, stamps.pale, px, py));
  each(1, (i, px, py) => {
    const marks = data.marks[i] ?? 0;
    set(sheet, (marks & abstention) !== 0 ? stamps.abstention : (stamps.routes[(data.route[i] ?? 0) % combinations] ?? stamps.pale), px, py);
    for (const [bit, stamp] of stamps.marks) {
      if ((marks & bit) !== 0) {
        set(sheet, stamp, px, py);
      }
    }
  });
  pen.putImageData(sheet.image, 0, 0);
}

/** What lies over everything: what is chosen, the lasso and the typed prompt. */
export interface Over {
  active: number | undefined;
  selected: ReadonlySet<number>;
  lasso: readonly [number, number][];
  placed: Placed | undefined;
}

export function paintOver(pen: CanvasRenderingContext2D, ratio: number, data: MapData, view: View, over: Over, colours: Colours): void {
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, view.width, view.height);
  const at = (i: number) => toScreen(view, data.x[i] ?? 0, data.y[i] ?? 0);
  pen.strokeStyle = colours.accent;
  pen.lineWidth = 2;
  pen.beginPath();
  for (const i of over.selected) {
    const [x, y] = at(i);
    pen.moveTo(x + 7, y);
    pen.arc(x, y, 7, 0, 2 * Math.PI);
  }
  pen.stroke();
  if (over.placed) {
    paintPrompt(pen, view, over.placed, colours);
  }
  if (over.active !== undefined && over.active < data.size) {
    const [x, y] = at(over.active);
    pen.lineWidth = 3;
    pen.strokeStyle = colours.text;
    pen.beginPath();
    pen.arc(x, y, 10, 0, 2 * Math.PI);
    pen.stroke();
  }
  if (over.lasso.length > 1) {
    pen.beginPath();
    over.lasso.forEach(([x, y], i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
    pen.closePath();
    pen.globalAlpha = 0.15;
    pen.fillStyle = colours.accent;
    pen.fill();
    pen.globalAlpha = 1;
    pen.lineWidth = 2;
    pen.strokeStyle = colours.accent;
    pen.stroke();
  }
}

/** A star, with lines to its neighbours: the nearer, the thicker. */
function paintPrompt(pen: CanvasRenderingContext2D, view: View, placed: Placed, colours: Colours): void {
  const [x, y] = toScreen(view, placed.x, placed.y);
  pen.strokeStyle = colours.text;
  const best = placed.nearest[0]?.similarity ?? 1;
  for (const n of placed.nearest) {
    const [nx, ny] = toScreen(view, n.x, n.y);
    pen.lineWidth = Math.max(0.6, 3 - 12 * (best - n.similarity));
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(nx, ny);
    pen.stroke();
  }
  pen.beginPath();
  for (let k = 0; k < 10; k++) {
    const r = k % 2 === 0 ? 12 : 5;
    const a = -Math.PI / 2 + (Math.PI * k) / 5;
    pen.lineTo(x + r * Math.cos(a), y + r * Math.sin(a));
  }
  pen.closePath();
  pen.fillStyle = colours.text;
  pen.fill();
  pen.lineWidth = 1.5;
  pen.strokeStyle = colours.card;
  pen.stroke();
}
