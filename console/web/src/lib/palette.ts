/**
 * Colours of routes. Neighbouring ones can be told apart also by people who see some
 * colours alike (after Okabe and Ito, and Tol); no page says anything by colour alone.
 */
const hues = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#7b61c4", "#8c6d46", "#c23b5a", "#4b9e2f"];

/** The colour of the n-th route of the catalog. */
export function colourOf(index: number): string {
  return hues[((index % hues.length) + hues.length) % hues.length] ?? "#0072b2";
}

/** The colour of a route whose place nobody knows: the same for the same name. */
export function colourOfName(name: string): string {
  let sum = 0;
  for (const letter of name) {
    sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  }
  return colourOf(sum);
}
