/** What colours are taken: those of the system, unless somebody chose. */
export type Theme = "auto" | "light" | "dark";

const kept = "semroute.theme";

export function theme(): Theme {
  const chosen = localStorage.getItem(kept);
  return chosen === "light" || chosen === "dark" ? chosen : "auto";
}

export function chooseTheme(chosen: Theme): void {
  localStorage.setItem(kept, chosen);
  applyTheme();
}

export function applyTheme(): void {
  const chosen = theme();
  if (chosen === "auto") {
    delete document.documentElement.dataset["theme"];
  } else {
    document.documentElement.dataset["theme"] = chosen;
  }
}
