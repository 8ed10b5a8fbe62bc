// The frame: log-in, navigation, and the page that the address names (`#/runs?state=failed`).
import { useCallback, useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { Button, Form, Input, Label, TextField } from "react-aria-components";

import { Refusal, logIn, logOut, resume, whenLoggedOut, type Session } from "./api";
import { LANGUAGES, useI18n, type Language, type Texts } from "./i18n";
import { Catalogs } from "./pages/catalogs";
import { Daemons } from "./pages/daemons";
import { Deployments } from "./pages/deployments";
import { Extensions } from "./pages/extensions";
import { Fleet } from "./pages/fleet";
import { Imports } from "./pages/imports";
import { Overview } from "./pages/overview";
import { Runs } from "./pages/runs";
import { Tasks } from "./pages/tasks";
import { Tenants } from "./pages/tenants";
import { Choice, MayContext } from "./parts";

type Page = { name: keyof Texts & string; show: (query: URLSearchParams) => ReactNode };
const OF_OPERATORS: Page[] = [
  { name: "overview", show: () => <Overview /> },
  { name: "tenants", show: () => <Tenants /> },
  { name: "tasks", show: () => <Tasks /> },
  { name: "runs", show: (query) => <Runs query={query} /> },
  { name: "daemons", show: () => <Daemons /> },
  { name: "fleet", show: () => <Fleet /> },
  { name: "deployments", show: () => <Deployments /> },
];
const OF_TENANTS: Page[] = [
  { name: "imports", show: (query) => <Imports query={query} /> },
  { name: "catalogs", show: (query) => <Catalogs query={query} /> },
  { name: "extensions", show: () => <Extensions /> },
];

function useAddress(): [string, URLSearchParams] {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  const [page = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  return [page, new URLSearchParams(query)];
}

type Theme = "auto" | "light" | "dark";

function Preferences() {
  const { t, language, choose } = useI18n();
  const [theme, setTheme] = useState((localStorage.getItem("theme") as Theme | null) ?? "auto");
  useEffect(() => {
    localStorage.setItem("theme", theme);
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const themes: [string, string][] = [["auto", t("themeAuto")], ["light", t("themeLight")], ["dark", t("themeDark")]];
  return (
    <div className="preferences">
      <Choice label={t("language")} value={language} options={LANGUAGES} onChange={(it) => choose(it as Language)} />
      <Choice label={t("theme")} value={theme} options={themes} onChange={(it) => setTheme(it as Theme)} />
    </div>
  );
}

function Login({ hasEnded, onIn }: { hasEnded: boolean; onIn: (session: Session) => void }) {
  const { t } = useI18n();
  const [refusal, setRefusal] = useState("");
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    try {
      onIn(await logIn(String(given.get("key")).trim(), String(given.get("secret")).trim()));
    } catch (error) {
      const isWrong = error instanceof Refusal && error.status === 401;
      setRefusal(isWrong ? t("loginFailed") : String(error instanceof Error ? error.message : error));
    }
  };
  return (
    <main className="login">
      <h1>{t("console")}</h1>
      {hasEnded && <p role="status">{t("sessionEnded")}</p>}
      <Form onSubmit={(event) => void submit(event)}>
        <TextField name="key" isRequired autoFocus>
          <Label>{t("keyId")}</Label>
          <Input autoComplete="username" />
        </TextField>
        <TextField name="secret" type="password" isRequired>
          <Label>{t("secret")}</Label>
          <Input autoComplete="current-password" />
        </TextField>
        <p className="alert" role="alert">{refusal}</p>
        <Button type="submit" className="primary">{t("logIn")}</Button>
      </Form>
      <p className="quiet">{t("loginHint")}</p>
      <Preferences />
    </main>
  );
}

function Frame({ session, onOut }: { session: Session; onOut: () => void }) {
  const { t } = useI18n();
  const [address, query] = useAddress();
  const main = useRef<HTMLElement>(null);
  const pages = session.kind === "operator" ? OF_OPERATORS : OF_TENANTS;
  const page = pages.find((it) => it.name === address) ?? pages[0]!;
  useEffect(() => {
    document.title = `${t(page.name)} – ${t("console")}`;
  }, [page, t]);
  const leave = async () => {
    await logOut().catch(() => undefined);
    onOut();
  };
  return (
    <MayContext.Provider value={{ act: session.role !== "viewer", role: session.role ?? "" }}>
      <a className="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>{t("skip")}</a>
      <header>
        <strong>Plugpoint</strong>
        <nav aria-label={t("navigation")}>
          <ul>
            {pages.map(({ name }) => (
              <li key={name}><a href={`#/${name}`} aria-current={name === page.name ? "page" : undefined}>{t(name)}</a></li>
            ))}
          </ul>
        </nav>
        <Preferences />
        <div className="who">
          <span>{t("you")} <b>{session.tenant ?? session.name}</b>{session.role && ` (${session.role})`}</span>
          <Button onPress={() => void leave()}>{t("logOut")}</Button>
        </div>
      </header>
      <main ref={main} id="main" tabIndex={-1}>
        <h1>{t(page.name)}</h1>
        {page.show(query)}
      </main>
      <footer className="quiet">Plugpoint {session.version}</footer>
    </MayContext.Provider>
  );
}

export function App() {
  const { t } = useI18n();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [hasEnded, setHasEnded] = useState(false);
  const leave = useCallback((ended: boolean) => {
    setHasEnded(ended);
    setSession((before) => {
      if (!before) setHasEnded(false);
      return null;
    });
  }, []);
  useEffect(() => {
    whenLoggedOut(() => leave(true));
    resume().then(setSession, () => setSession(null));
  }, [leave]);
  if (session === undefined) return <p className="login" role="status">{t("loading")}</p>;
  if (session === null) return <Login hasEnded={hasEnded} onIn={setSession} />;
  return <Frame session={session} onOut={() => leave(false)} />;
}
