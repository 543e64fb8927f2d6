/** Steps through pages, which count from 0; nothing where there is one. */
export function Pager(props: { page: number; pages: number; choose: (page: number) => void }) {
  if (props.pages < 2) {
    return null;
  }
  return (
    <nav class="row" aria-label="More">
      <button class="slim" disabled={props.page === 0} onClick={() => props.choose(props.page - 1)}>Earlier</button>
      <span class="soft small">{props.page + 1} of {props.pages}</span>
      <button class="slim" disabled={props.page >= props.pages - 1} onClick={() => props.choose(props.page + 1)}>Later</button>
    </nav>
  );
}
