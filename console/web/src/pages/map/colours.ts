import { useEffect, useState } from "preact/hooks";
import { pageColour } from "../../components/plot.tsx";
import type { Colours } from "./paint.ts";

/** The page's colours, anew when they change. */
export function useColours(): Colours {
  const [colours, setColours] = useState(coloursNow);
  useEffect(() => {
    const changed = () => setColours(coloursNow());
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const chosen = new MutationObserver(changed);
    dark.addEventListener("change", changed);
    chosen.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      dark.removeEventListener("change", changed);
      chosen.disconnect();
    };
  }, []);
  return colours;
}

function coloursNow(): Colours {
  return {
    card: pageColour("--card"), line: pageColour("--line"), text: pageColour("--text"), soft: pageColour("--soft"),
    accent: pageColour("--accent"), bad: pageColour("--bad"), warn: pageColour("--warn"),
  };
}
