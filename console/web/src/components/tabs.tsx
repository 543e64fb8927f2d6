/** Views of one thing, one at a time. */
export function Tabs(props: { label: string; of: readonly (readonly [name: string, title: string])[]; chosen: string; choose: (name: string) => void }) {
  const step = (by: number) => {
    const at = props.of.findIndex(([name]) => name === props.chosen);
    const next = props.of[(at + by + props.of.length) % props.of.length];
    if (next) {
      props.choose(next[0]);
      document.querySelector<HTMLElement>(`[role="tab"][data-name="${CSS.escape(next[0])}"]`)?.focus();
    }
  };
  return (
    <div class="tabs" role="tablist" aria-label={props.label}>
      {props.of.map(([name, title]) => (
        <button
          key={name} role="tab" data-name={name} aria-selected={name === props.chosen} tabIndex={name === props.chosen ? 0 : -1}
          onClick={() => props.choose(name)}
          onKeyDown={(e) => (e.key === "ArrowRight" ? step(1) : e.key === "ArrowLeft" ? step(-1) : undefined)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
