// The platform's REST interface, as the console uses it. What the answers mean is said in /openapi.json.

export type Session = {
  kind: "operator" | "tenant";
  name: string;
  role?: "viewer" | "operator" | "admin";
  tenant?: string;
  csrf_token?: string;
  expires_at?: string;
  version: string;
};
export type Tenant = { tenant: string; state: string; reason?: string; customer?: string; candidate?: string; created_at: string };
export type RunState = "waiting" | "queued" | "running" | "succeeded" | "failed" | "cancelled";
export const RUN_STATES: RunState[] = ["waiting", "queued", "running", "succeeded", "failed", "cancelled"];
export type Task = {
  name: string;
  doc?: string;
  scope: "platform" | "tenant" | "any";
  schedules: number;
  next_at?: string;
  disabled_until?: string;
  runs: Record<RunState, number>;
};
export type Run = {
  id: number;
  task: string;
  tenant?: string;
  state: RunState;
  attempts: number;
  attempts_max: number;
  progress: number;
  note?: string;
  error?: string;
  by: string;
  input: unknown;
  output?: unknown;
  worker?: string;
  is_cancelled: boolean;
  created_at: string;
  due_at: string;
  started_at?: string;
  ended_at?: string;
};
export type RunList = { runs: Run[]; next_before?: number };
export type Intended = { outcome: "started" | "joined" | "queued"; run: Run };
export type DaemonProcess = { address: string; beat_at: string; error?: string; restarts: number; since: string; state: string; worker: string };
export type Daemon = { name: string; doc?: string; disabled_until?: string; processes: DaemonProcess[] };
export type Deployment = { id: number; at: string; by: string; note: string; version: string };
export type Migration = {
  id: string;
  by: string;
  structure: number;
  state: string;
  started_at: string;
  seen_at: string;
  checked: number;
  up_to_date: number;
  migrated: number;
  failed: number;
  remaining: number;
};
export type Catalog = { id: string; item_count: number; created_at: string; updated_at: string };
export type Import = {
  id: string;
  catalog: string;
  status: string;
  mode: string;
  progress: number;
  counts: { read: number; accepted: number; rejected: number; added: number; changed: number; removed: number; unchanged: number };
  findings_count: number;
  error?: { code: string; detail: string } | null;
  created_at: string;
  finished_at?: string;
  records_per_second?: number;
  seconds_left?: number;
};
export type Finding = {
  severity: "error" | "warning";
  code: string;
  message: string;
  advice?: string;
  sku?: string;
  path?: string;
  line?: number;
  column?: number;
  excerpt?: string;
  value?: string;
};
export type Item = { sku: string; texts: { lang: string; title: string; description?: string }[]; brand?: string; status?: string };
export type Hook = {
  id: string;
  key?: string;
  layer: string;
  door: string;
  package: string;
  location: string;
  reason: string;
  shadows?: { id: string; layer: string; door: string; package: string; location: string }[];
};
export type Point = { point: string; arity: string; default: string; is_default: boolean; hooks: Hook[] };
export type Plan = { customer?: string; hash: string; points: Point[] };

/** What the server refused, in its own words (RFC 9457). */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId?: string,
  ) {
    super(message);
  }
}

let csrf: string | undefined;
let onLoggedOut: () => void = () => undefined;

/** Whom to tell that the session has ended. */
export function whenLoggedOut(tell: () => void): void {
  onLoggedOut = tell;
}

type Options = { method?: string; body?: unknown; headers?: Record<string, string>; signal?: AbortSignal };

export async function call<T>(path: string, { method = "GET", body, headers = {}, signal }: Options = {}): Promise<T> {
  const sent: Record<string, string> = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest", ...headers };
  if (method !== "GET" && csrf) sent["X-CSRF-Token"] = csrf;
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, cache: "no-store", headers: sent, body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null });
  if (answer.ok) return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T);
  const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string; title?: string; request_id?: string };
  if (answer.status === 401 && !headers.Authorization) onLoggedOut();
  throw new Refusal(answer.status, problem.code ?? "", problem.detail ?? problem.title ?? answer.statusText, problem.request_id);
}

function remember(session: Session): Session {
  csrf = session.csrf_token;
  return session;
}

export async function logIn(keyId: string, secret: string): Promise<Session> {
  const bytes = new TextEncoder().encode(`${keyId}:${secret}`);
  const basic = btoa(String.fromCharCode(...bytes));
  return remember(await call<Session>("/v1/session", { method: "POST", headers: { Authorization: `Basic ${basic}` } }));
}

export const resume = async (): Promise<Session> => remember(await call<Session>("/v1/session"));

export async function logOut(): Promise<void> {
  await call<void>("/v1/session", { method: "DELETE" });
  csrf = undefined;
}
