import { useEffect, useState, type FormEvent } from "react";
import { Button, Input, Label, SearchField } from "react-aria-components";

import { call, type Catalog, type Item } from "../api";
import { useI18n } from "../i18n";
import { Opens, Shown, Table, asJson, useAct, useData } from "../parts";

type ItemList = { items: Item[]; next_cursor?: string };

function Items({ catalog }: { catalog: string }) {
  const { t, language } = useI18n();
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const path = `/v1/catalogs/${encodeURIComponent(catalog)}/items?limit=100${asked && `&text=${encodeURIComponent(asked)}`}`;
  const first = useData<ItemList>(path);
  const [further, setFurther] = useState<ItemList>({ items: [] });
  useEffect(() => setFurther({ items: [] }), [path]);
  const { told, act } = useAct(() => undefined);
  const next = further.items.length > 0 ? further.next_cursor : first.data?.next_cursor;
  const more = async () => {
    const page = await call<ItemList>(`${path}&cursor=${encodeURIComponent(next ?? "")}`);
    setFurther((before) => ({ ...page, items: [...before.items, ...page.items] }));
    return "";
  };
  const search = (event: FormEvent) => {
    event.preventDefault();
    setAsked(text.trim());
  };
  const titleOf = (it: Item) => (it.texts.find((one) => one.lang.startsWith(language)) ?? it.texts[0])?.title;
  return (
    <>
      <h2>{t("items")}: {catalog}</h2>
      <form className="filters" onSubmit={search} role="search">
        <SearchField value={text} onChange={setText} onClear={() => setAsked("")}>
          <Label>{t("search")}</Label>
          <Input />
        </SearchField>
      </form>
      {told}
      <Shown of={first}>
        {(data) => (
          <>
            <Table
              label={t("items")} rows={[...data.items, ...further.items]} id={(it) => it.sku}
              columns={[
                { title: "SKU", cell: (it) => it.sku },
                { title: t("title"), cell: titleOf },
                { title: t("brand"), cell: (it) => it.brand },
                { title: t("actions"), cell: (it) => <Opens button={t("details")} title={it.sku}>{() => asJson(it)}</Opens> },
              ]}
            />
            {next && <Button onPress={() => void act(more)}>{t("more")}</Button>}
          </>
        )}
      </Shown>
    </>
  );
}

export function Catalogs({ query }: { query: URLSearchParams }) {
  const { t, time, number } = useI18n();
  const catalogs = useData<{ catalogs: Catalog[] }>("/v1/catalogs?limit=100", 10_000);
  const chosen = query.get("catalog");
  return (
    <>
      <Shown of={catalogs}>
        {(data) => (
          <Table
            label={t("catalogs")} rows={data.catalogs} id={(it) => it.id}
            columns={[
              { title: t("catalog"), cell: (it) => <a href={`#/catalogs?catalog=${encodeURIComponent(it.id)}`}>{it.id}</a> },
              { title: t("items"), isNumber: true, cell: (it) => number(it.item_count) },
              { title: t("updated"), cell: (it) => time(it.updated_at) },
              { title: t("imports"), cell: (it) => <a href={`#/imports?catalog=${encodeURIComponent(it.id)}`} aria-label={`${t("imports")}: ${it.id}`}>{t("imports")}</a> },
            ]}
          />
        )}
      </Shown>
      {chosen && <Items key={chosen} catalog={chosen} />}
    </>
  );
}
