import { useContext, useState } from "react";
import { Button, Input, Label, TextField } from "react-aria-components";

import { call, type Deployment } from "../api";
import { useI18n } from "../i18n";
import { LooksOnly, MayContext, Opens, Shown, Table, useAct, useData } from "../parts";

export function Deployments() {
  const { t, time } = useI18n();
  const may = useContext(MayContext);
  const marks = useData<{ deployments: Deployment[] }>("/v1/deployments?limit=100", 10_000);
  const { told, act } = useAct(marks.reload);
  const [version, setVersion] = useState("");
  const [note, setNote] = useState("");
  const set = () => act(() => call<void>("/v1/deployments", { method: "POST", body: { version, note } }));
  return (
    <>
      <LooksOnly />
      <Opens button={t("mark")} title={t("markTitle")} isDisabled={!may.act}>
        {(close) => (
          <>
            <TextField value={version} onChange={setVersion} isRequired autoFocus><Label>{t("version")}</Label><Input /></TextField>
            <TextField value={note} onChange={setNote}><Label>{t("note")}</Label><Input /></TextField>
            <Button className="primary" isDisabled={version === ""} onPress={() => void set().finally(close)}>{t("mark")}</Button>
          </>
        )}
      </Opens>
      {told}
      <Shown of={marks}>
        {(data) => (
          <Table
            label={t("deployments")} rows={data.deployments} id={(it) => it.id}
            columns={[
              { title: t("when"), cell: (it) => time(it.at) },
              { title: t("version"), cell: (it) => it.version },
              { title: t("note"), cell: (it) => it.note },
              { title: t("by"), cell: (it) => it.by },
            ]}
          />
        )}
      </Shown>
    </>
  );
}
