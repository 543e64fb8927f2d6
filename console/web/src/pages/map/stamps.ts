/**
 * Stamps are small pictures that are set into the pixels of a large one: ten thousand of
 * them take a millisecond or two, where a canvas that is told to draw each takes many.
 */
export interface Stamp {
  /** Pixels to each side of its middle. */
  reach: number;
  /** Pixels of which anything is seen: their place and colour, as 0xAABBGGRR. */
  x: Int16Array;
  y: Int16Array;
  colour: Uint32Array;
}

/** Draws a stamp of so many pixels of the page to each side; the pen's 0, 0 is its middle. */
export function stampOf(ratio: number, half: number, draw: (pen: CanvasRenderingContext2D) => void): Stamp {
  const reach = Math.ceil(half * ratio);
  const size = 2 * reach + 1;
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const x: number[] = [];
  const y: number[] = [];
  const colour: number[] = [];
  if (pen) {
    pen.setTransform(ratio, 0, 0, ratio, reach + 0.5, reach + 0.5);
    draw(pen);
    const pixels = new Uint32Array(pen.getImageData(0, 0, size, size).data.buffer);
    pixels.forEach((p, i) => {
      if (p >>> 24 > 24) {
        x.push((i % size) - reach);
        y.push(Math.floor(i / size) - reach);
        colour.push(p);
      }
    });
  }
  return { reach, x: Int16Array.from(x), y: Int16Array.from(y), colour: Uint32Array.from(colour) };
}

/** Sheet is what stamps are set into. */
export interface Sheet {
  image: ImageData;
  pixels: Uint32Array;
}

export function sheetOf(width: number, height: number): Sheet {
  const image = new ImageData(Math.max(1, width), Math.max(1, height));
  return { image, pixels: new Uint32Array(image.data.buffer) };
}

/** Sets a stamp with its middle at a pixel; what hangs over the edge is cut off. */
export function set(sheet: Sheet, stamp: Stamp, cx: number, cy: number): void {
  const { width, height } = sheet.image;
  const inside = cx >= stamp.reach && cy >= stamp.reach && cx < width - stamp.reach && cy < height - stamp.reach;
  const { x, y, colour } = stamp;
  for (let i = 0; i < colour.length; i++) {
    const px = cx + (x[i] ?? 0);
    const py = cy + (y[i] ?? 0);
    if (!inside && (px < 0 || py < 0 || px >= width || py >= height)) {
      continue;
    }
    const at = py * width + px;
    const c = colour[i] ?? 0;
    sheet.pixels[at] = c >= 0xff000000 ? c : blend(sheet.pixels[at] ?? 0, c);
  }
}

/** A colour that lets some of what lies under it through, which is opaque. */
function blend(under: number, over: number): number {
  const a = over >>> 24;
  const b = 255 - a;
  const red = ((over & 255) * a + (under & 255) * b + 127) >>> 8;
  const green = (((over >>> 8) & 255) * a + ((under >>> 8) & 255) * b + 127) >>> 8;
  const blue = (((over >>> 16) & 255) * a + ((under >>> 16) & 255) * b + 127) >>> 8;
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}
