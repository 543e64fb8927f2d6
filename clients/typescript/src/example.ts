/** Decides, asks, streams and gives feedback. SEMROUTE_HTTP is the server. */
import { Code, ConnectError } from "@connectrpc/connect";
import { Feedback_Verdict } from "./gen/semroute/v1/feedback_pb.js";
import { connect } from "./index.js";

const { router, feedback } = connect({ baseUrl: process.env["SEMROUTE_HTTP"] ?? "http://127.0.0.1:8080" });
const text = (value: string) => ({ input: { case: "text", value } as const });

const { decision } = await router.route({ prompt: text("where is my refund") });
console.log(decision?.route, decision?.confidence.toFixed(2), decision?.model);

const asked = await router.route({ prompt: text("where is my parcel"), forward: true });
console.log(asked.record?.model, asked.answer?.text);

let streamed = "";
for await (const { event } of router.streamRoute({ prompt: text("where is my refund") })) {
  if (event.case === "piece") {
    streamed += event.value.text;
  }
}
console.log(streamed);

const said = await feedback.giveFeedback({ feedback: { decisionId: asked.decision?.decisionId ?? "", verdict: Feedback_Verdict.RIGHT } });
console.log(said.decision?.route);

try {
  await router.route({});
} catch (error) {
  console.log(Code[ConnectError.from(error).code]);
}
