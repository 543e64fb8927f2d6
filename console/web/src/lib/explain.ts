import { Code, ConnectError } from "@connectrpc/connect";

/** Explained is an error in words for people, with what to do. */
export interface Explained {
  title: string;
  text: string;
}

const titles: Partial<Record<Code, string>> = {
  [Code.Unauthenticated]: "You are signed out",
  [Code.PermissionDenied]: "Your key may not do this",
  [Code.Unavailable]: "The server cannot do this now",
  [Code.DeadlineExceeded]: "It took too long",
  [Code.ResourceExhausted]: "Too much at once",
  [Code.InvalidArgument]: "This cannot be done as it stands",
  [Code.FailedPrecondition]: "The server is not set up for this",
  [Code.NotFound]: "It is not there",
  [Code.Aborted]: "Somebody has changed it meanwhile",
  [Code.Unimplemented]: "This server does not do that",
};

/** Says what went wrong; undefined for what the page itself has cancelled. */
export function explain(error: unknown): Explained | undefined {
  const failed = ConnectError.from(error);
  if (failed.code === Code.Canceled) {
    return undefined;
  }
  if (error instanceof TypeError || (failed.code === Code.Unknown && /fetch|network/i.test(failed.rawMessage))) {
    return { title: "The server does not answer", text: "Is it still running? Try again in a moment." };
  }
  return { title: titles[failed.code] ?? "Something failed", text: failed.rawMessage };
}
