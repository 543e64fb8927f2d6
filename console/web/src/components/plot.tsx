import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";

/** A line of a plot; its colour is one of the page's. */
export interface Series {
  label: string;
  colour: string;
  values: (number | null)[];
  /** Fills the space below. */
  area?: boolean;
}

/**
 * A plot by uPlot: small, quick, and without styles inside the page, which the policy
 * of the page would not allow. x are seconds since 1970 unless plain. What it shows is
 * said in the label for those who cannot see it.
 */
export function Plot(props: {
  label: string; x: number[]; series: Series[]; format: (value: number) => string; height?: number;
  plain?: boolean; xFormat?: (value: number) => string; range?: [number, number];
}) {
  const box = useRef<HTMLDivElement>(null);
  const scheme = useScheme();
  useEffect(() => {
    const into = box.current;
    if (!into) {
      return;
    }
    const size = () => ({ width: Math.max(into.clientWidth, 200), height: props.height ?? 200 });
    const plot = new uPlot({ ...optionsOf(props), ...size() }, [props.x, ...props.series.map((s) => s.values)], into);
    const fitting = new ResizeObserver(() => plot.setSize(size()));
    fitting.observe(into);
    return () => {
      fitting.disconnect();
      plot.destroy();
    };
  }, [props.x, props.series, scheme]);
  return <div class="plot" ref={box} role="img" aria-label={props.label} />;
}

function optionsOf(props: Parameters<typeof Plot>[0]): Omit<uPlot.Options, "width" | "height"> {
  const axis = { stroke: pageColour("--soft"), grid: { stroke: pageColour("--line"), width: 1 }, ticks: { stroke: pageColour("--line"), width: 1 } };
  const xFormat = props.xFormat ?? String;
  return {
    scales: { x: { time: !props.plain }, y: props.range ? { range: props.range } : { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1] } },
    axes: [
      props.plain ? { ...axis, values: (_, values) => values.map((v) => xFormat(v)) } : axis,
      { ...axis, size: 76, values: (_, values) => values.map((v) => props.format(v)) },
    ],
    series: [
      props.plain ? { label: "", value: (_, v) => (v === null ? "" : xFormat(v)) } : {},
      ...props.series.map((s): uPlot.Series => {
        const stroke = s.colour.startsWith("--") ? pageColour(s.colour) : s.colour;
        return { label: s.label, stroke, width: 2, value: (_, v) => (v === null ? "–" : props.format(v)), ...(s.area ? { fill: faint(stroke) } : {}) };
      }),
    ],
    cursor: { drag: { x: false, y: false } },
  };
}

/** Changes when the page's colours do. */
function useScheme(): string {
  const [scheme, setScheme] = useState("");
  useEffect(() => {
    const look = () => setScheme(pageColour("--page"));
    look();
    const system = matchMedia("(prefers-color-scheme: dark)");
    const chosen = new MutationObserver(look);
    system.addEventListener("change", look);
    chosen.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      system.removeEventListener("change", look);
      chosen.disconnect();
    };
  }, []);
  return scheme;
}

/** A colour of the page, as a canvas can draw it. */
export function pageColour(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function faint(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, "rgba($1, .15)");
}
