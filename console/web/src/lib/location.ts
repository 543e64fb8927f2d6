/**
 * Where in the console one is: a page and what it shows, in the address behind #,
 * which browsers send to nobody, since prompts stand there.
 */
import { useEffect, useState } from "preact/hooks";

export interface Place {
  page: string;
  params: URLSearchParams;
}

export function placeOf(hash: string): Place {
  const [page = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { page: page || "try", params: new URLSearchParams(query) };
}

/** The address of a place; what is empty is left out. */
export function linkTo(page: string, params: Record<string, string | undefined> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value) {
      query.set(name, value);
    }
  }
  const text = query.toString();
  return `#/${page}${text ? `?${text}` : ""}`;
}

/** Puts into the address what a page shows, without a step in the history. */
export function keepPlace(page: string, params: Record<string, string | undefined>): void {
  history.replaceState(null, "", linkTo(page, params));
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const moved = () => setPlace(placeOf(location.hash));
    window.addEventListener("hashchange", moved);
    return () => window.removeEventListener("hashchange", moved);
  }, []);
  return place;
}
