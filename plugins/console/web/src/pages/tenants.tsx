import type { Tenant } from "../api";
import { useI18n } from "../i18n";
import { Shown, State, Table, useData } from "../parts";

export function Tenants() {
  const { t, time } = useI18n();
  const tenants = useData<{ tenants: Tenant[] }>("/v1/tenants", 10_000);
  return (
    <Shown of={tenants}>
      {(data) => (
        <Table
          label={t("tenants")} rows={data.tenants} id={(it) => it.tenant}
          columns={[
            { title: t("tenant"), cell: (it) => it.tenant },
            { title: t("state"), cell: (it) => <State of={it.state} /> },
            { title: t("reason"), cell: (it) => it.reason },
            { title: t("customer"), cell: (it) => it.customer ?? t("platformItself") },
            { title: t("candidate"), cell: (it) => it.candidate },
            { title: t("created"), cell: (it) => time(it.created_at) },
            { title: t("runs"), cell: (it) => <a href={`#/runs?tenant=${it.tenant}`} aria-label={`${t("runs")}: ${it.tenant}`}>{t("runs")}</a> },
          ]}
        />
      )}
    </Shown>
  );
}
