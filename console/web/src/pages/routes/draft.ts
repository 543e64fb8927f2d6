/**
 * What somebody has changed and not applied yet: whole routes, beside the ones that
 * they were made of. It is kept in the browser's tab, so that a reload, or a session
 * that ended, loses nothing.
 */
import { create } from "@bufbuild/protobuf";
import { type CatalogChange, CatalogChangeSchema, type RouteDefinition, RouteDefinitionSchema } from "semroute/v1/catalog";

/** A route as plain values. */
export interface Route {
  name: string;
  description: string;
  utterances: string[];
  models: string[];
  minConfidence: number | undefined;
  minMargin: number | undefined;
  metadata: Record<string, string>;
  policy: string;
}

/** A route that was changed; without a base it is new. */
export interface Edited {
  route: Route;
  base: Route | undefined;
  /** etag of the base: whoever changed the route meanwhile is told. */
  etag: string;
}

export interface Draft {
  edited: Record<string, Edited>;
  /** Etags of routes to take away, by name. */
  deleted: Record<string, string>;
}

export const nothing: Draft = { edited: {}, deleted: {} };

export function fromDefinition(d: RouteDefinition): Route {
  const { name, description, utterances, models, minConfidence, minMargin, metadata, policy } = d;
  return { name, description, utterances, models, minConfidence, minMargin, metadata, policy };
}

export function isChanged(e: Edited): boolean {
  return e.base === undefined || JSON.stringify(e.route) !== JSON.stringify(e.base);
}

/** Puts an edited route into the draft; one that is again as it was leaves it. */
export function withRoute(draft: Draft, e: Edited): Draft {
  const { [e.route.name]: _, ...others } = draft.edited;
  const { [e.route.name]: __, ...deleted } = draft.deleted;
  return { edited: isChanged(e) ? { ...others, [e.route.name]: e } : others, deleted };
}

export function withoutRoute(draft: Draft, name: string): Draft {
  const { [name]: _, ...edited } = draft.edited;
  const { [name]: __, ...deleted } = draft.deleted;
  return { edited, deleted };
}

export function deleting(draft: Draft, name: string, etag: string): Draft {
  return { ...withoutRoute(draft, name), deleted: { ...withoutRoute(draft, name).deleted, [name]: etag } };
}

/** The draft as the service takes it: what goes first, then what there is to be. */
export function changesOf(draft: Draft): CatalogChange[] {
  const gone = Object.entries(draft.deleted).map(([name, etag]) => create(CatalogChangeSchema, { change: { case: "deleteRoute", value: { name, etag } } }));
  const put = Object.values(draft.edited).map((e) =>
    create(CatalogChangeSchema, { change: { case: "putRoute", value: { route: definition(e.route), etag: e.etag } } }),
  );
  return [...gone, ...put];
}

function definition(r: Route): RouteDefinition {
  const d = create(RouteDefinitionSchema, { name: r.name, description: r.description, utterances: r.utterances, models: r.models, metadata: r.metadata, policy: r.policy });
  if (r.minConfidence !== undefined) {
    d.minConfidence = r.minConfidence;
  }
  if (r.minMargin !== undefined) {
    d.minMargin = r.minMargin;
  }
  return d;
}

/** What a changed route changes, in words. */
export function summary(e: Edited): string {
  if (!e.base) {
    return `new, ${e.route.utterances.length} utterances`;
  }
  const was = new Set(e.base.utterances);
  const is = new Set(e.route.utterances);
  const more = e.route.utterances.filter((u) => !was.has(u)).length;
  const less = e.base.utterances.filter((u) => !is.has(u)).length;
  const parts = [more && `${more} utterances more`, less && `${less} less`];
  for (const [what, key] of [["description", "description"], ["models", "models"], ["min confidence", "minConfidence"], ["min margin", "minMargin"], ["metadata", "metadata"], ["policy", "policy"]] as const) {
    if (JSON.stringify(e.route[key]) !== JSON.stringify(e.base[key])) {
      parts.push(what);
    }
  }
  return parts.filter(Boolean).join(", ") || "the order of utterances";
}

const kept = "semroute.routes.draft";

export function keepDraft(draft: Draft): void {
  sessionStorage.setItem(kept, JSON.stringify(draft));
}

export function keptDraft(): Draft {
  try {
    const draft = JSON.parse(sessionStorage.getItem(kept) ?? "null") as Draft | null;
    return draft && typeof draft.edited === "object" && typeof draft.deleted === "object" ? draft : nothing;
  } catch {
    return nothing;
  }
}

/** A route as YAML, of which JSON's strings and lists are a part. */
export function yamlOf(r: Route): string {
  const lines = [`- name: ${JSON.stringify(r.name)}`];
  const add = (key: string, value: unknown) => lines.push(`  ${key}: ${JSON.stringify(value)}`);
  r.description && add("description", r.description);
  r.models.length > 0 && add("models", r.models);
  r.minConfidence !== undefined && add("min_confidence", r.minConfidence);
  r.minMargin !== undefined && add("min_margin", r.minMargin);
  Object.keys(r.metadata).length > 0 && add("metadata", r.metadata);
  r.policy.trim() && lines.push(...r.policy.trim().split("\n").map((line) => `  ${line}`));
  lines.push("  utterances:", ...r.utterances.map((u) => `    - ${JSON.stringify(u)}`));
  return `${lines.join("\n")}\n`;
}
