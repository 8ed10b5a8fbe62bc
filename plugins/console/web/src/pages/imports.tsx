import { useEffect } from "react";
import { Button } from "react-aria-components";

import { call, type Catalog, type Finding, type Import } from "../api";
import { useI18n } from "../i18n";
import { Bar, Choice, Facts, Opens, Shown, State, Table, useAct, useData } from "../parts";

type FindingList = { findings: Finding[]; next_cursor?: string };

/** The offending line as the document has it, with a mark below the column. */
function Source({ of }: { of: Finding }) {
  const { t } = useI18n();
  if (!of.excerpt) return <>{of.path ?? "–"}</>;
  return (
    <>
      {of.line && <span className="quiet">{t("line")} {of.line}{of.column && `:${of.column}`}</span>}
      <pre tabIndex={0}>{of.excerpt}</pre>
    </>
  );
}

function Findings({ of }: { of: Import }) {
  const { t, language } = useI18n();
  const path = `/v1/catalogs/${encodeURIComponent(of.catalog)}/imports/${of.id}/findings?limit=200`;
  const findings = useData<FindingList>(path);
  return (
    <>
      <Shown of={findings}>
        {(data) => (
          <Table
            label={t("findings")} rows={data.findings.map((it, at) => ({ ...it, at }))} id={(it) => it.at}
            columns={[
              { title: t("state"), cell: (it) => <State of={it.severity} /> },
              { title: t("item"), cell: (it) => it.sku },
              { title: t("message"), cell: (it) => <span lang={language}>{it.message}<br /><span className="quiet">{it.advice}</span></span> },
              { title: t("source"), cell: (it) => <Source of={it} /> },
            ]}
          />
        )}
      </Shown>
      <p><a href={`${path.split("?")[0]}.csv`}>CSV</a></p>
    </>
  );
}

function Details({ of }: { of: Import }) {
  const { t, time, number } = useI18n();
  return (
    <>
      <Facts
        of={[
          [t("state"), <State of={of.status} />], [t("mode"), of.mode], [t("created"), time(of.created_at)], [t("ended"), of.finished_at && time(of.finished_at)],
          [t("error"), of.error && `${of.error.code}: ${of.error.detail}`], [t("read"), number(of.counts.read)],
          [t("accepted"), number(of.counts.accepted)], [t("rejected"), number(of.counts.rejected)],
        ]}
      />
      <h3>{t("findings")}</h3>
      {of.findings_count > 0 ? <Findings of={of} /> : <p className="quiet">{t("nothing")}</p>}
    </>
  );
}

function OfCatalog({ catalog }: { catalog: string }) {
  const { t, time, number } = useI18n();
  const root = `/v1/catalogs/${encodeURIComponent(catalog)}/imports`;
  const imports = useData<{ imports: Import[] }>(`${root}?limit=50`, 1000);
  const { told, act } = useAct(imports.reload);
  const left = (it: Import) => [
    it.records_per_second && t("perSecond", { n: number(Math.round(it.records_per_second)) }), it.seconds_left && t("secondsLeft", { n: number(Math.round(it.seconds_left)) }),
  ].filter(Boolean).join(", ");
  return (
    <>
      {told}
      <Shown of={imports}>
        {(data) => (
          <Table
            label={t("imports")} rows={data.imports} id={(it) => it.id}
            columns={[
              { title: t("created"), cell: (it) => time(it.created_at) },
              { title: t("state"), cell: (it) => <State of={it.status} /> },
              { title: t("progress"), cell: (it) => (it.status === "running" ? <><Bar value={it.progress} label={`${t("progress")} ${time(it.created_at)}`} /> {left(it)}</> : <span className="short">{it.error?.detail}</span>) },
              { title: t("read"), isNumber: true, cell: (it) => number(it.counts.read) },
              { title: t("rejected"), isNumber: true, cell: (it) => number(it.counts.rejected) },
              { title: t("findings"), isNumber: true, cell: (it) => number(it.findings_count) },
              { title: t("actions"), cell: (it) => (
                <div className="buttons">
                  <Opens button={t("details")} title={`${t("imports")}: ${catalog}, ${time(it.created_at)}`}>{() => <Details of={it} />}</Opens>
                  {(it.status === "running" || it.status === "queued") && (
                    <Button aria-label={`${t("cancel")}: ${time(it.created_at)}`} onPress={() => void act(() => call<void>(`${root}/${it.id}/cancel`, { method: "POST" }))}>{t("cancel")}</Button>
                  )}
                </div>
              ) },
            ]}
          />
        )}
      </Shown>
    </>
  );
}

export function Imports({ query }: { query: URLSearchParams }) {
  const { t } = useI18n();
  const catalogs = useData<{ catalogs: Catalog[] }>("/v1/catalogs?limit=100", 5000);
  const chosen = query.get("catalog") ?? catalogs.data?.catalogs[0]?.id ?? "";
  useEffect(() => {
    if (chosen && !query.get("catalog")) history.replaceState(null, "", `#/imports?catalog=${encodeURIComponent(chosen)}`);
  }, [chosen, query]);
  return (
    <Shown of={catalogs}>
      {(data) =>
        data.catalogs.length === 0 && !chosen ? <p className="quiet">{t("nothing")}</p> : (
          <>
            <div className="filters">
              <Choice label={t("catalog")} value={chosen} options={data.catalogs.map((it): [string, string] => [it.id, it.id])} onChange={(it) => (location.hash = `#/imports?catalog=${encodeURIComponent(it)}`)} />
            </div>
            <OfCatalog key={chosen} catalog={chosen} />
          </>
        )}
    </Shown>
  );
}
