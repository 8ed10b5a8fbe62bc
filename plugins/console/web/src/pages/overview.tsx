import { useEffect, useState, type ReactNode } from "react";

import type { Daemon, Deployment, RunList, Task, Tenant } from "../api";
import { useI18n } from "../i18n";
import { State, useData } from "../parts";

/** What `/readyz` says, which is no JSON. */
function useReady(): { is: boolean; text: string } | undefined {
  const [ready, setReady] = useState<{ is: boolean; text: string }>();
  useEffect(() => {
    const look = () => fetch("/readyz").then(async (it) => setReady({ is: it.ok, text: await it.text() }), (error: unknown) => setReady({ is: false, text: String(error) }));
    void look();
    const timer = setInterval(() => void look(), 5000);
    return () => clearInterval(timer);
  }, []);
  return ready;
}

function Figure({ title, href, value, isBad = false }: { title: string; href: string; value: ReactNode; isBad?: boolean }) {
  return <a className={isBad ? "figure bad" : "figure"} href={href}><span>{title}</span><b>{value}</b></a>;
}

export function Overview() {
  const { t, time, number } = useI18n();
  const ready = useReady();
  const tasks = useData<{ tasks: Task[] }>("/v1/tasks", 5000);
  const daemons = useData<{ daemons: Daemon[] }>("/v1/daemons", 5000);
  const tenants = useData<{ tenants: Tenant[] }>("/v1/tenants", 30_000);
  const failures = useData<RunList>("/v1/runs?state=failed&limit=5", 5000);
  const marks = useData<{ deployments: Deployment[] }>("/v1/deployments?limit=5", 30_000);
  const sum = (of: (it: Task) => number) => tasks.data?.tasks.reduce((all, it) => all + of(it), 0);
  const shown = (value: number | undefined) => (value === undefined ? "…" : number(value));
  const failed = sum((it) => it.runs.failed);
  const idle = daemons.data?.daemons.filter((it) => it.disabled_until || !it.processes.some((one) => one.state === "running")).length;
  const error = [tasks, daemons, tenants, failures, marks].map((it) => it.error).find((it) => it);
  return (
    <>
      <p role="alert" className="alert">{error}</p>
      <div className="figures">
        <Figure title={t("health")} href="#/daemons" isBad={ready?.is === false} value={ready === undefined ? "…" : ready.is ? t("ready") : t("notReady")} />
        <Figure title={t("tenants")} href="#/tenants" value={shown(tenants.data?.tenants.length)} />
        <Figure title={t("runningRuns")} href="#/runs?state=running" value={shown(sum((it) => it.runs.running))} />
        <Figure title={t("queuedRuns")} href="#/runs?state=queued" value={shown(sum((it) => it.runs.queued + it.runs.waiting))} />
        <Figure title={t("failedRuns")} href="#/runs?state=failed" isBad={!!failed} value={shown(failed)} />
        <Figure title={t("idleDaemons")} href="#/daemons" isBad={!!idle} value={shown(idle)} />
      </div>
      {ready?.is === false && <pre tabIndex={0}>{ready.text}</pre>}
      <h2>{t("latestFailures")}</h2>
      {failures.data?.runs.length ? (
        <ul className="plain">
          {failures.data.runs.map((it) => <li key={it.id}><State of={it.state} /> <a href={`#/runs?task=${it.task}&state=failed`}>{it.task} #{it.id}</a> {it.tenant} · {time(it.ended_at)} · {it.error}</li>)}
        </ul>
      ) : <p className="quiet">{t("nothing")}</p>}
      <h2>{t("latestDeployments")}</h2>
      {marks.data?.deployments.length ? (
        <ul className="plain">{marks.data.deployments.map((it) => <li key={it.id}>{time(it.at)} · <b>{it.version}</b> {it.note} · {it.by}</li>)}</ul>
      ) : <p className="quiet">{t("nothing")}</p>}
    </>
  );
}
