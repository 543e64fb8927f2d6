import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

/** A question or a form before everything else; Escape closes it. */
export function Dialog(props: { title: string; close: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} aria-labelledby={title} onClose={props.close}>
      <div class="stack">
        <div class="row spread">
          <h2 id={title}>{props.title}</h2>
          <button class="plain" onClick={props.close}>Close</button>
        </div>
        {props.children}
      </div>
    </dialog>
  );
}
