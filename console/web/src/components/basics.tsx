import type { ComponentChildren } from "preact";
import type { Explained } from "../lib/explain.ts";
import { colourOfName } from "../lib/palette.ts";

export function Card(props: { title?: ComponentChildren; aside?: ComponentChildren; children: ComponentChildren; label?: string }) {
  return (
    <section class="card" aria-label={props.label}>
      {(props.title || props.aside) && (
        <div class="row spread">
          {props.title && <h2>{props.title}</h2>}
          {props.aside}
        </div>
      )}
      {props.children}
    </section>
  );
}

export function Notice(props: { kind?: "good" | "warn" | "bad"; title?: string; children?: ComponentChildren }) {
  return (
    <div class={`notice ${props.kind ?? ""}`} role={props.kind === "bad" ? "alert" : "status"}>
      {props.title && <strong>{props.title}</strong>}
      {props.children && <div>{props.children}</div>}
    </div>
  );
}

/** What went wrong, with a way to try again where there is one. */
export function Failure(props: { error: Explained | undefined; retry?: () => void }) {
  if (!props.error) {
    return null;
  }
  return (
    <Notice kind="bad" title={props.error.title}>
      <div class="stack tight">
        <span>{props.error.text}</span>
        {props.retry && (
          <div>
            <button class="slim" onClick={props.retry}>Try again</button>
          </div>
        )}
      </div>
    </Notice>
  );
}

export function Waiting(props: { what?: string }) {
  return (
    <div class="row soft" role="status">
      <span class="waiting" aria-hidden="true" />
      {props.what ?? "Loading"}…
    </div>
  );
}

/** The name of a route, or that there is none. */
export function RouteChip(props: { name: string; colour?: string }) {
  if (!props.name) {
    return <span class="chip warn">no route</span>;
  }
  return (
    <span class="chip" style={{ "--route": props.colour ?? colourOfName(props.name) }}>
      <span class="dot" aria-hidden="true" />
      {props.name}
    </span>
  );
}

export function Stats(props: { of: readonly (readonly [label: string, value: ComponentChildren])[] }) {
  return (
    <dl class="stats">
      {props.of.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A share in [0, 1] as a bar, with the bound that it must reach. Its number stands beside it. */
export function Bar(props: { share: number; bound?: number | undefined; colour?: string }) {
  const width = `${Math.max(0, Math.min(1, props.share)) * 100}%`;
  return (
    <div class="bar" aria-hidden="true" style={props.colour ? { "--route": props.colour } : {}}>
      <div class="fill" style={{ width }} />
      {props.bound !== undefined && props.bound > 0 && <div class="bound" style={{ left: `${Math.min(1, props.bound) * 100}%` }} />}
    </div>
  );
}
