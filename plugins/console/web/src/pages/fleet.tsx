import type { Migration } from "../api";
import { useI18n } from "../i18n";
import { Bar, Shown, State, Table, useData } from "../parts";

export function Fleet() {
  const { t, time, number } = useI18n();
  const runs = useData<{ migrations: Migration[] }>("/v1/fleet/migrations", 2000);
  const share = (it: Migration) => (it.checked + it.remaining === 0 ? 1 : (it.checked - it.failed) / (it.checked + it.remaining));
  return (
    <Shown of={runs}>
      {(data) => (
        <Table
          label={t("fleet")} rows={data.migrations} id={(it) => it.id}
          columns={[
            { title: t("started"), cell: (it) => time(it.started_at) },
            { title: t("by"), cell: (it) => it.by },
            { title: t("structure"), isNumber: true, cell: (it) => it.structure },
            { title: t("state"), cell: (it) => <State of={it.state} /> },
            { title: t("progress"), cell: (it) => <Bar value={share(it)} label={`${t("progress")} ${time(it.started_at)}`} /> },
            { title: t("migrated"), isNumber: true, cell: (it) => number(it.migrated) },
            { title: t("upToDate"), isNumber: true, cell: (it) => number(it.up_to_date) },
            { title: t("failed"), isNumber: true, cell: (it) => number(it.failed) },
            { title: t("remaining"), isNumber: true, cell: (it) => number(it.remaining) },
            { title: t("seen"), cell: (it) => time(it.seen_at) },
          ]}
        />
      )}
    </Shown>
  );
}
