import { useContext, useState } from "react";
import { Button, Input, Label, TextArea, TextField } from "react-aria-components";

import { call, type Intended, type Task } from "../api";
import { useI18n } from "../i18n";
import { LooksOnly, MayContext, Opens, Shown, Table, useAct, useData, type Act } from "../parts";
import { Pause, PauseState } from "./pause";

function Intent({ task, act }: { task: Task; act: Act }) {
  const { t } = useI18n();
  const may = useContext(MayContext);
  const [tenant, setTenant] = useState("");
  const [input, setInput] = useState("{}");
  const begin = async (): Promise<string> => {
    const body = JSON.parse(input) as unknown;
    if (typeof body !== "object" || body === null || Array.isArray(body)) throw new Error(t("jsonWrong"));
    const query = tenant ? `?tenant=${encodeURIComponent(tenant)}` : "";
    const { outcome, run } = await call<Intended>(`/v1/tasks/${task.name}/runs${query}`, { method: "POST", body });
    return t(`outcome_${outcome}`, { id: run.id, by: run.by });
  };
  return (
    <Opens button={t("run")} title={t("runTitle", { name: task.name })} isDisabled={!may.act}>
      {(close) => (
        <>
          {task.scope !== "platform" && (
            <TextField value={tenant} onChange={setTenant} isRequired={task.scope === "tenant"}>
              <Label>{t("tenant")}</Label>
              <Input />
            </TextField>
          )}
          <TextField value={input} onChange={setInput}>
            <Label>{t("input")}</Label>
            <TextArea rows={4} spellCheck={false} />
          </TextField>
          <Button className="primary" onPress={() => void act(begin).finally(close)}>{t("run")}</Button>
        </>
      )}
    </Opens>
  );
}

export function Tasks() {
  const { t, time, number } = useI18n();
  const tasks = useData<{ tasks: Task[] }>("/v1/tasks", 3000);
  const { told, act } = useAct(tasks.reload);
  return (
    <>
      <LooksOnly />
      {told}
      <Shown of={tasks}>
        {(data) => (
          <Table
            label={t("tasks")} rows={data.tasks} id={(it) => it.name}
            columns={[
              { title: t("task"), cell: (it) => <><b>{it.name}</b><br /><span className="quiet">{it.doc}</span></> },
              { title: t("state"), cell: (it) => <PauseState until={it.disabled_until} /> },
              { title: t("next"), cell: (it) => time(it.next_at) },
              { title: t("queuedRuns"), isNumber: true, cell: (it) => number(it.runs.waiting + it.runs.queued) },
              { title: t("runningRuns"), isNumber: true, cell: (it) => number(it.runs.running) },
              { title: t("failedRuns"), isNumber: true, cell: (it) => <a href={`#/runs?task=${it.name}&state=failed`} aria-label={`${t("failedRuns")}: ${it.name}, ${it.runs.failed}`}>{number(it.runs.failed)}</a> },
              { title: t("actions"), cell: (it) => <div className="buttons"><Intent task={it} act={act} /><Pause path={`/v1/tasks/${it.name}`} name={it.name} until={it.disabled_until} act={act} /></div> },
            ]}
          />
        )}
      </Shown>
    </>
  );
}
