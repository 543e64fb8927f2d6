import { Decision_Reason as Reason, Decision_Stage as Stage } from "semroute/v1/decision";
import { Attempt_Status as Status, CallRecord_Finish as Finish } from "semroute/v1/forward";

/** Enums in words. */
export const stages: Record<Stage, string> = {
  [Stage.STAGE_UNSPECIFIED]: "unknown",
  [Stage.RULE]: "a rule",
  [Stage.STATIC]: "static stage",
  [Stage.SEMANTIC]: "semantic stage",
  [Stage.FALLBACK]: "fallback",
  [Stage.NAMED]: "named by the caller",
};

export const reasons: Record<Reason, string> = {
  [Reason.REASON_UNSPECIFIED]: "",
  [Reason.BELOW_CONFIDENCE]: "the leading route is not probable enough",
  [Reason.BELOW_MARGIN]: "two routes are too close to each other",
  [Reason.FAR_FROM_EVERY_UTTERANCE]: "no utterance is near enough",
  [Reason.EMPTY_PROMPT]: "there is no text to route",
  [Reason.RULE_SAID_SO]: "a rule refuses the prompt",
};

/** A name of an enum as words. */
function spoken(name: string | undefined): string {
  return (name ?? "unknown").toLowerCase().replaceAll("_", " ");
}

export const statusWord = (status: Status): string => spoken(Status[status]);
export const finishWord = (finish: Finish): string => spoken(Finish[finish]);
