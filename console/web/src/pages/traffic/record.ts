/** A kept record as the store has it: what is not there, or is of another kind, is left out. */
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

export function object(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

export function list(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.map(object) : [];
}

export function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

export function number(value: JsonValue | undefined): number {
  return typeof value === "number" ? value : 0;
}
