import { useState } from "preact/hooks";
import { Notice } from "../components/basics.tsx";
import { type Session, SessionError, signIn } from "./session.ts";

/** Asks for a key or token. */
export function Login(props: { expired: boolean; issuer: boolean; done: (session: Session) => void }) {
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const refused = new URLSearchParams(location.search).get("refused");
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      props.done(await signIn(key.trim()));
    } catch (error) {
      setProblem(error instanceof SessionError && error.status === 401 ? "This key is not known here, or is no longer good." : String((error as Error).message));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="login">
      <form class="card" onSubmit={submit}>
        <h1>semroute</h1>
        {props.expired && <Notice kind="warn">Your session has ended. Sign in again; what you have typed is still there.</Notice>}
        {refused && <Notice kind="bad" title="You are not signed in">{refused}</Notice>}
        {props.issuer && <a class="button" href="/console/login">Sign in with your organisation</a>}
        <label class="field">
          API key or token
          <input type="password" name="key" autocomplete="current-password" required value={key} onInput={(e) => setKey(e.currentTarget.value)} />
          <span class="hint"><code>semroute keys create --role admin …</code> makes one.</span>
        </label>
        {problem && <Notice kind="bad">{problem}</Notice>}
        <div>
          <button class="primary" disabled={busy || !key}>Sign in</button>
        </div>
      </form>
    </main>
  );
}
