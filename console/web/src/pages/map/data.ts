import { type GetMapResponse, MapMark } from "semroute/v1/map";

/** Kinds of notes on what is drawn, as bits. */
export const lint = 1;
export const suspect = 2;
export const overlap = 4;
export const abstention = 8;

const bits: Partial<Record<MapMark, number>> = { [MapMark.LINT]: lint, [MapMark.LABEL_SUSPECT]: suspect, [MapMark.OVERLAP]: overlap };

export interface Note {
  bit: number;
  kind: string;
  severity: string;
  message: string;
  points: number[];
}

/**
 * What is drawn, field by field, which is quick to go through: all utterances, and
 * behind them the prompts without a route.
 */
export interface MapData {
  fingerprint: string;
  routes: string[];
  /** Of what is drawn; utterances says how many of them are such. */
  size: number;
  utterances: number;
  x: Float32Array;
  y: Float32Array;
  /** Places in routes; routes.length for none. */
  route: Uint32Array;
  marks: Uint8Array;
  text: string[];
  /** How far any lies from the middle, to the sides and up or down; more than 0. */
  reach: [number, number];
  /** Why a prompt has no route; of utterances empty. */
  reason: string[];
  notes: Note[];
  leftOut: number;
  notice: string;
}

export function dataOf(r: GetMapResponse): MapData {
  const utterances = r.points.length;
  const size = utterances + r.abstentions.length;
  const data: MapData = {
    fingerprint: r.fingerprint, routes: r.routes, size, utterances,
    x: new Float32Array(size), y: new Float32Array(size), route: new Uint32Array(size).fill(r.routes.length), marks: new Uint8Array(size), reach: [0.1, 0.1],
    text: new Array<string>(size).fill(""), reason: new Array<string>(size).fill(""),
    notes: r.notes.map((n) => ({ bit: bits[n.mark] ?? 0, kind: n.kind, severity: n.severity, message: n.message, points: n.points })),
    leftOut: r.leftOut, notice: r.abstentionsNotice,
  };
  r.points.forEach((p, i) => {
    data.x[i] = p.x;
    data.y[i] = p.y;
    data.route[i] = p.route;
    data.text[i] = p.text;
    data.marks[i] = p.marks.reduce((all, m) => all | (bits[m] ?? 0), 0);
  });
  r.abstentions.forEach((a, k) => {
    const i = utterances + k;
    data.x[i] = a.x;
    data.y[i] = a.y;
    data.text[i] = a.text;
    data.reason[i] = a.reason;
    data.marks[i] = abstention;
  });
  const farthest = (all: Float32Array) => all.reduce((most, v) => Math.max(most, Math.abs(v)), 0.1);
  data.reach = [farthest(data.x), farthest(data.y)];
  return data;
}

/** Which of all are looked at. */
export interface Filter {
  /** Places of routes; none means all. */
  routes: ReadonlySet<number>;
  /** Bits of marks of which one is enough; 0 means all. */
  marks: number;
  find: string;
}

export const everything: Filter = { routes: new Set(), marks: 0, find: "" };

/** A 1 for each that the filter lets pass. */
export function shownOf(data: MapData, filter: Filter): Uint8Array {
  const find = filter.find.trim().toLowerCase();
  const shown = new Uint8Array(data.size);
  for (let i = 0; i < data.size; i++) {
    const fits =
      (filter.routes.size === 0 || filter.routes.has(data.route[i] ?? -1)) &&
      (filter.marks === 0 || ((data.marks[i] ?? 0) & filter.marks) !== 0) &&
      (find === "" || (data.text[i] ?? "").toLowerCase().includes(find));
    shown[i] = fits ? 1 : 0;
  }
  return shown;
}

/** The places of those that are shown. */
export function placesOf(shown: Uint8Array): number[] {
  const list: number[] = [];
  shown.forEach((one, i) => one === 1 && list.push(i));
  return list;
}

/** How many have a mark. */
export function counted(data: MapData, bit: number): number {
  return data.marks.reduce((n, m) => n + ((m & bit) !== 0 ? 1 : 0), 0);
}
