import { render } from "preact";
import "./main.css";
import { App } from "./shell/app.tsx";
import { applyTheme } from "./lib/theme.ts";

applyTheme();
const root = document.getElementById("app");
if (root) {
  render(<App />, root);
}
