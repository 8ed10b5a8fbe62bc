// Texts and the way dates and numbers are written, in the language that the user chose, or else the browser's.
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

import { de } from "./texts/de";
import { en } from "./texts/en";
import { pl } from "./texts/pl";

export type Texts = Record<keyof typeof en, string>;
export type Language = "en" | "de" | "pl";
const ALL: Record<Language, Texts> = { en, de, pl };
export const LANGUAGES: [Language, string][] = [["de", "Deutsch"], ["en", "English"], ["pl", "Polski"]];

type Values = Record<string, string | number>;
export type I18n = {
  language: Language;
  choose: (language: Language) => void;
  t: (key: keyof Texts, values?: Values) => string;
  /** The word for a state that the server named; an unknown one stays as it is. */
  word: (state: string) => string;
  time: (at: string | undefined) => string;
  number: (value: number) => string;
};

const Context = createContext<I18n | null>(null);

function first(): Language {
  const wanted = [localStorage.getItem("language"), ...navigator.languages.map((it) => it.slice(0, 2))];
  return (wanted.find((it) => it !== null && it in ALL) as Language | undefined) ?? "en";
}

export function I18nProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(first);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const value = useMemo<I18n>(() => {
    const texts = ALL[language];
    // As it is written where the user lives, if the browser says.
    const region = navigator.languages.find((it) => it.startsWith(language)) ?? language;
    const times = new Intl.DateTimeFormat(region, { dateStyle: "medium", timeStyle: "medium" });
    const numbers = new Intl.NumberFormat(region);
    return {
      language,
      choose: (chosen) => {
        localStorage.setItem("language", chosen);
        setLanguage(chosen);
      },
      t: (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? "")),
      word: (state) => (texts as Record<string, string>)[`st_${state}`] ?? state,
      time: (at) => (at ? times.format(new Date(at)) : "–"),
      number: (value) => numbers.format(value),
    };
  }, [language]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useI18n(): I18n {
  const value = useContext(Context);
  if (!value) throw new Error("texts are used outside of their provider");
  return value;
}
