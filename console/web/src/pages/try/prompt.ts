/** What is tried: one text, or the turns of a conversation. */
import { create } from "@bufbuild/protobuf";
import { Message_Role as Role } from "semroute/v1/chat";
import { type Prompt, PromptSchema } from "semroute/v1/router_service";

export interface Turn {
  role: "system" | "user" | "assistant";
  text: string;
}

/** Tried is what stands in a prompt's place on the page; turns are before the text. */
export interface Tried {
  before: Turn[];
  text: string;
}

const roles: Record<Turn["role"], Role> = { system: Role.SYSTEM, user: Role.USER, assistant: Role.ASSISTANT };

export function isEmpty(tried: Tried): boolean {
  return tried.text.trim() === "";
}

/** The prompt as the server takes it. */
export function promptOf(tried: Tried): Prompt {
  if (tried.before.length === 0) {
    return create(PromptSchema, { input: { case: "text", value: tried.text } });
  }
  const turns: Turn[] = [...tried.before, { role: "user", text: tried.text }];
  const messages = turns.map((turn) => ({ role: roles[turn.role], parts: [{ content: { case: "text" as const, value: turn.text } }] }));
  return create(PromptSchema, { input: { case: "chat", value: { messages } } });
}

/** Turns as they stand in the address. */
export function turnsToText(turns: Turn[]): string {
  return turns.length === 0 ? "" : JSON.stringify(turns.map((t) => [t.role, t.text]));
}

/** What the address holds was written by anybody: what is no turn is left out. */
export function turnsOfText(text: string | null): Turn[] {
  let list: unknown;
  try {
    list = JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
  if (!Array.isArray(list)) {
    return [];
  }
  return list.flatMap((entry: unknown): Turn[] => {
    const [role, said] = Array.isArray(entry) ? (entry as unknown[]) : [];
    return (role === "system" || role === "user" || role === "assistant") && typeof said === "string" ? [{ role, text: said }] : [];
  });
}
