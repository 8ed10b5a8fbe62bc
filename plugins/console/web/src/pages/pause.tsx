// Enabling, and disabling until a time: of tasks and of daemons alike.
import { useContext, useState } from "react";
import { Button, Input, Label, TextField } from "react-aria-components";

import { call } from "../api";
import { useI18n } from "../i18n";
import { MayContext, Opens, type Act } from "../parts";

/** In an hour, as an input for local times wants it. */
function inAnHour(): string {
  const at = new Date(Date.now() + 3_600_000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function Pause({ path, name, until, act }: { path: string; name: string; until: string | undefined; act: Act }) {
  const { t } = useI18n();
  const may = useContext(MayContext);
  const [at, setAt] = useState(inAnHour);
  const say = (disabled_until: string | null) => act(() => call<void>(path, { method: "PATCH", body: { disabled_until } }));
  if (until) {
    return <Button isDisabled={!may.act} onPress={() => void say(null)} aria-label={`${t("enable")}: ${name}`}>{t("enable")}</Button>;
  }
  return (
    <Opens button={t("disable")} title={t("disableTitle", { name })} isDisabled={!may.act}>
      {(close) => (
        <>
          <TextField type="datetime-local" value={at} onChange={setAt} isRequired>
            <Label>{t("until")}</Label>
            <Input />
          </TextField>
          <Button className="primary" isDisabled={at === ""} onPress={() => void say(new Date(at).toISOString()).then((is) => is && close())}>{t("disable")}</Button>
        </>
      )}
    </Opens>
  );
}

export function PauseState({ until }: { until: string | undefined }) {
  const { t, time } = useI18n();
  return until ? <span className="state disabled">{t("disabledUntil", { at: time(until) })}</span> : <span className="state succeeded">{t("enabled")}</span>;
}
