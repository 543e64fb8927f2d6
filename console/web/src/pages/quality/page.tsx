import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Card, Failure, Waiting } from "../../components/basics.tsx";
import { semroute } from "../../lib/api.ts";
import { useLoad } from "../../lib/load.ts";
import type { PageProps } from "../pages.ts";
import { Curves } from "./curves.tsx";
import { Headline, Reservations } from "./headline.tsx";
import { Confusions } from "./confusions.tsx";
import { Promises } from "./promises.tsx";
import { PerRoute } from "./per_route.tsx";

/** How good the decisions are: on labelled prompts, and as people say. */
export function QualityPage(props: PageProps) {
  const evaluation = useLoad((signal) => semroute.quality.getEvaluation({ wrong: 500 }, { signal }), [props.status?.fingerprint]);
  const e = evaluation.value;
  return (
    <div class="stack">
      <h1>Quality</h1>
      {evaluation.loading && <Waiting what="Deciding the labelled prompts" />}
      <Failure error={evaluation.error} retry={evaluation.reload} />
      {e && (
        <>
          <Card
            title="On the labelled prompts"
            aside={<span class="soft small">{e.time && `measured ${timestampDate(e.time).toLocaleString()}, `}fingerprint <code>{e.fingerprint.slice(0, 12)}</code></span>}
          >
            <Headline of={e} />
            <Reservations of={e} />
          </Card>
          <Curves of={e} />
          <PerRoute of={e} />
          <Confusions of={e} params={props.params} />
        </>
      )}
      <Promises serving={props.status?.fingerprint ?? ""} />
    </div>
  );
}
