import type { Daemon, DaemonProcess } from "../api";
import { useI18n } from "../i18n";
import { LooksOnly, Shown, State, Table, useAct, useData } from "../parts";
import { Pause, PauseState } from "./pause";

function Processes({ of }: { of: DaemonProcess[] }) {
  const { t, time } = useI18n();
  if (of.length === 0) return <span className="quiet">{t("nowhere")}</span>;
  return (
    <ul className="plain">
      {of.map((it) => (
        <li key={`${it.worker}`}>
          <State of={it.state} /> {it.address} · {t("beat")} {time(it.beat_at)} · {t("restarts")} {it.restarts}
          {it.error && <><br /><span className="alert">{it.error}</span></>}
        </li>
      ))}
    </ul>
  );
}

export function Daemons() {
  const { t } = useI18n();
  const daemons = useData<{ daemons: Daemon[] }>("/v1/daemons", 3000);
  const { told, act } = useAct(daemons.reload);
  return (
    <>
      <LooksOnly />
      {told}
      <Shown of={daemons}>
        {(data) => (
          <Table
            label={t("daemons")} rows={data.daemons} id={(it) => it.name}
            columns={[
              { title: t("name"), cell: (it) => <><b>{it.name}</b><br /><span className="quiet">{it.doc}</span></> },
              { title: t("state"), cell: (it) => <PauseState until={it.disabled_until} /> },
              { title: t("server"), cell: (it) => <Processes of={it.processes} /> },
              { title: t("actions"), cell: (it) => <Pause path={`/v1/daemons/${it.name}`} name={it.name} until={it.disabled_until} act={act} /> },
            ]}
          />
        )}
      </Shown>
    </>
  );
}
