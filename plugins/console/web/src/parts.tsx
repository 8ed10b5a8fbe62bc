// What the pages are made of.
import { createContext, useCallback, useContext, useEffect, useId, useRef, useState, type ReactNode } from "react";
import { Button, Dialog, DialogTrigger, Heading, Modal, ModalOverlay, ProgressBar } from "react-aria-components";

import { call } from "./api";
import { useI18n } from "./i18n";

/** Whether who is logged in may change something. */
export const MayContext = createContext({ act: false, role: "" });

export type Loaded<T> = { data: T | undefined; error: string; reload: () => void };

/** What a path gives, now and every `everyMs` as long as the page is looked at. */
export function useData<T>(path: string | null, everyMs = 0): Loaded<T> {
  const [state, setState] = useState<{ path: string | null; data?: T; error: string }>({ path, error: "" });
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    if (path === null) return;
    const ends = new AbortController();
    const load = async () => {
      if (document.hidden && everyMs > 0) return;
      try {
        const data = await call<T>(path, { signal: ends.signal });
        setState({ path, data, error: "" });
      } catch (error) {
        if (ends.signal.aborted) return;
        setState((before) => ({ ...(before.path === path ? before : { path }), error: error instanceof Error ? error.message : String(error) }));
      }
    };
    void load();
    const timer = everyMs > 0 ? setInterval(() => void load(), everyMs) : undefined;
    return () => {
      ends.abort();
      clearInterval(timer);
    };
  }, [path, everyMs, asked]);
  const reload = useCallback(() => setAsked((count) => count + 1), []);
  return { data: state.path === path ? state.data : undefined, error: state.error, reload };
}

/** Shows what was loaded, that it is being loaded, or why it was not. */
export function Shown<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ReactNode }) {
  const { t } = useI18n();
  return (
    <>
      <div role="alert">
        {of.error && <p className="alert">{of.error} <Button onPress={of.reload}>{t("retry")}</Button></p>}
      </div>
      {of.data !== undefined ? children(of.data) : !of.error && <p role="status">{t("loading")}</p>}
    </>
  );
}

export type Column<T> = { title: string; cell: (row: T) => ReactNode; isNumber?: boolean };

/** A table that scrolls by itself where it is too wide. Rows that are out of sight are not laid out. */
export function Table<T>({ label, columns, rows, id }: { label: string; columns: Column<T>[]; rows: T[]; id: (row: T) => string | number }) {
  const { t } = useI18n();
  if (rows.length === 0) return <p className="quiet">{t("nothing")}</p>;
  return (
    <div className="table" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>{columns.map((it, at) => <th key={at} scope="col" className={it.isNumber ? "number" : undefined}>{it.title}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)}>
              {columns.map((it, at) => <td key={at} className={it.isNumber ? "number" : undefined}>{it.cell(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function State({ of }: { of: string }) {
  const { word } = useI18n();
  return <span className={`state ${of}`}>{word(of)}</span>;
}

export function Bar({ value, label }: { value: number; label: string }) {
  return (
    <ProgressBar value={value * 100} aria-label={label}>
      {({ valueText }) => <span className="bar"><meter min={0} max={1} value={value} aria-hidden="true" />{valueText}</span>}
    </ProgressBar>
  );
}

type ChoiceProps = { label: string; value: string; options: [string, string][]; onChange: (value: string) => void };

export function Choice({ label, value, options, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <span className="choice">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([it, name]) => <option key={it} value={it}>{name}</option>)}
      </select>
    </span>
  );
}

/** A button that opens a dialog; `children` is told how to close it. */
export function Opens({ button, title, children, isDisabled = false }: { button: string; title: string; children: (close: () => void) => ReactNode; isDisabled?: boolean }) {
  const { t } = useI18n();
  return (
    <DialogTrigger>
      <Button isDisabled={isDisabled} aria-label={button === t("details") ? `${button}: ${title}` : undefined}>{button}</Button>
      <ModalOverlay className="overlay" isDismissable>
        <Modal className="modal">
          <Dialog>
            {({ close }) => (
              <>
                <Heading slot="title">{title}</Heading>
                {children(close)}
                <div className="buttons"><Button onPress={close}>{t("close")}</Button></div>
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}

export type Act = (what: () => Promise<unknown>) => Promise<boolean>;

/** Does something that changes something: what came of it is told to everybody, also to screen readers. */
export function useAct(after: () => void): { told: ReactNode; act: Act } {
  const { t } = useI18n();
  const [told, setTold] = useState({ text: "", isWrong: false });
  const done = useRef(after);
  done.current = after;
  const act = useCallback(async (what: () => Promise<unknown>) => {
    try {
      const said = await what();
      // What the server answered is no text for people.
      setTold({ text: typeof said === "string" ? said : t("done"), isWrong: false });
      done.current();
      return true;
    } catch (error) {
      setTold({ text: error instanceof Error ? error.message : String(error), isWrong: true });
      return false;
    }
  }, [t]);
  return { act, told: <p className={told.isWrong ? "told alert" : "told"} role="status">{told.text}</p> };
}

/** Says why there are no buttons to press. */
export function LooksOnly() {
  const { t } = useI18n();
  const may = useContext(MayContext);
  return may.act ? null : <p className="quiet">{t("notAllowed", { role: may.role })}</p>;
}

/** Pairs of names and values; those without a value are left out. */
export function Facts({ of }: { of: [string, ReactNode][] }) {
  return (
    <dl>
      {of.filter(([, value]) => value !== undefined && value !== null && value !== "").map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}

export const asJson = (value: unknown) => <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>;
