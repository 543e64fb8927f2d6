/** The browser's session: who the server takes us for. */

export interface Session {
  name: string;
  roles: string[];
  /** The server asks nobody who they are. */
  open: boolean;
}

/** SessionError says why there is no session. */
export class SessionError extends Error {
  constructor(readonly status: number, message: string, readonly login = false) {
    super(message);
  }
}

async function ask(method: string, key?: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch("/console/session", { method, headers: key === undefined ? {} : { Authorization: `Bearer ${key}` } });
  } catch {
    throw new SessionError(0, "The server does not answer. Is it still running?");
  }
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as { error?: string; login?: boolean };
    throw new SessionError(response.status, problem.error ?? `The server answers ${response.status}.`, problem.login);
  }
  return response;
}

export async function currentSession(): Promise<Session> {
  return (await ask("GET")).json() as Promise<Session>;
}

export async function signIn(key: string): Promise<Session> {
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new SessionError(401, "That is no key: keys are letters, digits and signs without spaces.");
  }
  return (await ask("POST", key)).json() as Promise<Session>;
}

export async function signOut(): Promise<void> {
  await ask("DELETE");
}
