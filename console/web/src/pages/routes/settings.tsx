import type { Route } from "./draft.ts";

/** What a route is beside its utterances. */
export function Settings(props: { route: Route; set: (part: Partial<Route>) => void }) {
  const { route, set } = props;
  return (
    <div class="settings">
      <label class="field wide">
        Description
        <input value={route.description} maxLength={8192} onInput={(e) => set({ description: e.currentTarget.value })} />
      </label>
      <label class="field">
        Models, in order
        <input value={route.models.join(", ")} onChange={(e) => set({ models: words(e.currentTarget.value) })} />
        <span class="hint">names with commas between</span>
      </label>
      <Share label="Min confidence" value={route.minConfidence} set={(minConfidence) => set({ minConfidence })} />
      <Share label="Min margin" value={route.minMargin} set={(minMargin) => set({ minMargin })} />
      <details class="wide">
        <summary>Policy and metadata</summary>
        <div class="stack tight">
          <label class="field">
            Policy
            <textarea class="mono" rows={4} value={route.policy} onChange={(e) => set({ policy: e.currentTarget.value })} />
            <span class="hint">YAML, as in the catalog: strategy, weights, cascade, timeouts</span>
          </label>
          <label class="field">
            Metadata
            <textarea class="mono" rows={2} value={Object.entries(route.metadata).map(([k, v]) => `${k}: ${v}`).join("\n")} onChange={(e) => set({ metadata: pairs(e.currentTarget.value) })} />
            <span class="hint">a line each, key: value</span>
          </label>
        </div>
      </details>
    </div>
  );
}

/** A number in [0, 1], or none. */
function Share(props: { label: string; value: number | undefined; set: (value: number | undefined) => void }) {
  return (
    <label class="field">
      {props.label}
      <input
        type="number" min="0" max="1" step="0.01" value={props.value ?? ""} placeholder="default"
        onChange={(e) => props.set(e.currentTarget.value === "" ? undefined : Math.min(1, Math.max(0, e.currentTarget.valueAsNumber)))}
      />
      <span class="hint">0 to 1; empty: default</span>
    </label>
  );
}

function words(text: string): string[] {
  return text.split(",").map((w) => w.trim()).filter(Boolean);
}

function pairs(text: string): Record<string, string> {
  return Object.fromEntries(text.split("\n").flatMap((line) => {
    const at = line.indexOf(":");
    return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()]] : [];
  }));
}
