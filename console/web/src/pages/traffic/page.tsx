import { Tabs } from "../../components/tabs.tsx";
import { linkTo } from "../../lib/location.ts";
import type { PageProps } from "../pages.ts";
import { Decisions } from "./decisions.tsx";
import { Drift } from "./drift.tsx";
import { Overview } from "./overview.tsx";
import { Suggestions } from "./suggestions.tsx";

/** What the server has been asked, what became of it, and what it teaches. */
export function TrafficPage(props: PageProps) {
  const tab = props.params.get("tab") ?? "overview";
  return (
    <div class="stack">
      <h1>Traffic</h1>
      <Tabs
        label="What to look at"
        of={[["overview", "Overview"], ["decisions", "Decisions"], ["suggestions", "Suggestions"], ["drift", "Drift"]]}
        chosen={tab}
        choose={(t) => {
          location.hash = linkTo("traffic", { tab: t });
        }}
      />
      {tab === "overview" && <Overview />}
      {tab === "decisions" && <Decisions params={props.params} serving={props.status?.fingerprint ?? ""} />}
      {tab === "suggestions" && <Suggestions serving={props.status?.fingerprint ?? ""} />}
      {tab === "drift" && <Drift />}
    </div>
  );
}
