import { useContext, useEffect, useState } from "react";
import { Button } from "react-aria-components";

import { RUN_STATES, call, type Run, type RunList, type Task } from "../api";
import { useI18n } from "../i18n";
import { Bar, Choice, Facts, LooksOnly, MayContext, Opens, Shown, State, Table, asJson, useAct, useData } from "../parts";

const PAGE = 100;
const HAS_ENDED = ["succeeded", "failed", "cancelled"];

function Detail({ run }: { run: Run }) {
  const { t, time } = useI18n();
  return (
    <>
      <Facts
        of={[
          [t("state"), <State of={run.state} />], [t("tenant"), run.tenant], [t("by"), run.by], [t("created"), time(run.created_at)],
          [t("started"), run.started_at && time(run.started_at)], [t("ended"), run.ended_at && time(run.ended_at)],
          [t("attempts"), `${run.attempts} / ${run.attempts_max}`], [t("note"), run.note], [t("error"), run.error],
        ]}
      />
      <h3>{t("input")}</h3>
      {asJson(run.input)}
      {run.output !== undefined && run.output !== null && <><h3>{t("output")}</h3>{asJson(run.output)}</>}
    </>
  );
}

export function Runs({ query }: { query: URLSearchParams }) {
  const { t, time } = useI18n();
  const may = useContext(MayContext);
  const go = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    location.hash = `#/runs?${next}`;
  };
  const asked = query.toString();
  const tasks = useData<{ tasks: Task[] }>("/v1/tasks");
  const first = useData<RunList>(`/v1/runs?limit=${PAGE}${asked && `&${asked}`}`, 3000);
  const [older, setOlder] = useState<RunList>({ runs: [] });
  useEffect(() => setOlder({ runs: [] }), [asked]);
  const { told, act } = useAct(first.reload);
  const say = (run: Run, what: "restart" | "cancel") => act(() => call<void>(`/v1/runs/${run.id}/${what}`, { method: "POST" }));
  const next = older.runs.length > 0 ? older.next_before : first.data?.next_before;
  const more = async () => {
    const page = await call<RunList>(`/v1/runs?limit=${PAGE}&before=${next}${asked && `&${asked}`}`);
    setOlder((before) => ({ ...page, runs: [...before.runs, ...page.runs] }));
  };
  const states: [string, string][] = [["", t("all")], ...RUN_STATES.map((it): [string, string] => [it, t(`st_${it}`)])];
  const names: [string, string][] = [["", t("all")], ...(tasks.data?.tasks ?? []).map((it): [string, string] => [it.name, it.name])];
  return (
    <>
      <LooksOnly />
      <div className="filters">
        <Choice label={t("filterState")} value={query.get("state") ?? ""} options={states} onChange={(it) => go("state", it)} />
        <Choice label={t("filterTask")} value={query.get("task") ?? ""} options={names} onChange={(it) => go("task", it)} />
        {query.get("tenant") && <Button onPress={() => go("tenant", "")}>{t("tenant")}: {query.get("tenant")} ✕</Button>}
      </div>
      {told}
      <Shown of={first}>
        {(data) => {
          // What has come since the first page was loaded last pushes rows on that stay among the older ones.
          const known = new Set(data.runs.map((it) => it.id));
          const rows = [...data.runs, ...older.runs.filter((it) => !known.has(it.id))];
          return (
            <>
              <Table
                label={t("runs")} rows={rows} id={(it) => it.id}
                columns={[
                  { title: "#", isNumber: true, cell: (it) => it.id },
                  { title: t("task"), cell: (it) => it.task },
                  { title: t("tenant"), cell: (it) => it.tenant ?? "–" },
                  { title: t("state"), cell: (it) => <State of={it.state} /> },
                  { title: t("progress"), cell: (it) => (it.state === "running" ? <Bar value={it.progress} label={`${t("progress")} ${it.id}`} /> : it.error ? <span className="short">{it.error}</span> : it.note) },
                  { title: t("by"), cell: (it) => it.by },
                  { title: t("created"), cell: (it) => time(it.created_at) },
                  { title: t("actions"), cell: (it) => (
                    <div className="buttons">
                      <Opens button={t("details")} title={`${it.task} #${it.id}`}>{() => <Detail run={it} />}</Opens>
                      {HAS_ENDED.includes(it.state)
                        ? <Button isDisabled={!may.act} aria-label={`${t("restart")} ${it.id}`} onPress={() => void say(it, "restart")}>{t("restart")}</Button>
                        : <Button isDisabled={!may.act || it.is_cancelled} aria-label={`${t("cancel")} ${it.id}`} onPress={() => void say(it, "cancel")}>{t("cancel")}</Button>}
                    </div>
                  ) },
                ]}
              />
              <p className="quiet">{t("showing", { n: rows.length })}</p>
              {next !== undefined && next !== null && <Button onPress={() => void act(async () => { await more(); return ""; })}>{t("more")}</Button>}
            </>
          );
        }}
      </Shown>
    </>
  );
}
