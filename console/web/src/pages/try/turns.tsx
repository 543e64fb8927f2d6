import type { Turn } from "./prompt.ts";

/** The turns of a conversation before the prompt, each to be changed or taken away. */
export function Turns(props: { turns: Turn[]; change: (turns: Turn[]) => void; label: string }) {
  const set = (at: number, turn: Partial<Turn>) => props.change(props.turns.map((t, i) => (i === at ? { ...t, ...turn } : t)));
  return (
    <>
      {props.turns.map((turn, i) => (
        <div class="turn" key={i}>
          <select aria-label={`Speaker of turn ${i + 1} ${props.label}`} value={turn.role} onChange={(e) => set(i, { role: e.currentTarget.value as Turn["role"] })}>
            <option value="system">system</option>
            <option value="user">user</option>
            <option value="assistant">assistant</option>
          </select>
          <textarea rows={1} aria-label={`Turn ${i + 1} ${props.label}`} value={turn.text} onInput={(e) => set(i, { text: e.currentTarget.value })} />
          <button class="plain" aria-label={`Take turn ${i + 1} away`} onClick={() => props.change(props.turns.filter((_, k) => k !== i))}>✕</button>
        </div>
      ))}
    </>
  );
}
