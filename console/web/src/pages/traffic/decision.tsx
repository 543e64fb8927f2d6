import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { JsonObject } from "@bufbuild/protobuf";
import type { KeptDecision } from "semroute/v1/traffic";
import { Bar, Failure, Notice, RouteChip, Stats, Waiting } from "../../components/basics.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { semroute } from "../../lib/api.ts";
import { count, duration, percent, usd } from "../../lib/format.ts";
import { useLoad } from "../../lib/load.ts";
import { linkTo } from "../../lib/location.ts";
import { colourOfName } from "../../lib/palette.ts";
import { GiveFeedback, MakeUtterance } from "./feedback.tsx";
import { list, number, object, text } from "./record.ts";

/** Everything about one decision, and what can be said of it. */
export function DecisionDialog(props: { id: string; serving: string; close: () => void }) {
  const kept = useLoad(async (signal) => (await semroute.traffic.getDecision({ decisionId: props.id }, { signal })).decision, [props.id]);
  const routes = useLoad(async (signal) => (await semroute.catalog.listRoutes({}, { signal })).routes.map((r) => r.name), [props.serving]);
  const d = kept.value;
  return (
    <Dialog title="One decision" close={props.close}>
      <Failure error={kept.error} retry={kept.reload} />
      {!d && kept.loading && <Waiting />}
      {d && (
        <>
          {d.prompt ? <blockquote class="prompt">{d.prompt}</blockquote> : <Notice>The prompt's text was not stored (<code>--store-prompts</code>).</Notice>}
          <Decided of={d} />
          <Called of={d} />
          {d.prompt && <MakeUtterance prompt={d.prompt} routes={routes.value ?? []} likely={d.route || text(list(object(object(d.record?.["decision"])["why"])["candidates"])[0]?.["route"])} />}
          <GiveFeedback id={d.decisionId} routes={routes.value ?? []} />
          <details>
            <summary>The whole record</summary>
            <pre>{JSON.stringify(d.record, null, 2)}</pre>
          </details>
          {d.prompt && <a href={linkTo("try", { prompt: d.prompt })}>Try it as it is decided now</a>}
        </>
      )}
    </Dialog>
  );
}

function Decided(props: { of: KeptDecision }) {
  const d = object(props.of.record?.["decision"]);
  const why = object(d["why"]);
  const degraded = Array.isArray(why["degraded"]) ? why["degraded"].map(String) : [];
  return (
    <section class="stack tight" aria-label="Decision">
      <div class="row"><RouteChip name={props.of.route} /><span>{text(d["reason"]).replaceAll("_", " ")}</span></div>
      <Stats
        of={[
          ["confidence", percent(number(d["confidence"]))],
          ["margin", percent(number(d["margin"]))],
          ["stage", <small class="word">{text(d["stage"]).toLowerCase()}</small>],
          ["took", duration(number(why["total_us"]))],
          ["when", <small class="word">{props.of.time && timestampDate(props.of.time).toLocaleString()}</small>],
        ]}
      />
      {degraded.length > 0 && <Notice kind="warn" title="Decided without something">{degraded.join("; ")}</Notice>}
      <table>
        <tbody>
          {list(why["candidates"]).map((c) => (
            <tr key={text(c["route"])}>
              <td>{text(c["route"])}</td>
              <td class="bars"><Bar share={number(c["probability"])} bound={number(why["bound"])} colour={colourOfName(text(c["route"]))} /></td>
              <td class="number">{percent(number(c["probability"]))}</td>
            </tr>
          ))}
          {list(why["matches"]).map((m) => (
            <tr key={text(m["utterance"])}>
              <td colSpan={2}>{text(m["utterance"])} <span class="soft small">{text(m["route"])}</span></td>
              <td class="number">{number(m["similarity"]).toFixed(3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Called(props: { of: KeptDecision }) {
  if (!props.of.forwarded) {
    return null;
  }
  const record: JsonObject = props.of.record ?? {};
  const costs = object(record["costs"]);
  const usage = object(record["usage"]);
  const cost = number(costs["answer_nano_usd"]) + number(costs["failed_nano_usd"]) + number(costs["routing_nano_usd"]);
  return (
    <section class="stack tight" aria-label="Call">
      <Stats
        of={[
          ["model", <small class="word">{props.of.model || "none"}</small>],
          ["cost", costs["unpriced"] === true ? <small class="word">no price known</small> : usd(cost)],
          ["tokens in / out", `${count(number(usage["input_tokens"]))} / ${count(number(usage["output_tokens"]))}`],
          ["took", duration(number(record["latency_us"]))],
          ["ended by", <small class="word">{text(record["error"]) || text(record["finish"])}</small>],
        ]}
      />
      <table>
        <tbody>
          {list(record["attempts"]).map((a, i) => (
            <tr key={i}>
              <td>{text(a["model"])}</td>
              <td>{text(a["status"])}{text(a["error"]) && <span class="soft">: {text(a["error"])}</span>}</td>
              <td class="number">{duration(number(a["latency_us"]))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
