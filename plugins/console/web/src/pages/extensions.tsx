import type { Hook, Plan, Point } from "../api";
import { useI18n } from "../i18n";
import { Facts, Shown, Table, useData } from "../parts";

function Effective({ hook }: { hook: Hook }) {
  return (
    <>
      <b>{hook.id}</b> {hook.key && <code>{hook.key}</code>} <span className={`state ${hook.layer}`}>{hook.layer}</span>
      <br /><span className="quiet">{hook.package} · {hook.location}</span>
      <br />{hook.reason}
    </>
  );
}

function Shadows({ hook }: { hook: Hook }) {
  if (!hook.shadows?.length) return <>–</>;
  return (
    <ul className="plain">
      {hook.shadows.map((it) => <li key={it.id + it.location}>{it.id} <span className={`state ${it.layer}`}>{it.layer}</span><br /><span className="quiet">{it.package} · {it.location}</span></li>)}
    </ul>
  );
}

export function Extensions() {
  const { t } = useI18n();
  const plan = useData<Plan>("/v1/extensions");
  type Row = { point: Point; hook: Hook | undefined };
  const rowsOf = (points: Point[]) => points.flatMap((point): Row[] => (point.hooks.length ? point.hooks.map((hook) => ({ point, hook })) : [{ point, hook: undefined }]));
  return (
    <Shown of={plan}>
      {(data) => (
        <>
          <Facts of={[[t("customer"), data.customer ?? t("platformItself")], ["Hash", <code>{data.hash}</code>]]} />
          <Table
            label={t("extensions")} rows={rowsOf(data.points).map((it, at) => ({ ...it, at }))} id={(it) => it.at}
            columns={[
              { title: t("point"), cell: (it) => <code>{it.point.point}</code> },
              { title: t("effective"), cell: (it) => (it.hook ? <Effective hook={it.hook} /> : <span className="quiet">{t("byDefault")}: {it.point.default}</span>) },
              { title: t("shadows"), cell: (it) => (it.hook ? <Shadows hook={it.hook} /> : "–") },
            ]}
          />
        </>
      )}
    </Shown>
  );
}
