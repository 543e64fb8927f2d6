import { useEffect, useState } from "preact/hooks";
import { Notice, Waiting } from "../components/basics.tsx";
import { signedOut } from "../lib/api.ts";
import { linkTo, usePlace } from "../lib/location.ts";
import { chooseTheme, theme, type Theme } from "../lib/theme.ts";
import { pages } from "../pages/pages.ts";
import { Login } from "./login.tsx";
import { type Session, SessionError, currentSession, signOut } from "./session.ts";
import { StatusChip, useStatus } from "./status.tsx";

/** The frame around all pages, for whom the server knows. */
export function App() {
  const [session, setSession] = useState<Session>();
  const [problem, setProblem] = useState<SessionError>();
  const [expired, setExpired] = useState(false);
  const [issuer, setIssuer] = useState(false);
  const begin = (found: Session) => {
    setProblem(undefined);
    setExpired(false);
    setSession(found);
  };
  useEffect(() => {
    currentSession().then(begin, setProblem);
    const ended = () => {
      setExpired(true);
      currentSession().catch((found: SessionError) => setIssuer(found.login)); // says where one signs in
    };
    window.addEventListener(signedOut, ended);
    return () => window.removeEventListener(signedOut, ended);
  }, []);
  if (expired || problem?.status === 401) {
    return <Login expired={expired} issuer={issuer || problem?.login === true} done={begin} />;
  }
  if (problem) {
    return <main class="login"><Notice kind="bad" title="The console cannot be opened">{problem.message}</Notice></main>;
  }
  if (!session) {
    return <main class="login"><Waiting what="Asking the server who you are" /></main>;
  }
  return <Frame session={session} left={() => currentSession().then(begin, setProblem)} />;
}

function Frame(props: { session: Session; left: () => void }) {
  const place = usePlace();
  const page = pages.find((p) => p.name === place.page) ?? pages[0];
  const admin = props.session.open || props.session.roles.includes("admin");
  const status = useStatus(admin);
  useEffect(() => {
    document.title = `${page?.title ?? ""} · semroute`;
  }, [page]);
  return (
    <>
      <a class="skip" href="#content" onClick={(e) => { e.preventDefault(); document.getElementById("content")?.focus(); }}>Skip to the page</a>
      <header class="top">
        <span class="brand">semroute</span>
        <nav aria-label="Pages">
          {pages.filter((p) => admin || !p.admin).map((p) => (
            <a key={p.name} href={linkTo(p.name)} aria-current={p === page ? "page" : undefined}>{p.title}</a>
          ))}
        </nav>
        <div class="row tools">
          <StatusChip status={status} />
          <ThemeChoice />
          {!props.session.open && (
            <button class="slim" title={`signed in as ${props.session.name}`} onClick={() => signOut().then(props.left)}>Sign out</button>
          )}
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {page && <page.View key={page.name} params={place.params} admin={admin} session={props.session} status={status} />}
      </main>
    </>
  );
}

function ThemeChoice() {
  const [chosen, setChosen] = useState(theme());
  const choose = (t: Theme) => {
    chooseTheme(t);
    setChosen(t);
  };
  return (
    <label class="theme">
      <span class="hidden">Colours</span>
      <select value={chosen} onChange={(e) => choose(e.currentTarget.value as Theme)}>
        <option value="auto">System colours</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
    </label>
  );
}
